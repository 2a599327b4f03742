"""A promotion that is killed at any step, commits of the real registry included, is found done or undone, never half."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from pitwall.adapters.mlflow.store import open_store
from pitwall.domain.params import PromotionParams
from pitwall.domain.project import Project
from pitwall.domain.settings import VARIABLE
from pitwall.ml.registry._rows import recover
from pitwall.ml.registry.promotion import ensure_champion, promote
from pitwall.testing.fakes.kill import left_behind, steps
from pitwall.testing.fakes.versions import passed
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

NAME = "order-pre_race"
ROWS = pd.DataFrame({"race_id": [7, 7], "driver_id": [1, 2], "grid": [1.0, 2.0]})


def two_versions(project: Project) -> None:
    """Register a baseline and a candidate; the baseline is champion."""
    house = Workspace(project)
    tracker, registry = house.tracker, house.registry
    run = tracker.start("pitwall-order", "trains both", {})
    for role in ("baseline", "model"):
        folder = project.root / role
        folder.mkdir()
        (folder / "recipe.json").write_text(json.dumps({"role": role}))
        registry.register(NAME, run, folder, ROWS, {"role": role})
    tracker.finish(run, "FINISHED")
    ensure_champion(registry, house.history, registry.get(NAME, 1))


def promotion(project: Project) -> None:
    house = Workspace(project)
    registry, history = house.registry, house.history
    baseline, candidate = registry.get(NAME, 1), registry.get(NAME, 2)
    promote(registry, history, candidate, baseline, passed(), policy=PromotionParams(approval="auto"))


def look(project: Project) -> None:
    """See that champion, history and head agree once what was cut short is finished."""
    house = Workspace(project)
    registry, history = house.registry, house.history
    recover(registry, history)
    champion = registry.alias(NAME, "champion")
    assert champion is not None
    last = history.rows(NAME)[-1]
    assert last["stages"][str(champion.version)] == "champion"
    assert (last["kind"], champion.version) in (("baseline", 1), ("promoted", 2))
    assert history.verify() == []


def again(project: Project) -> None:
    promotion(project)
    house = Workspace(project)
    assert house.registry.aliases(NAME) == {"champion": 2, "previous": 1}
    assert [row["kind"] for row in house.history.rows()] == ["baseline", "promoted"]
    look(project)


def test_killed_at_any_step_it_is_done_or_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    open_store(Project(tmp_path / "warm"))  # imports here what every child would import for itself
    project = Project(tmp_path / "project")
    project.root.mkdir()
    steps(lambda: two_versions(project), project.root)
    states = left_behind(lambda: promotion(project), project.root, tmp_path / "states")
    assert any(name.startswith("open mlruns/promotions.jsonl") for name in states)
    assert {"commit registered_model_aliases", "commit registered_model_tags"} <= states.keys()
    for state in states.values():  # MLflow keeps absolute addresses: each state is put where it was made
        shutil.rmtree(project.root)
        shutil.move(state, project.root)
        steps(lambda: (look(project), again(project)), project.root)
