"""Tests of two versions in the track record: who answers a race, which races count, and what is found changed."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pitwall.domain.records.ab_races import declared, races_of, running
from pitwall.domain.records.ab_rows import DeclaredTest, arm_of, failed_row, start_row, stop_row
from pitwall.domain.records.chain import GENESIS, canonical, sealed
from pitwall.domain.records.track_record import rows_of, verify

SCRIPT = Path(__file__).resolve().parents[4] / "docs" / "verify_record.py"
TEST = DeclaredTest("order-pre_race", 2, 3, 0.3, "race_winner", "log_loss", 1.0, 0.05, "salt", "")
START, BETWEEN, STOP = "2024-03-01T10:00:00+00:00", "2024-03-10T10:00:00+00:00", "2024-04-01T10:00:00+00:00"


def chained(rows):
    lines, prev = [], GENESIS
    for seq, row in enumerate(rows, start=1):
        made = sealed({name: value for name, value in row.items() if name not in {"seq", "prev", "hash"}}, seq, prev)
        lines.append(canonical(made))
        prev = made["hash"]
    return lines


def forecast(race, starts_at, role="champion", version=2, content="", **other):
    row = {"kind": "forecast", "race": race, "stage": "pre_race", "model": TEST.model, "version": version, "role": role}
    row |= {"templates": ["race_winner"], "file": "f.json", "content": content or f"{race}{role}", "made_at": START}
    return row | {"starts_at": starts_at, "in_time": True, "what_if": False, "at": START, **other}


def score(race, role, loss):
    said = {"race_winner": {"ours": {"log_loss": loss}, "baseline": {"log_loss": 2.0}}}
    row = {
        "kind": "score",
        "race": race,
        "stage": "pre_race",
        "model": TEST.model,
        "version": 2,
        "content": f"{race}{role}",
    }
    return row | {"scores": said, "at": BETWEEN}


def begun(at=START, test=TEST):
    return start_row(test, "Ada", "try it") | {"at": at}


def test_a_race_has_one_arm_and_arms_have_their_share():
    races = [f"{season}-{number:02d}" for season in range(1950, 2050) for number in range(1, 25)]
    share = sum(arm_of("salt", TEST.model, race, 0.3) == "challenger" for race in races) / len(races)
    assert share == pytest.approx(0.3, abs=0.03)
    assert {arm_of("salt", TEST.model, race, 0.0) for race in races} == {"champion"}
    assert {arm_of("salt", TEST.model, race, 1.0) for race in races} == {"challenger"}
    assert all(TEST.arm(race) == arm_of("salt", TEST.model, race, 0.3) for race in races)
    other = [arm_of("pepper", TEST.model, race, 0.3) for race in races]
    assert other != [TEST.arm(race) for race in races], "another salt divides them in another way"
    wider = [arm_of("salt", TEST.model, race, 0.5) for race in races]
    assert all(two == "challenger" for one, two in zip(map(TEST.arm, races), wider, strict=True) if one == "challenger")


def test_a_test_runs_from_its_row_until_that_of_its_end():
    (test,) = declared(rows_of(chained([begun()])))
    assert (test.row, test.at, test.ended, test.version("challenger")) == (1, START, "", 3)
    assert running(rows_of(chained([begun()])), TEST.model) == test and running([], TEST.model) is None
    rows = rows_of(chained([begun(), stop_row(test, "Ada", "done") | {"at": STOP}]))
    assert running(rows, TEST.model) is None
    assert (declared(rows)[0].ended, declared(rows)[0].why) == (STOP, "done")
    assert declared(rows, "order-pre_weekend") == []


def test_races_count_by_session_version_role_and_what_was_in_time():
    early, inside, late = "2024-02-28T10:00:00+00:00", "2024-03-05T10:00:00+00:00", "2024-04-02T10:00:00+00:00"
    rows = chained(
        [
            begun(),
            forecast("2024-01", early), forecast("2024-01", early, "challenger", 3),
            forecast("2024-02", inside), forecast("2024-02", inside, "challenger", 3),
            forecast("2024-03", inside), forecast("2024-03", inside, "challenger", 4),
            forecast("2024-04", inside), forecast("2024-04", inside, "challenger", 3, in_time=False, at=BETWEEN),
            forecast("2024-05", inside), forecast("2024-05", inside, "challenger", 3, what_if=True),
            forecast("2024-06", late), forecast("2024-06", late, "challenger", 3),
            forecast("2024-07", inside, version=1), forecast("2024-07", inside, "challenger", 3),
            score("2024-02", "champion", 1.5), score("2024-02", "challenger", 1.2), score("2024-03", "champion", 1.0),
        ]
    )  # fmt: skip
    rows = rows_of(rows)
    test = replace(declared(rows)[0], ended=STOP)
    found = {race.race: race for race in races_of(rows, test)}
    states = {race: each.state for race, each in found.items()}
    assert states == {
        "2024-02": "counts",
        "2024-03": "one arm",
        "2024-04": "one arm",
        "2024-05": "one arm",
        "2024-07": "one arm",
    }
    assert found["2024-02"].difference == pytest.approx(0.3), "above zero the challenger was better"


def test_a_failed_arm_is_told_with_its_race():
    rows = rows_of(chained([begun()]))
    test = declared(rows)[0]
    about = {"model": TEST.model, "race": "2024-02", "stage": "pre_race", "version": 3, "role": "challenger"}
    failed = failed_row(test, about, "a file is gone") | {"at": START}
    rows = rows_of(chained([begun(), forecast("2024-02", "2024-03-05T10:00:00+00:00"), failed]))
    (race,) = races_of(rows, declared(rows)[0])
    assert (race.state, race.failed) == ("one arm", {"challenger": "a file is gone"})


def test_an_edited_split_is_found_by_verify_and_by_the_script_for_strangers(tmp_path):
    lines = chained([begun(), forecast("2024-02", "2024-03-05T10:00:00+00:00")])
    assert verify(lines) == []
    edited = [lines[0].replace('"split":0.3', '"split":0.6'), *lines[1:]]
    assert edited != lines
    assert "does not" in verify(edited)[0].reason
    path = tmp_path / "record.jsonl"
    for content, wrong in ((lines, 0), (edited, 1)):
        path.write_text("".join(f"{line}\n" for line in content))
        assert subprocess.run([sys.executable, "-I", "-S", SCRIPT, path], check=False).returncode == wrong


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"split": 1.5}, "its split is 1.5"),
        ({"alpha": 0}, "its alpha 0"),
        ({"bound": -1}, "its bound -1"),
        ({"event": "pause"}, "its event is 'pause'"),
        ({"event": "stop"}, "it lacks test"),
    ],
)
def test_a_row_that_declares_nothing_is_named(wrong, said):
    (found,) = verify(chained([begun() | wrong]))
    assert said in found.reason


def test_two_tests_of_a_model_at_once_are_named():
    lines = chained([begun(), begun(BETWEEN)])
    assert [each.reason for each in verify(lines)] == ["row 2 starts a test of order-pre_race while that of row 1 runs"]
    other = begun(BETWEEN, replace(TEST, model="order-pre_weekend"))
    assert verify(chained([begun(), other])) == []
    first = declared(rows_of(chained([begun()])))[0]
    assert verify(chained([begun(), stop_row(first, "Ada", "x") | {"at": BETWEEN}, begun(BETWEEN)])) == []
