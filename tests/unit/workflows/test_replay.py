"""A replayed now: what it looks at, what it refuses, and that nothing it writes passes for an entry of the present."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from pitwall.domain import clock
from pitwall.domain.clock import replaying
from pitwall.domain.errors import ForecastError, UsageError
from pitwall.domain.records.chain import canonical, sealed
from pitwall.domain.records.track_record import record_file, verify
from pitwall.domain.tables import save_tables
from pitwall.ml.data.calendar import next_race, run_races
from pitwall.ml.forecasting.record.hindsight import AS_OF_THEN, refuse_hindsight
from pitwall.ml.forecasting.record.summary import lines
from pitwall.testing.worlds.forecasts import NAME, NEXT, PARAMS, World
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows.forecast import forecast
from pitwall.workflows.record import look
from pitwall.workflows.record.enter import told
from pitwall.workflows.record.score import score

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).resolve().parents[3] / "docs" / "verify_record.py"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("project"))


@pytest.fixture
def workspace(world):
    record_file(world.job.project).unlink(missing_ok=True)
    world.registry.tags.clear()
    save_tables(world.tables, world.job.project.tables)
    return world.workspace()


def start(tables, race=NEXT):
    races = tables["races"].query("season == 2024").set_index("round")
    return races["starts_at"][int(race.removeprefix("2024-"))].to_pydatetime()


@pytest.mark.parametrize(("text", "why"), [("tomorrow", "no instant"), ("2999-01-01", "it is only")])
def test_only_an_instant_that_has_passed_is_replayed(text, why):
    with pytest.raises(UsageError, match=why), replaying(text):
        pass
    assert clock.replayed() is None


def test_within_a_replay_now_is_its_instant_for_child_processes_too_and_the_clock_after_it():
    with replaying("2024-04-12T14:00+02:00"):
        assert clock.now() == datetime(2024, 4, 12, 12, tzinfo=UTC)
        assert os.environ[clock.VARIABLE] == "2024-04-12T12:00:00+00:00"
        assert clock.wall() > clock.now()
    with replaying(""):
        assert clock.replayed() is None


def test_the_next_race_is_the_first_after_now_by_what_was_known_then(world):
    label = [next_race(world.tables, "pre_race", PARAMS, now).label for now in (
        start(world.tables, "2024-02") - timedelta(hours=1), start(world.tables) - timedelta(hours=1), start(world.tables),
    )]  # fmt: skip
    assert label == ["2024-02", NEXT, "2024-05"]
    assert next_race(world.tables, "pre_race", PARAMS, start(world.tables, "2024-06")) is None


def test_a_replayed_row_says_so_everywhere_and_when_it_was_written(world, workspace):
    now = start(world.tables) - timedelta(minutes=30)
    before = clock.wall().replace(microsecond=0)
    with replaying(now.isoformat()):
        stored = forecast(workspace, NAME, provenance={})
    (row,) = workspace.record.rows()
    assert (row["race"], row["at"], row["in_time"], row["replayed"]) == (NEXT, now.isoformat(), True, True)
    assert before <= datetime.fromisoformat(row["written_at"]) <= clock.wall()
    assert stored.made.labels[0] == AS_OF_THEN
    assert json.loads(stored.path.read_text())["made_at"] == now.isoformat()
    assert "in time, replayed" in told(workspace.project, stored.path)
    found = look.verify(workspace)
    assert (found.rows, found.replayed, found.breaks) == (1, 1, ())
    assert {line.replayed for line in lines(workspace.record.rows())} == {True}
    done = subprocess.run([sys.executable, "-I", "-S", SCRIPT, record_file(workspace.project)], capture_output=True, text=True, check=True)  # fmt: skip
    assert "1 rows, 1 replayed, 0 findings" in done.stdout

    whole = record_file(workspace.project).read_text()
    assert "was edited" in verify([whole.strip().replace('"replayed":true,', "")])[0].reason
    forged = {name: value for name, value in row.items() if name not in {"replayed", "hash"}}
    assert "says replayed None" in verify([canonical(sealed(forged, 1, row["prev"]))])[0].reason, "half a mark is none"


def test_a_replay_behind_rows_of_the_present_is_late(world, workspace):
    forecast(workspace, NAME, NEXT, provenance={})
    with replaying((start(world.tables) - timedelta(minutes=30)).isoformat()):
        forecast(workspace, NAME, NEXT, provenance={"git.commit": "other"})
    assert [row["in_time"] for row in workspace.record.rows()] == [False, False]
    assert [row.get("replayed", False) for row in workspace.record.rows()] == [False, True]
    assert look.verify(workspace).breaks == ()


def test_what_nobody_knew_then_is_refused(world, workspace):
    with pytest.raises(ForecastError, match=r"nobody knew 8 rows of grid .* since 2024-04-12T12:00Z"):
        forecast(workspace, NAME, provenance={}, now=start(world.tables) - timedelta(hours=2))
    assert workspace.record.rows() == []
    now = start(world.tables, "2024-02")
    known = len(run_races(world.tables.known(now)))
    for learned in (known, known + 1):
        model, refused = SimpleNamespace(recipe=SimpleNamespace(facts={"races": learned})), learned > known
        says = pytest.raises(ForecastError, match=f"learned from {learned} races, .* only {known} had results")
        with says if refused else nullcontext():
            refuse_hindsight(world.tables, pd.Timestamp(now), model, world.job, now)


def test_a_replay_scores_by_what_was_known_then(world, workspace):
    forecast(workspace, NAME, NEXT, provenance={}, now=start(world.tables) - timedelta(minutes=30))
    save_tables(tiny_tables(seasons=4, races=6, cars=8, upcoming=1), workspace.project.tables)
    assert score(workspace, start(world.tables) + timedelta(hours=4)).rows == (), (
        "results come five hours after the start"
    )
    (row,) = score(workspace, start(world.tables) + timedelta(hours=5)).rows
    assert (row["kind"], row["race"], row["replayed"]) == ("score", NEXT, True)
