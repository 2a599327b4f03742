"""Rows of pit stops: one per entry into the pit lane, cut off at the entry, whatever becomes of the car after it."""

from dataclasses import replace

import pandas as pd
import pytest

from pitwall.domain.keys import STOP
from pitwall.ml.rows import row_kind
from pitwall.testing import check_row_kind
from pitwall.testing.worlds.tiny import corrected, tiny_tables

KIND = row_kind("stop")
CAR = ["race_id", "driver_id"]
LATER = pd.Timestamp("2030-01-01", tz="UTC")


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=1, races=2, cars=8, upcoming=1)


@pytest.fixture(scope="module")
def spine(tables):
    return KIND.spine(tables, "in_race")


def changed(tables, chosen, **columns):
    """Return the tables with other values in some laps."""
    laps = tables["laps"].copy()
    which = laps.eval(chosen)
    assert which.any()
    for name, value in columns.items():
        laps.loc[which, name] = value
    return tables.replace(laps=laps)


def test_every_entry_has_a_row_cut_off_when_the_car_enters(tables, spine):
    into = tables["laps"].query("pit_in_seconds.notna()")
    assert list(spine.columns) == list(KIND.columns)
    assert len(spine) == len(into) > 2
    starts = tables.only("races").as_of()["races"].set_index("race_id")["starts_at"]
    clock = (spine["cutoff"] - spine["race_id"].map(starts)).dt.total_seconds()
    entered = into.set_index(CAR)["pit_in_seconds"].loc[pd.MultiIndex.from_frame(spine[CAR])]
    assert clock.to_numpy() == pytest.approx(entered.to_numpy(), abs=0.001)
    assert (spine["stop"] == 1).all()


def test_entries_of_a_car_are_counted(tables):
    again = changed(tables, "race_id == 1 and driver_id == 2 and lap == 9", pit_in_seconds=800.0)
    own = KIND.spine(again, "in_race").query("race_id == 1 and driver_id == 2")
    assert own["stop"].tolist() == [1, 2]
    assert own["cutoff"].is_monotonic_increasing


def test_what_comes_after_the_entry_makes_no_row_and_takes_none(tables, spine):
    left = tables["laps"]
    entered = left.query("pit_in_seconds.notna()").set_index(CAR)["lap"]
    last = pd.MultiIndex.from_frame(left[CAR]).map(entered.to_dict())
    retired = tables.replace(laps=left[~(left["lap"] > last)])  # no car that came in ever left again
    pd.testing.assert_frame_equal(KIND.spine(retired, "in_race"), spine)
    off = changed(tables, "pit_in_seconds.notna()", seconds=None, place=None, completed=False, compound=None)
    pd.testing.assert_frame_equal(KIND.spine(off, "in_race"), spine)


def test_a_race_under_way_has_the_rows_of_the_entries_that_were_told_and_no_other(tables, spine):
    instant = tables["laps"].query("race_id == 1 and pit_in_seconds.notna()")["known_at"].min()
    told = tables["laps"].query("pit_in_seconds.notna() and known_at <= @instant")
    under_way = KIND.spine(tables.cut(instant + pd.Timedelta(microseconds=1)), "in_race")
    assert len(under_way) == len(told) >= 1
    pd.testing.assert_frame_equal(under_way, spine.merge(under_way[list(STOP)]))


def test_a_correction_moves_no_row(tables, spine):
    moved = corrected(tables, "laps", lambda laps: laps["lap"] < 9, LATER, constructor_id=3, pit_in_seconds=1.0)
    pd.testing.assert_frame_equal(KIND.spine(moved, "in_race"), spine)


def test_an_entry_that_was_told_too_late_asks_nothing(tables, spine):
    laps = tables["laps"].copy()
    late = (laps["race_id"] == 1) & (laps["driver_id"] == 2) & laps["pit_in_seconds"].notna()
    laps.loc[late, "known_at"] += pd.Timedelta(minutes=5)
    left = KIND.spine(tables.replace(laps=laps), "in_race")
    gone = spine.merge(left[list(STOP)], how="left", indicator=True).query("_merge == 'left_only'")
    assert gone[list(STOP)].to_numpy().tolist() == [[1, 2, 1]]


def newest(tables, _stage):
    """The mistake: entries as they were corrected years later."""
    return KIND.make(
        tables.replace(laps=tables.only("laps").as_of()["laps"].assign(known_at=tables["laps"]["known_at"].min())),
        _stage,
    )


def test_the_contract_catches_rows_that_a_correction_moves(tables):
    with pytest.raises(AssertionError, match="a version of laps that was published after its cut-off"):
        check_row_kind(replace(KIND, make=newest), tables)
