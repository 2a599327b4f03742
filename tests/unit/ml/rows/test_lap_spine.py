"""Rows of laps: one per completed lap, cut off where it has just ended, moved by nothing that came later."""

import pandas as pd
import pytest

from pitwall.domain.keys import LAP
from pitwall.domain.when import UTC_US
from pitwall.ml.rows import row_kind
from pitwall.testing import FakeFeatureReader
from pitwall.testing.worlds.tiny import corrected, tiny_tables

KEY = list(LAP)
MICROSECOND = pd.Timedelta(microseconds=1)


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=1, races=2, cars=4, upcoming=1)


@pytest.fixture(scope="module")
def spine(tables):
    return row_kind("lap").spine(tables, "in_race")


def test_every_completed_lap_has_a_row_for_the_one_after_it(tables, spine):
    done = tables["laps"].query("completed")
    assert list(spine.columns) == list(row_kind("lap").columns)
    assert len(spine) == len(done) > 20
    assert not spine.duplicated(KEY).any()
    assert str(spine["cutoff"].dtype) == UTC_US
    assert spine["lap"].min() == 2
    last = done.groupby(["race_id", "driver_id"])["lap"].max() + 1
    assert spine.groupby(["race_id", "driver_id"])["lap"].max().equals(last)
    pd.testing.assert_frame_equal(spine, spine.sort_values(["season", "round", "driver_id", "lap"], ignore_index=True))


def test_a_row_sees_the_lap_that_has_just_ended_and_none_after_it(tables, spine):
    frame = FakeFeatureReader(tables).historical(spine, "lap_time")
    assert (frame["laps_completed"] == frame["lap"] - 1).all()
    done = tables["laps"].rename(columns={"seconds": "drove"}).assign(lap=lambda laps: laps["lap"] + 1)
    seen = frame.merge(done[[*KEY, "drove"]], on=KEY)
    pd.testing.assert_series_equal(seen["last_lap_s"], seen["drove"], check_names=False)
    early = spine.assign(cutoff=spine["cutoff"] - MICROSECOND)
    at_the_line = FakeFeatureReader(tables).historical(early, "lap_time")
    assert not (at_the_line["laps_completed"] == at_the_line["lap"] - 1).any()  # the join is strict


def test_the_rows_of_a_race_under_way_are_those_of_the_whole_race(tables, spine):
    half = tables["laps"].query("race_id == 1")["known_at"].quantile(0.5, interpolation="nearest") + MICROSECOND
    under_way = row_kind("lap").spine(tables.cut(half), "in_race")
    assert 0 < len(under_way) < len(spine)
    expected = spine[spine["cutoff"] <= half].reset_index(drop=True)
    pd.testing.assert_frame_equal(under_way, expected)


def test_a_correction_moves_no_row(tables, spine):
    later = pd.Timestamp("2030-01-01", tz="UTC")
    moved = corrected(
        tables, "laps", lambda laps: laps["lap"] == 3, later, completed=False, constructor_id=3, end_seconds=1.0
    )
    pd.testing.assert_frame_equal(row_kind("lap").spine(moved, "in_race"), spine)


def test_a_lap_that_was_told_too_late_asks_nothing(tables, spine):
    laps = tables["laps"].copy()
    late = (laps["race_id"] == 1) & (laps["driver_id"] == laps["driver_id"].min()) & (laps["lap"] == 3)
    laps.loc[late, "known_at"] += pd.Timedelta(minutes=5)
    left = row_kind("lap").spine(tables.replace(laps=laps), "in_race")
    gone = spine.merge(left[KEY], on=KEY, how="left", indicator=True).query("_merge == 'left_only'")
    assert gone[KEY].to_numpy().tolist() == [[1, laps["driver_id"].min(), 4]]
