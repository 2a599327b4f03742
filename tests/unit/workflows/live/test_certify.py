"""Every prediction of a followed race is that of the batch, whatever the feed did; and the proof finds what would break that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.tables import load_tables
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.live.state.ledger import Ledger
from pitwall.testing.live.project import live_project
from pitwall.testing.worlds.online import only_groups
from pitwall.workflows.live.certify import FEEDS, certify
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

MODELS, RACE = ("lap_time",), "2022-02"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return live_project(tmp_path_factory.mktemp("certify"), models=MODELS)


@pytest.fixture
def workspace(project: Project) -> Iterator[Workspace]:
    with Workspace(project, params=Params()) as opened:
        yield opened


def test_all_six_feeds_give_every_prediction_of_the_batch(workspace: Workspace) -> None:
    found = {each.feed: each for each in certify(workspace, RACE, MODELS)}
    assert set(found) == set(FEEDS)
    assert all(each.holds for each in found.values()), found
    assert found["in order"].rows > 30
    assert found["in order"].revised == 0
    assert found["coarse, then fine sectors"].revised > 0


def test_a_machine_that_drops_corrections_is_found(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    applied = Ledger.apply

    def first_word(self: Ledger, event: Any) -> float | None:
        row = self.rows[event.about.table].get(tuple(map(int, event.key.values())))
        kept = {name: value for name, value in event.values.items() if row is None or name not in row.said}  # noqa: PD011
        return applied(self, replace(event, values=kept))

    monkeypatch.setattr(Ledger, "apply", first_word)
    (found,) = certify(workspace, RACE, MODELS, ["coarse, then fine sectors"])
    assert not found.holds
    assert "lap_time" in found.first


def test_a_feature_that_looks_ahead_is_found(project: Project, workspace: Workspace) -> None:
    real = groups()["lap_pace"]

    def ahead(*given: Any) -> pd.DataFrame:
        rows = real.compute(*given)
        later = rows.sort_values("event_timestamp").groupby(["race_id", "driver_id"])["green_last_s"].shift(-1)
        return rows.assign(green_last_s=later.reindex(rows.index))

    planted = replace(real, compute=ahead)
    path = project.features / "lap_pace.parquet"
    honest = path.read_bytes()
    try:
        with only_groups({**groups(), "lap_pace": planted}):
            tables = load_tables(project.tables, list(planted.reads))
            build_group(planted, tables, Params()).to_parquet(path, index=False, coerce_timestamps="us")
            (found,) = certify(workspace, RACE, MODELS, ["in order"])
    finally:
        path.write_bytes(honest)
    assert not found.holds
