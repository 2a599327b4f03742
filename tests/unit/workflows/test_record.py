"""The track record through a project whose stores are in memory: entered before the start, scored after it, met by people.

One file, because one world is forecast, scored and met by people in all of it.
"""

from __future__ import annotations

import json
import math
import shutil
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace

import pytest

from pitwall import wiring
from pitwall.cli import main
from pitwall.cli._output import console, show_forecast
from pitwall.domain.errors import UsageError
from pitwall.domain.project import Project
from pitwall.domain.records.chain import head, parse
from pitwall.domain.records.track_record import HEAD_TAG, record_file
from pitwall.domain.tables import save_tables
from pitwall.ml.forecasting.answers import store
from pitwall.ml.forecasting.record.summary import lines, sums
from pitwall.testing import FakeRegistry, FakeTracker
from pitwall.testing.fakes.kill import first_of_each, killed, steps
from pitwall.testing.worlds.forecasts import NAME, NEXT, PARAMS, World
from pitwall.testing.worlds.tiny import corrected, tiny_tables
from pitwall.workflows.forecast import WhatIf, forecast
from pitwall.workflows.record import look
from pitwall.workflows.record.duel import duel, hand_in
from pitwall.workflows.record.enter import enter, told
from pitwall.workflows.record.score import score
from pitwall.workflows.record.standing import standings
from pitwall.workflows.workspace import Workspace

pytestmark = pytest.mark.slow

ORIGIN = {"git.commit": "abc"}
AFTER = "2024-05"


def workspace_of(project, world, registry=None):
    clean = SimpleNamespace(stale=lambda _: [], hashes=dict)
    tools = {"tracker": FakeTracker(), "registry": registry or world.registry, "features": world.reader}
    return Workspace(project, params=PARAMS, versions=clean, **tools)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("project"))
    made.later = tiny_tables(seasons=4, races=6, cars=8, upcoming=1)  # two races on
    return made


@pytest.fixture
def workspace(world):
    """A workspace whose record is empty, with a champion since long ago."""
    shutil.rmtree(world.job.project.mlruns, ignore_errors=True)
    shutil.rmtree(world.job.project.reports / "forecasts", ignore_errors=True)
    world.registry.tags.clear()
    save_tables(world.tables, world.job.project.tables)
    made = workspace_of(world.job.project, world)
    with made.history.locked():
        crowned = {"model": NAME, "version": 1, "by": "Ada", "why": "first", "at": "2020-01-01T00:00:00+00:00"}
        made.history.settle(made.history.append("promoted", crowned))
    return made


def start(tables, race=NEXT):
    races = tables["races"].query("season == 2024").set_index("round")
    return races["starts_at"][int(race.removeprefix("2024-"))].to_pydatetime()


def is_of(race, driver, rows):
    return (rows["race_id"] == race) & (rows["driver_id"] == driver)


def ask(workspace, now, race=NEXT, what_if=None):
    return forecast(workspace, NAME, race, what_if, provenance=ORIGIN, now=now)


def shown(workspace):
    return [(line.race, line.state) for line in lines(workspace.record.rows()) if line.question in {"", "race_winner"}]


def test_a_forecast_is_entered_once_before_its_start_and_late_after_it(world, workspace):
    early, late = start(world.tables) - timedelta(minutes=30), start(world.tables)
    made = ask(workspace, early)
    assert ask(workspace, late).path == made.path
    (row,) = workspace.record.rows()
    assert (row["race"], row["model"], row["in_time"], row["what_if"]) == (NEXT, NAME, True, False)
    assert (row["made_at"], row["starts_at"]) == (early.isoformat(), start(world.tables).isoformat())
    assert world.registry.model_tags(NAME)[HEAD_TAG] == head(row)
    assert told(workspace.project, made.path) == f"track record: row 1, in time, replayed; head {row['hash']}"
    ask(workspace, late, "2024-02")
    assert shown(workspace) == [(NEXT, "in time"), ("2024-02", "late")]
    assert look.verify(workspace).breaks == ()


