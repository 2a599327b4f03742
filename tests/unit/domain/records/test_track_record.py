"""Whatever is planted in a record is found, beside a head that was kept elsewhere; a full rewrite is found only so."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.domain.records.chain import GENESIS, canonical, digest, parse, sealed
from pitwall.domain.records.track_record import entered, rows_of, verify

SCRIPT = Path(__file__).resolve().parents[4] / "docs" / "verify_record.py"
BEGAN = datetime(2024, 3, 1, tzinfo=UTC)


def chained(rows):
    made, prev = [], GENESIS
    for seq, row in enumerate(rows, start=1):
        made.append(sealed(row, seq, prev))
        prev = made[-1]["hash"]
    return [canonical(row) for row in made]


def forecast(number, at=None):
    at = at or BEGAN + timedelta(hours=number)
    about = {"race": "2024-01", "stage": "pre_race", "model": "order-pre_race", "version": 2, "role": "champion"}
    row = {"kind": "forecast", **about, "content": f"{number:064d}", "file": "x", "templates": [], "what_if": False}
    return entered({**row, "made_at": at.isoformat(), "starts_at": "2024-03-02T15:00:00+00:00"}, at.isoformat())


def bare(lines):
    """Return the rows as they were before they were chained."""
    return [{key: value for key, value in parse(line).items() if key not in {"seq", "prev", "hash"}} for line in lines]


def _put(lines, place, *new, gone=1):
    return [*lines[:place], *new, *lines[place + gone :]]


def _edited(line):
    return line.replace('"2024-01"', '"2024-02"')


def _with_its_hash(line):
    row = {**parse(line), "race": "2024-02"}
    return canonical({**row, "hash": digest(row)})


def _back_dated(place):
    return forecast(99, BEGAN + timedelta(hours=place, minutes=-30))


PLANTED = {
    "edit": lambda lines, place: _put(lines, place, _edited(lines[place])),
    "edit with its hash": lambda lines, place: _put(lines, place, _with_its_hash(lines[place])),
    "delete": _put,
    "swap": lambda lines, place: _put(lines, max(place - 1, 0), *reversed(lines[max(place - 1, 0) :][:2]), gone=2),
    "repeat": lambda lines, place: _put(lines, place, lines[place], gone=0),
    "truncate": lambda lines, place: lines[:place],
    "insert back-dated": lambda lines, place: chained(_put(bare(lines), place, _back_dated(place), gone=0)),
    "rewrite": lambda lines, place: chained(bare(_put(lines, place, _edited(lines[place])))),
}


def plant(what, lines, place):
    return PLANTED[what](lines, place)


@st.composite
def attacks(draw):
    lines = chained([forecast(number) for number in range(draw(st.integers(2, 9)))])
    head = draw(st.integers(0, len(lines) - 1))
    return lines, head, draw(st.sampled_from(list(PLANTED))), draw(st.integers(0, head))


@given(attacks())
def test_whatever_is_planted_in_rows_that_a_head_covers_is_found(attack):
    lines, head, what, place = attack
    kept = parse(lines[head])["hash"]
    assert verify(lines, kept) == []
    assert verify(plant(what, lines, place), kept), f"{what} at row {place + 1} of {len(lines)}"


def test_a_full_rewrite_is_found_by_no_record_alone_and_by_any_outside_head():
    lines = chained([forecast(number) for number in range(4)])
    forged = plant("rewrite", lines, 1)
    assert verify(forged) == [], "this is the limit of a chain, and docs/record.md says so"
    assert "cut off before that row, or written anew" in verify(forged, parse(lines[1])["hash"])[0].reason


def test_what_stands_behind_a_head_is_covered_by_a_later_head_only():
    lines = chained([forecast(number) for number in range(4)])
    early, late = (parse(lines[place])["hash"] for place in (1, 3))
    assert verify(lines[:3], early) == []
    assert verify(lines[:3], late)


def test_a_row_that_is_appended_back_dated_is_found_by_the_row_before_or_by_when_the_head_was_noted():
    lines = chained([forecast(number) for number in range(3)])
    kept = parse(lines[-1])["hash"]
    before, after = (BEGAN + timedelta(hours=hours) for hours in (1, 3))
    assert any("back-dated" in each.reason for each in verify(chained([*bare(lines), forecast(9, before)])))
    forged = chained([*bare(lines), forecast(9, after)])
    assert verify(forged, kept) == []
    noted = BEGAN + timedelta(hours=5)
    assert "stands behind a head that was noted" in verify(forged, kept, noted)[0].reason


def test_a_late_row_that_says_in_time_is_found():
    late = forecast(0, BEGAN + timedelta(days=9))
    assert late["in_time"] is False
    assert forecast(0, datetime(2024, 3, 2, 15, tzinfo=UTC))["in_time"] is False, "at the start is too late"
    assert verify(chained([late])) == []
    assert "its instants do not" in verify(chained([{**late, "in_time": True}]))[0].reason


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"starts_at": "soon"}, "its instants are none"),
        ({"starts_at": 7}, "its instants are none"),
        ({"at": "2024-03-01T05:00:00+05:00"}, "its instant is"),
        ({"at": None}, "its instants are none"),
        ({"kind": "novel"}, "its kind is 'novel'"),
        ({"kind": ["forecast"]}, "its kind is"),
        ({"kind": "score"}, "it lacks scores"),
        ({"kind": "broken"}, "it lacks findings"),
    ],
)
def test_a_row_that_says_nothing_is_named_and_stops_nobody(wrong, said):
    lines = chained([forecast(0), {**forecast(1), **wrong}, forecast(2)])
    assert [each.reason for each in verify(lines)] == [each.reason for each in verify(lines) if said in each.reason]
    assert len(verify(lines)) == 1
    assert len(rows_of(lines)) == 2


def test_a_number_that_json_lacks_is_no_row():
    assert verify(['{"seq":1,"prev":NaN,"hash":"","at":"","kind":"x"}'])


def ask(path, *words):
    done = subprocess.run(
        [sys.executable, "-I", "-S", SCRIPT, path, *words], capture_output=True, text=True, check=False
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def test_the_strangers_script_is_short_and_finds_what_is_planted_without_this_package(tmp_path):
    assert len(SCRIPT.read_text().splitlines()) <= 30
    lines, path = chained([forecast(number) for number in range(5)]), tmp_path / "exported.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines))
    kept = parse(lines[3])["hash"]
    assert ask(path, kept) == (0, f"5 rows, 0 replayed, 0 findings; head {parse(lines[-1])['hash']}\n")
    for what in PLANTED:
        path.write_text("".join(f"{line}\n" for line in plant(what, lines, 2)))
        assert ask(path, kept)[0] == 1, what
    path.write_text("".join(f"{line}\n" for line in plant("rewrite", lines, 2)))
    assert ask(path)[0] == 0, "without a head nobody can see that"
    path.write_text("nonsense\n" + lines[0])
    assert ask(path)[0] == 1


@pytest.mark.parametrize("extra", ["0" * 64, "", "2024-02-01"])
def test_the_strangers_script_agrees_with_verify(tmp_path, extra):
    lines, path = chained([forecast(number) for number in range(2)]), tmp_path / "exported.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines))
    assert ask(path, extra)[0] == (1 if verify(lines, extra) else 0)
