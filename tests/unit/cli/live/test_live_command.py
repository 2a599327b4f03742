"""`pitwall live` where nobody draws: a line per answer, JSON lines, one answer, a picture, what servers read; wrong words are told."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest
from rich.console import Console

from pitwall.cli import main
from pitwall.cli.machinery.live import menu
from pitwall.cli.machinery.live.board import Shown, board, percent
from pitwall.cli.machinery.live.keys import Hand
from pitwall.domain.project import Project
from pitwall.live.answer import LiveAnswer
from pitwall.live.control import Control
from pitwall.testing.live.watched import watched
from pitwall.workflows.live import certify as certifying
from pitwall.workflows.live import followed
from pitwall.workflows.live.certify import Certified
from pitwall.workflows.live.course import Course
from pitwall.workflows.live.published import Follower, published

RACE = "2023-12"
ANSWERS = list(watched(RACE, laps=8))


@pytest.fixture
def root(tmp_path, monkeypatch):
    for name in ("dvc.yaml", "params.yaml"):
        (tmp_path / name).write_text("{}\n")
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    asked = {}

    def watch(_workspace, **wishes):
        asked.update(wishes)
        yield from ANSWERS[wishes["control"].sought() or 0 :]

    monkeypatch.setattr(followed, "watch", watch)
    return tmp_path, asked


def call(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["pitwall", "live", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def test_an_answer_is_a_line_and_a_replay_enters_nothing(root, monkeypatch, capsys):
    assert call(monkeypatch, "--race", RACE) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "lap 0/8; racing; VER 79 %, NOR 17 %, HAM 3.5 %, PIA 0.7 %; safety car soon 12 %"
    assert [line.split("/")[0] for line in told[:-1]] == [f"lap {lap}" for lap in range(9)]
    assert told[-1].startswith("a replay: ")
    asked = root[1]
    assert (asked["source"], asked["race"], asked["speed"], asked["every"]) == ("replay", RACE, None, "per_lap")


def test_what_is_entered_into_the_record_has_the_rule_to_beat_beside_it(root, monkeypatch):
    assert call(monkeypatch, "--source", "openf1", "--race", RACE) == 0
    assert root[1].pop("beside") == ("in_race",)
    assert call(monkeypatch, "--race", RACE) == 0 and "beside" not in root[1], "a replay enters nothing"


def test_json_lines_are_the_answers_and_people_read_standard_error(root, monkeypatch, capsys, tmp_path):
    assert call(monkeypatch, "--race", RACE, "--json", "-", "--driver", "ver") == 0
    told = capsys.readouterr()
    assert [LiveAnswer.from_json(json.loads(line)) for line in told.out.splitlines()] == ANSWERS
    assert "VER" in told.err and "NOR" not in told.err
    assert call(monkeypatch, "--race", RACE, "--json", str(tmp_path / "told.jsonl")) == 0
    assert (tmp_path / "told.jsonl").read_text().count("\n") == len(ANSWERS)


def test_once_is_a_table_at_the_lap_that_was_asked_for(root, monkeypatch, capsys):
    assert call(monkeypatch, "--race", RACE, "--once", "--lap", "3") == 0
    told = capsys.readouterr().out
    assert told.count("British Grand Prix 2023-12") == 1 and "lap 3/8" in told
    assert "podium %" in told and "1:30.000" in told


def test_what_servers_read_and_the_picture_are_written(root, monkeypatch, tmp_path):
    picture = tmp_path / "ribbons.png"
    assert call(monkeypatch, "--race", RACE, "--publish", "--picture", str(picture)) == 0
    assert picture.read_bytes()[:4] == b"\x89PNG"
    lines = Follower(published(Project(root[0]))[RACE]).read()
    assert [LiveAnswer.from_json(line.said) for line in lines if line.kind == "answer"] == ANSWERS


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), "no race is named and nobody can be asked; name one with --race"),
        (("--source", "replai"), "did you mean 'replay'?"),
        (("--race", RACE, "--driver", "VRE"), "did you mean 'VER'?"),
    ],
)
def test_wrong_words_are_told(root, monkeypatch, capsys, words, expected):
    assert call(monkeypatch, *words) == 2
    assert expected in " ".join(capsys.readouterr().err.split())


def test_a_feed_that_differs_from_the_batch_is_exit_code_1_and_named(root, monkeypatch, capsys):
    found = [
        Certified("in order", 40, 0, 12, 0),
        Certified("shuffled", 40, 1, 13, 2, "in_race (1, 2): 0x1 live, 0x2 in the batch"),
    ]
    asked = []
    monkeypatch.setattr(
        certifying, "certify", lambda _workspace, race, models: asked.append((race, models)) or found[: len(asked)]
    )
    assert call(monkeypatch, "certify", "--race", RACE, "--model", "in_race") == 0
    assert "equal" in capsys.readouterr().out
    assert call(monkeypatch, "certify", "--race", RACE, "--json", "-") == 1
    told = capsys.readouterr()
    assert [each["holds"] for each in json.loads(told.out)["feeds"]] == [True, False]
    assert "DIFFERS" in told.err and "! shuffled: in_race (1, 2)" in told.err
    assert asked == [(RACE, ["in_race"]), (RACE, ())]


def text(answer, course=None, width=200, **shown):
    screen = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    screen.print(board(answer, course or Course(), Shown(width=width, **shown)))
    return screen.export_text()


def test_what_a_reader_must_know_stands_out_and_nothing_is_made_up():
    silent = replace(ANSWERS[3], notes=("feed silent for 42 s",), withheld=True, answers={})
    silent = replace(silent, cars=tuple(replace(car, answers={}) for car in silent.cars))
    told = text(silent)
    assert "! feed silent for 42 s" in told and "! nothing is answered" in told
    assert "win %" not in told and "safety car within" not in told
    assert "answer revised (2)" in text(replace(ANSWERS[3], revision=2))


def test_a_narrow_terminal_leaves_columns_out_and_never_cuts_one():
    course = Course()
    for answer in ANSWERS:
        course.see(answer)
    wide, narrow = text(ANSWERS[5], course), text(ANSWERS[5], course, width=60)
    assert "team" in wide and "interval" in wide
    assert "team" not in narrow and "win %" in narrow and "…" not in narrow
    assert max(map(len, narrow.splitlines())) <= 60


def test_a_low_terminal_shows_the_first_cars():
    low = text(ANSWERS[5], height=14, keys=True)
    assert low.count("McLaren") + low.count("Red Bull") + low.count("Mercedes") == 3
    assert "digits, Enter" in low and len(low.splitlines()) <= 14


def test_cars_that_stopped_or_were_lapped_are_said_to_be():
    first, second, *others = ANSWERS[5].cars
    cars = (first, replace(second, out=True), *(replace(car, laps=2) for car in others))
    told = text(replace(ANSWERS[5], cars=cars))
    assert "leader" in told and "out" in told and "3 laps" in told


def test_small_chances_have_a_digit_more():
    assert [percent(value) for value in (None, 0.0, 0.004, 0.0991, 0.0999, 0.5, 1.0)] == [
        "",
        "-",
        "0.4",
        "9.9",
        "10",
        "50",
        "100",
    ]


def test_keys_pause_seek_and_set_the_pace():
    control = Control(60.0)
    hand = Hand(control)
    hand.press(" ", 10)
    assert control.paused
    hand.press("p", 10)
    assert not control.paused
    for key, lap in (("left", 9), ("right", 11)):
        hand.press(key, 10)
        assert control.sought() == lap
    for key in ("3", "9", "back", "1", "enter"):
        hand.press(key, 10)
    assert control.sought() == 31 and not hand.typed
    for key in ("4", "q"):
        hand.press(key, 10)
    assert control.sought() is None and not control.stopped, "another key leaves a number"
    hand.press("+", 10)
    assert control.speed == 120.0
    hand.press("-", 10)
    hand.press("-", 10)
    assert control.speed == 30.0
    hand.press("q", 10)
    assert control.stopped


def test_the_menu_asks_for_a_season_and_a_round(monkeypatch):
    races = [("2024-02", "Two"), ("2024-01", "One"), ("2023-10", "Ten"), ("2023-02", "Second")]
    said, asked = iter(["2023", "10"]), []

    def ask(what, *, choices, default, **_):
        asked.append((what, choices, default))
        return next(said)

    monkeypatch.setattr("rich.prompt.Prompt.ask", ask)
    assert menu.choose(races, Console(record=True)) == "2023-10"
    assert asked == [("season", ["2024", "2023"], "2024"), ("round", ["2", "10"], "10")]


def test_a_revised_answer_replaces_what_was_said_of_its_lap():
    course = Course()
    for answer in ANSWERS[:4]:
        course.see(answer)
    before = course.of("VER")
    cars = tuple(replace(car, answers={"race_winner_live": 0.125}) for car in ANSWERS[2].cars)
    course.see(replace(ANSWERS[2], cars=cars, revision=2))
    assert course.of("VER") == [*before[:2], 0.125, before[3]]
    assert course.of("VER", until=1) == before[:2]
    course.see(ANSWERS[7])
    assert course.neutral == {7: "safety car"}