def test_the_newest_in_time_counts_and_a_what_if_does_not(world, workspace, tmp_path):
    entries = tmp_path / "entries.csv"
    drivers = world.tables["drivers"]["name"].tolist()[:6]
    entries.write_text("driver\n" + "\n".join(drivers) + "\n")
    early = start(world.tables) - timedelta(minutes=50)
    ask(workspace, early)
    forecast(workspace, NAME, NEXT, provenance={"git.commit": "newer"}, now=early + timedelta(minutes=10))
    ask(workspace, early + timedelta(minutes=20), what_if=WhatIf(entries))
    assert shown(workspace) == [(NEXT, "replaced"), (NEXT, "in time"), (NEXT, "what-if")]


def test_scores_are_those_of_the_answers_and_a_correction_adds_a_row(world, workspace):
    made = ask(workspace, start(world.tables) - timedelta(minutes=30)).made
    assert score(workspace).rows == (), "no result is known yet"
    save_tables(world.later, workspace.project.tables)
    after = start(world.tables, AFTER) + timedelta(days=1)
    first = score(workspace, after).rows
    assert [(row["kind"], row["race"]) for row in first] == [("score", NEXT), ("missed", AFTER)]
    results = world.later["results"].merge(world.later["races"].query("season == 2024 and round == 4")[["race_id"]])
    winner = int(results.query("place == 1")["driver_id"].item())
    p = {side: next(getattr(row, side) for row in made.rows if row.keys["driver_id"] == winner) for side in ("answers", "baseline")}  # fmt: skip
    scored = first[0]["scores"]["race_winner"]
    assert scored["ours"]["log_loss"] == pytest.approx(-math.log(p["answers"]["race_winner"]), abs=1e-5)
    assert scored["baseline"]["log_loss"] == pytest.approx(-math.log(p["baseline"]["race_winner"]), abs=1e-5)
    assert score(workspace, after).rows == ()

    cars, race = results.set_index("place")["driver_id"], int(results["race_id"].iloc[0])
    swapped = world.later
    for driver, place in ((cars[1], 2), (cars[2], 1)):
        swapped = corrected(swapped, "results", partial(is_of, race, driver), after, place=place)
    save_tables(swapped, workspace.project.tables)
    (again,) = score(workspace, after + timedelta(days=1)).rows
    assert again["kind"] == "score"
    assert again["scores"] != first[0]["scores"]
    assert first[0] in workspace.record.rows()
    (total,) = [each for each in sums(lines(workspace.record.rows())) if each.question == "race_winner"]
    assert (total.races, total.missed, total.score) == (1, 1, again["scores"]["race_winner"]["ours"]["log_loss"])
    assert [line.scored for line in lines(workspace.record.rows()) if line.question == "podium"] == [2]
    assert lines(workspace.record.rows(), season=2023) == []


def test_a_model_without_a_champion_by_the_history_is_due_from_its_first_forecast_on(world, workspace):
    (workspace.project.mlruns / "promotions.jsonl").unlink()
    now = start(world.tables) - timedelta(minutes=30)
    ask(workspace, now, AFTER)
    save_tables(world.later, workspace.project.tables)
    found = {
        (row["kind"], row["race"]) for row in score(workspace, start(world.tables, AFTER) + timedelta(days=1)).rows
    }
    assert found == {("score", AFTER), ("missed", NEXT)}


def test_an_edited_forecast_is_named_and_not_scored_and_a_start_that_was_moved_ahead_counts(world, workspace):
    now = start(world.tables) - timedelta(minutes=30)
    path = ask(workspace, now).path
    whole = path.read_text()
    path.write_text(whole.replace("0.", "1.", 1))
    save_tables(world.later, workspace.project.tables)
    made = score(workspace, start(world.tables, AFTER) + timedelta(days=1))
    assert [(row["kind"], row["race"]) for row in made.rows] == [("missed", AFTER)]
    assert "was edited" in made.left_out[0]
    assert "was edited" in look.verify(workspace).breaks[0].reason
    path.write_text(whole)
    races = world.later["races"]
    moved = races.assign(starts_at=races["starts_at"].where(races["starts_at"] != start(world.tables), now))
    save_tables(world.later.replace(races=moved), workspace.project.tables)
    assert "had begun by the start that is known now" in score(workspace, now + timedelta(days=1)).left_out[0]


