"""Pace and traffic of a car at the end of a lap, checked by hand."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.params import Params
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.shared.green_window import last_known, median_of_known
from pitwall.testing.worlds.driven import driven_race as race
from pitwall.testing.worlds.tiny import tiny_tables


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=1, races=2, cars=4)


def of(name, world, driver, **settings):
    rows = build_group(groups()[name], world, Params(features={name: settings}))
    return rows[rows["driver_id"] == driver].sort_values("event_timestamp", ignore_index=True)


def test_the_pace_is_the_median_of_the_last_green_laps(tables):
    pits = [[np.nan, np.nan, np.nan, 365.0, np.nan, np.nan]]
    world = race(tables, [95.0, 90.0, 92.0, 99.0, 89.0, 88.0], pit_in_seconds=pits)
    rows = of("lap_pace", world, 1)
    # green: 90, 92, 89, 88 (neither the first lap nor the one into the pits)
    np.testing.assert_allclose(rows["green_median_5"], [np.nan, 90, 91, 91, 90, 89.5])
    np.testing.assert_allclose(rows["green_last_s"], [np.nan, 90, 92, 92, 89, 88])
    np.testing.assert_allclose(rows["green_diff_2"], [np.nan, np.nan, -1, -1, 2, -0.5])
    np.testing.assert_allclose(rows["last_lap_diff"], [np.nan, 0, 1, 8, -1, -1.5])
    np.testing.assert_allclose(rows["race_best_diff"], [np.nan, 0, -1, -1, -1, -1.5])
    assert rows["laps_since_green"].tolist()[1:] == [0, 0, 1, 0, 0]
    assert rows["last_lap_green"].tolist() == [0, 1, 1, 0, 1, 1]
    assert rows["stint_green_laps"].tolist() == [0, 1, 2, 2, 3, 4]


def test_a_stint_begins_anew(tables):
    world = race(tables, [95.0, 90.0, 91.0, 92.0, 93.0], stint=[[1, 1, 1, 2, 2]])
    rows = of("lap_pace", world, 1)
    assert rows["stint_laps"].tolist() == [1, 2, 3, 1, 2]
    np.testing.assert_allclose(rows["stint_best_diff"], [np.nan, 0, -0.5, 1, 0.5])
    np.testing.assert_allclose(rows["race_best_diff"], [np.nan, 0, -0.5, -1, -1.5])


def test_a_sector_is_held_against_the_usual_one(tables):
    world = race(tables, [95.0, 90.0, 91.0, 92.0], sector_2=[[40.0, 30.0, 31.0, 33.0]])
    np.testing.assert_allclose(of("lap_pace", world, 1)["sector_2_diff"], [np.nan, 0, 0.5, 2])
    few = of("lap_pace", world, 1, measured_laps=2)["sector_2_diff"]
    np.testing.assert_allclose(few, [np.nan, 0, 0.5, 1])


def test_a_car_is_seen_with_those_before_and_behind_it(tables):
    leader, chaser = [90.0, 90.0, 90.0, 90.0], [92.0, 91.0, 90.5, 90.0]
    world = race(tables, leader, chaser)
    rows = of("lap_traffic", world, 2)
    np.testing.assert_allclose(rows["track_gap_ahead"], [2, 3, 3.5, 3.5])
    np.testing.assert_allclose(rows["gap_ahead_change"], [np.nan, 1, 0.5, 0])
    np.testing.assert_allclose(rows["ahead_pace_diff"], [np.nan, -1, -0.75, -0.5])
    np.testing.assert_allclose(rows["track_ahead_laps"], [0, 0, 0, 0])
    np.testing.assert_allclose(rows["leader_behind"], [np.nan, 87, 86.5, 86.5])
    ahead = of("lap_traffic", world, 1)
    # a lap ago car 2 crossed 2, 3 and 3.5 s later; its pace was unknown, 91, 90.75 then
    np.testing.assert_allclose(ahead["track_gap_behind"], [np.nan, 2, 4, 4.25])
    assert ahead["lap_up_gap_behind"].isna().all()


def test_a_car_that_comes_to_lap_is_told(tables):
    quick, slow = [60.0] * 9, [88.0, 88.0, 88.0, 88.0, 88.0]
    rows = of("lap_traffic", race(tables, quick, slow), 2)
    # lap 2 ended at 176; after it the leader crossed at 180 on its third lap, and comes again at 240, 24 s before lap 3 ends
    assert rows["track_ahead_laps"].tolist() == [0, 0, 1, 1, 2]
    np.testing.assert_allclose(rows["lap_up_gap_behind"][[1, 2]], [-56 + 60, -24])


def test_the_field_tells_how_the_track_has_changed(tables):
    world = race(tables, [95.0, 90.0, 90.0, 92.0], [96.0, 91.0, 91.0, 93.5])
    rows = of("lap_traffic", world, 2, shift_few=2)
    # newest two shifts at the end of each lap of car 2: lap 3 (0, 0), lap 4 (+2, +2.5)
    np.testing.assert_allclose(rows["field_shift_few"], [np.nan, np.nan, 0, 2.25])
    np.testing.assert_allclose(rows["field_pace_diff"], [np.nan, -0.5, -0.5, 0])
    far = of("lap_traffic", race(tables, [95.0, 90.0, 90.0, 99.0], [96.0, 91.0, 91.0, 99.0]), 2, shift_few=2)
    assert far["field_shift_few"].tolist()[-1] == 0.0  # nine seconds off had a reason of their own


def test_the_last_known_values_skip_gaps_and_keep_to_their_car():
    rows = pd.DataFrame({"car": [1, 2, 1, 2, 1]})
    values = pd.Series([1.0, np.nan, np.nan, 5.0, 3.0])
    found = last_known(rows, values, ["car"], 2)
    np.testing.assert_array_equal(found, [[np.nan, 1], [np.nan, np.nan], [np.nan, 1], [np.nan, 5], [1, 3]])
    np.testing.assert_array_equal(median_of_known(found), [1, np.nan, 1, 5, 2])
    assert last_known(rows.head(0), values.head(0), ["car"], 2).shape == (0, 2)
