"""What was served, held against the offline store: nothing to say of what is the same, an alarm of one value that is not."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.clock import replaying
from pitwall.ml.forecasting.input_log import FOLDER as INPUTS
from pitwall.testing.worlds.forecasts import NAME, NEXT, World
from pitwall.workflows.forecast import forecast
from pitwall.workflows.monitoring import skew as monitored
from pitwall.workflows.monitoring.skew import alarms, skew
from pitwall.workflows.serving.asked import Rows
from pitwall.workflows.serving.prediction_log import FOLDER, PredictionLog
from pitwall.workflows.workspace import Workspace


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def start(world: World, race: str = NEXT) -> datetime:
    races = world.tables["races"]
    found = races[(races["season"] == int(race[:4])) & (races["round"] == int(race[5:]))]["starts_at"].iloc[0]
    instant: datetime = found.to_pydatetime()
    return instant


def told(world: World, at: datetime) -> tuple[Workspace, datetime]:
    """Forecast the next race half an hour before its start, by a clock that is replayed."""
    workspace = world.workspace()
    with replaying(at.isoformat()):
        forecast(workspace, NAME, NEXT, provenance={"git.commit": "abc"})
    return workspace, at + timedelta(days=2)


def answered(world: World, race: str, at: datetime, **cell: float) -> None:
    """Let a server's log hold an answer about a race that was run, made from its frame; `cell` changes the first car's values."""
    frame = pd.read_parquet(world.job.frame_path)
    races = world.tables["races"]
    number = races[(races["season"] == int(race[:4])) & (races["round"] == int(race[5:]))]["race_id"].iloc[0]
    own = frame[frame["race_id"] == number].reset_index(drop=True)
    facts = {"race": {"label": race}, "stage": "pre_race", "cutoff": own["cutoff"].max().isoformat(), "vintage": ""}
    for name, value in cell.items():
        own.loc[0, name] = value
    champion = SimpleNamespace(job=world.job, version=1, about={"content": "abc"})
    vectors = SimpleNamespace(digest=f"{race}{cell}", facts=facts, frame=own)
    asked = SimpleNamespace(name="race_winner", champion=champion, vectors=vectors, given=None)
    log = PredictionLog(world.job.project)
    log.write(asked, Rows(own, [], (), True, range(len(own))), "request", "", at)  # type: ignore[arg-type]
    log.close()


def test_forecasts_from_the_same_values_raise_nothing_and_an_edited_one_does(world: World) -> None:
    workspace, later = told(world, start(world) - timedelta(minutes=30))
    found = skew(workspace, later)
    assert found.forecasts is not None
    assert (found.forecasts.vectors, found.forecasts.differing, alarms(found)) == (1, 0, [])
    assert found.forecasts.compared > 0

    (entry,) = (workspace.project.state / INPUTS).glob("*/*.json")
    content = json.loads(entry.read_text())
    value = float.fromhex(content["features"]["grid"][0])
    content["features"]["grid"][0] = float(np.nextafter(value, np.inf)).hex()
    entry.write_text(json.dumps(content))
    (alarm,) = alarms(skew(workspace, later))
    assert (alarm.kind, alarm.subject, alarm.cause) == ("drift", f"{NAME} v2", f"skew, {NEXT}")
    assert "grid" in alarm.text


def test_a_server_that_answered_from_other_values_is_found_by_its_log(world: World) -> None:
    at = start(world)
    workspace = world.workspace()
    answered(world, "2024-02", at)
    found = skew(workspace, at)
    assert found.answers is not None
    assert (found.answers.vectors, found.answers.differing, found.left_out) == (1, 0, {})
    assert found.answers.compared > 0
    answered(world, "2024-03", at, grid=3.0000000000000004)
    assert [each.cause for each in alarms(skew(workspace, at))] == ["skew, 2024-03"]


def test_only_the_last_weeks_are_replayed_and_what_cannot_be_is_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = start(world)
    workspace = world.workspace()
    answered(world, "2024-02", at, grid=99.0)
    assert skew(workspace, at + monitored.BACK + timedelta(days=1)).answers is None
    (log,) = (workspace.project.state / FOLDER).glob("*.jsonl")
    old = [json.loads(line) for line in log.read_text().splitlines() if line]
    log.write_text("".join(json.dumps({k: v for k, v in line.items() if k != "ids"}) + "\n" for line in old))
    found = skew(workspace, at)
    assert (found.answers, found.left_out) == (None, {monitored.NO_KEYS: 1})
    answered(world, "2024-03", at, race_id=77)
    assert skew(workspace, at).left_out == {monitored.NO_KEYS: 1, monitored.ELSEWHERE: 1}