def test_truncation_is_found_by_the_registry_and_never_forgotten(world, workspace):
    now = start(world.tables) - timedelta(minutes=30)
    ask(workspace, now)
    ask(workspace, now, AFTER)
    path = record_file(workspace.project)
    kept = parse(path.read_text().splitlines()[1])["hash"]
    path.write_text(path.read_text().splitlines()[0] + "\n")
    assert "cut off or another one" in look.verify(workspace).breaks[0].reason
    ask(workspace, now, "2024-06")
    assert [row["kind"] for row in workspace.record.rows()] == ["forecast", "broken", "forecast"]
    assert "records a break" in look.verify(workspace).breaks[0].reason
    assert "cut off before that row" in look.verify(workspace, kept).breaks[0].reason
    with pytest.raises(UsageError, match="is no head"):
        look.verify(workspace, "12ab")


def test_a_clock_that_went_back_makes_no_row_older_and_a_torn_line_is_cut_off(world, workspace):
    now = start(world.tables) - timedelta(minutes=30)
    ask(workspace, now)
    with record_file(workspace.project).open("a") as stream:
        stream.write('{"kind":"forecast","ra')
    assert "torn" in look.verify(workspace).breaks[0].reason
    ask(workspace, now - timedelta(minutes=10), AFTER)
    assert [row["at"] for row in workspace.record.rows()] == [now.isoformat()] * 2
    assert look.verify(workspace).breaks == ()


def test_an_exported_record_is_verified_without_its_project(world, workspace, tmp_path):
    ask(workspace, start(world.tables) - timedelta(minutes=30))
    kept = look.export(workspace, tmp_path / "exported.jsonl").head
    assert look.verify_file(tmp_path / "exported.jsonl", f"1 {kept}").breaks == ()
    (tmp_path / "exported.jsonl").write_text("")
    assert len(look.verify_file(tmp_path / "exported.jsonl", kept).breaks) == 1
    with pytest.raises(UsageError, match="cannot be read"):
        look.verify_file(tmp_path / "nowhere.jsonl")


def test_a_kill_at_any_step_leaves_a_record_that_goes_on(world, tmp_path):
    made, now = world.forecast(), start(world.tables) - timedelta(minutes=30)
    count = 0

    def work_in(root):
        project = Project(root)
        project.tables.mkdir(parents=True)
        for name in ("races", "results"):
            shutil.copy(world.job.project.tables / f"{name}.parquet", project.tables)
        workspace = workspace_of(project, world, FakeRegistry())
        return workspace, lambda: enter(workspace, store(project, made, now), now=now)

    save_tables(world.tables, world.job.project.tables)
    _, whole = work_in(tmp_path / "whole")
    found = steps(whole, tmp_path / "whole")
    for number in first_of_each(found):
        workspace, work = work_in(tmp_path / str(number))
        killed(work, tmp_path / str(number), number)
        assert look.verify(workspace).breaks == ()
        work()
        work()
        assert [row["in_time"] for row in workspace.record.rows()] == [True], found[number]
        assert look.verify(workspace).breaks == ()
        count += 1
    assert count >= 3, found


