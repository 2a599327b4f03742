"""Drift through a project whose stores are in memory: its rows, its champion, its forecasts."""

from __future__ import annotations

import json
import sys
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from pitwall.cli import main
from pitwall.domain.errors import ForecastError, StageError, UsageError
from pitwall.domain.params import ModelParams, Params
from pitwall.domain.sections.monitoring import ModelMonitoring, MonitoringParams
from pitwall.domain.tables import save_tables
from pitwall.testing import FakeRegistry
from pitwall.testing.worlds.forecasts import NAME, World
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows.forecast import forecast
from pitwall.workflows.monitoring.drift import NothingYet, drift

pytestmark = pytest.mark.slow

WATCH = MonitoringParams(rule_changes=(), opener_races=1)


def params(**own):
    order = ModelParams(estimator="grid_frequency", first_season=2021, monitoring=ModelMonitoring(**own))
    return Params(models={"order": order}, monitoring=WATCH)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("project"))
    made.whole = pd.read_parquet(made.job.project.frame(NAME))
    return made


def framed(world, moved=0.0):
    """Give the frame a feature that no group ships, other than before from the second race of 2024 on."""
    rng = np.random.default_rng(2)
    frame = world.whole.assign(tyre_heat=rng.normal(0, 1, len(world.whole)))
    frame.loc[(frame["season"] == 2024) & (frame["round"] > 1), "tyre_heat"] += moved
    frame.to_parquet(world.job.project.frame(NAME), index=False)


def test_races_since_are_held_against_the_seasons_that_the_champion_learned_from(world):
    framed(world)
    report = drift(world.workspace(params()), NAME)
    assert report.model == NAME
    assert report.reference.startswith("2021-2023 of data ")
    assert report.races == ["2024-01", "2024-02", "2024-03"]
    assert report.exempt == {"2024-01": "opener of the season"}
    assert "cannot move" in report.not_monitored["grid"]
    assert [each.name for each in report.features if each.group == "own features"] == ["tyre_heat"]
    assert report.alarms == []
    assert list(report.psi_by_race.index) == report.races


def test_what_moved_is_an_alarm_and_only_of_the_races_known_by_then(world):
    framed(world, moved=4.0)
    report = drift(world.workspace(params()), NAME)
    assert [(alarm.subject, alarm.cause) for alarm in report.alarms] == [("own features", "tyre_heat")]
    starts = world.tables["races"].query("season == 2024").set_index("round")["starts_at"]
    early = drift(world.workspace(params()), NAME, now=(starts[2] - timedelta(hours=1)).to_pydatetime())
    assert early.races == ["2024-01"]
    assert early.alarms == []


def test_a_model_may_have_features_that_are_not_looked_at_or_none(world):
    framed(world, moved=4.0)
    report = drift(world.workspace(params(ignore=("tyre_heat",))), NAME)
    assert "monitoring.ignore" in report.not_monitored["tyre_heat"]
    assert report.alarms == []
    with pytest.raises(UsageError, match="enabled: false"):
        drift(world.workspace(params(enabled=False)), NAME)


def test_without_a_champion_or_seasons_there_is_nothing_to_hold_against(world):
    with pytest.raises(ForecastError, match="no champion"):
        drift(world.workspace(params(), registry=FakeRegistry()), NAME)
    framed(world)
    frame = pd.read_parquet(world.job.project.frame(NAME))
    frame[frame["season"] >= 2023].to_parquet(world.job.project.frame(NAME), index=False)
    with pytest.raises(StageError, match="completed seasons"):
        drift(world.workspace(params()), NAME)


def test_forecasts_in_time_are_held_against_their_results(world):
    world.whole.to_parquet(world.job.project.frame(NAME), index=False)
    workspace = world.workspace(params())
    start = world.tables["races"].query("season == 2024").set_index("round")["starts_at"][4]
    forecast(workspace, NAME, provenance={}, now=(start - timedelta(hours=0.5)).to_pydatetime())
    assert drift(workspace, NAME).calibration == []
    save_tables(tiny_tables(seasons=4, races=6, cars=8, upcoming=2), world.job.project.tables)
    told = drift(workspace, NAME)
    save_tables(world.tables, world.job.project.tables)
    assert told.races[-1] == "2024-04"
    assert {each.name for each in told.calibration} == {"race_winner", "podium", "points"}
    assert all(0 < each.e_value < 10 for each in told.calibration)


def test_the_command_shows_alarms_first_and_draws(world, monkeypatch, tmp_path, capsys):
    framed(world, moved=4.0)
    monkeypatch.setattr("pitwall.workflows.workspace.Workspace", lambda: world.workspace(params()))
    picture = tmp_path / "drift.png"
    monkeypatch.setattr(sys, "argv", ["pitwall", "drift", NAME, "--json", "-", "--all", "--picture", str(picture)])
    with pytest.raises(SystemExit) as left:
        main()
    assert not left.value.code
    said = capsys.readouterr()
    assert json.loads(said.out)["alarms"][0]["cause"] == "tyre_heat"
    lines = said.err.splitlines()
    assert lines[1].startswith("ALARM 2024-0")
    assert any("grid: its race mean cannot move" in line for line in lines)
    assert picture.read_bytes()[:4] == b"\x89PNG"


def test_between_two_seasons_there_is_nothing_to_watch_and_that_is_no_fault(world, monkeypatch, capsys):
    framed(world)
    before = "2024-01-15T00:00Z"
    with pytest.raises(NothingYet, match="no race was run since the champion"):
        drift(world.workspace(params()), NAME, pd.Timestamp(before).to_pydatetime())
    monkeypatch.setattr("pitwall.workflows.workspace.Workspace", lambda: world.workspace(params()))
    monkeypatch.setattr(sys, "argv", ["pitwall", "drift", NAME, "--now", before, "--json", "-"])
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr()
    assert not left.value.code and "nothing is watched yet" in said.err
    assert json.loads(said.out) == {"model": NAME, "races": [], "alarms": []}