def test_the_command_line_tells_all_of_it_and_exits_by_what_it_found(world, workspace, tmp_path, monkeypatch, capsys):
    root = workspace.project.root
    (root / "dvc.yaml").write_text("stages: {}\n")
    (root / "params.yaml").write_text("models: {order: {estimator: grid_frequency, first_season: 2021}}\n")
    monkeypatch.setenv("PITWALL_HOME", str(root))
    monkeypatch.setattr(wiring, "registry", lambda _: world.registry)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["pitwall", "record", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            main()
        return stopped.value.code, "".join(capsys.readouterr())

    assert call("head") == (0, "the record is empty\n")
    path = ask(workspace, start(world.tables) - timedelta(minutes=30)).path
    row = workspace.record.rows()[0]
    assert call("head")[1].startswith(f"{head(row)} 20")
    show_forecast(console(None), workspace.project, path, ["race_winner"])
    assert f"track record: row 1, in time, replayed; head {row['hash']}" in capsys.readouterr().out
    save_tables(world.later, workspace.project.tables)
    assert call("score") == (0, "1 scores and 1 missed forecasts were added\n")
    said = call("show", "--season", "2024")[1]
    assert all(word in said for word in ("in time", "missed", "race_winner", "log_loss"))
    assert call("verify", "--head", row["hash"])[0] == 0
    exported = tmp_path / "exported.jsonl"
    assert "3 rows, 0 findings" in call("export", exported)[1]
    assert call("verify", "--file", exported, "--head", "0" * 64)[0] == 1
    assert call("verify", "--noted", "2024-01-01")[0] == 2
    assert "0 wait for a result" in call("duel", "--as", "Ada")[1]
    record_file(workspace.project).write_text("")
    assert call("verify")[0] == 1


def test_people_are_heard_before_lights_out_only_and_met_on_the_same_cars(world, workspace, tmp_path):
    before = start(world.tables) - timedelta(minutes=30)
    ask(workspace, before)
    names = world.tables["drivers"]["name"].tolist()
    mine, odds = tmp_path / "mine.csv", tmp_path / "odds.csv"
    said = dict(zip(names, (0.5, 0.3, 0.2), strict=False))
    wins = "".join(f"{NEXT},{name},race_winner,{p}\n" for name, p in said.items())
    bad = (
        f"{NEXT},Nobody,race_winner,0.1\n{NEXT},{names[0]},podium,1.7\n{NEXT},{names[1]},podium,0.5\n"
        f"2024-02,{names[0]},race_winner,1\n{NEXT},{names[0]},lap_time,1\n{NEXT},{names[0]},race_winner,0.1\n"
    )
    mine.write_text(f"race,driver,template,probability\n{wins}{bad}")
    handed = hand_in(workspace, mine, "Ada", before)
    assert [row["template"] for row in handed.rows] == ["race_winner"]
    reasons = "\n".join(handed.refused)
    for expected in ("line 5: unknown driver", "line 6: a probability lies between", "line 8: the session", "too late", "line 9: lap_time is no question", "line 10: another line", "podium: the probabilities come to 0.500"):  # fmt: skip
        assert expected in reasons
    assert hand_in(workspace, mine, "Ada", before).rows == (), "the same again is no new row"
    assert hand_in(workspace, mine, "Bob", start(world.tables)).rows == (), "lights are out"
    assert duel(workspace, "Ada") == ([], 1)

    save_tables(world.later, workspace.project.tables)
    entered = world.later["results"].merge(world.later["races"].query("season == 2024 and round == 4")[["race_id"]])
    ids = world.tables["drivers"].set_index("driver_id")["name"]
    quoted = "".join(f"2024,4,{ids[driver]},8.5,{before.isoformat()}\n" for driver in entered["driver_id"])
    odds.write_text(f"season,round,driver,odds,as_of\n{quoted}")
    (fought,), waiting = duel(workspace, "Ada", odds)
    assert waiting == 0
    assert list(fought.scores) == ["Ada", "champion", "baseline", "market"]
    winner = ids[int(entered.query("place == 1")["driver_id"].item())]
    assert fought.scores["Ada"] == pytest.approx(-math.log(max(said.get(winner, 0.0), 1e-9)), abs=1e-4)
    assert fought.scores["market"] == pytest.approx(math.log(8), abs=1e-4)
    stand = standings([fought], "Ada", workspace.params)
    assert [(each.side, each.races) for each in stand] == [
        (side, (NEXT,)) for side in ("champion", "baseline", "market")
    ]
    assert stand[-1].looks[-1].mean == pytest.approx(fought.scores["market"] - fought.scores["Ada"])
    row = json.loads(workspace.record.lines()[1])
    assert (row["by"], row["in_time"]) == ("Ada", True)
    assert "Ada" not in json.dumps(lines(workspace.record.rows()), default=str), (
        "people stand beside, not in, our record"
    )
    with pytest.raises(UsageError, match="--as NAME"):
        hand_in(workspace, mine, " ", datetime.now(UTC))
