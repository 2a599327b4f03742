"""Gaps some laps on, gaps at the finish, and stops within three laps, each told by hand."""

import numpy as np
import pandas as pd
import pytest

from pitwall.ml.templates import template
from pitwall.testing.worlds.driven import driven_race as driven
from pitwall.testing.worlds.tiny import tiny_tables

LAPS = 9
FIRST = [95.0, *[90.0] * 8]
SECOND = [97.0, *[91.0] * 8]  # 2 s behind after one lap, 1 s more with each
NONE = [np.nan] * LAPS


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=1, races=3, cars=6)


def at(lap, value):
    return [value if number == lap else np.nan for number in range(1, LAPS + 1)]


def told(name, world, driver=2):
    """Return the label of a car by lap, those that are not known left out."""
    label = template(name).label(world)
    assert label.index.is_unique
    return label[label.index.get_level_values("driver_id") == driver].droplevel(["race_id", "driver_id"]).dropna()


def stopped(tables, lap, out=True):
    """Return tables in which car 2 comes into the pits at the end of a lap."""
    pits = {
        "pit_in_seconds": [NONE, at(lap, 1.0)],
        "pit_out_seconds": [NONE, at(lap + 1, 1.0) if out else NONE],
    }
    return driven(tables, FIRST, SECOND, **pits)


def test_the_gap_is_the_one_at_the_end_of_the_lap(tables):
    world = driven(tables, FIRST, SECOND)
    assert told("gap", world).to_dict() == {lap: lap + 1.0 for lap in range(3, LAPS + 1)}
    assert told("gap", world, driver=1).unique().tolist() == [0.0]


def test_the_gap_in_five_is_that_at_the_end_of_the_fourth_lap_after_the_rows_own(tables):
    assert told("gap_in_5", driven(tables, FIRST, SECOND)).to_dict() == {3: 8.0, 4: 9.0, 5: 10.0}


def test_a_stop_takes_its_own_laps_and_counts_in_between(tables):
    world = stopped(tables, lap=5)
    assert told("gap", world).index.tolist() == [3, 4, 8, 9]
    # asked after laps 2, 3 and 4, answered at the end of laps 7, 8 and 9; lap 5 is the in-lap, lap 6 the out-lap
    assert told("gap_in_5", world).index.tolist() == [3, 4, 5]
    assert told("gap_in_5", stopped(tables, lap=7)).index.tolist() == [5]  # of laps 7, 8, 9 the last is green


def test_the_leader_may_stop(tables):
    world = driven(tables, FIRST, SECOND, pit_in_seconds=[at(4, 1.0), NONE])
    assert told("gap", world).index.tolist() == list(range(3, LAPS + 1))


def test_of_a_lapped_car_the_gap_is_longer_than_a_lap(tables):
    world = driven(tables, [60.0] * 12, [88.0] * 6)
    assert told("gap", world)[5] == 5 * 28.0


@pytest.mark.parametrize("name", ["gap", "gap_in_5"])
def test_a_deletion_that_comes_later_takes_the_gap_of_its_lap_alone(name, tables):
    world = driven(tables, FIRST, SECOND, deleted=[[False] * LAPS, [lap == 8 for lap in range(1, LAPS + 1)]])
    before, after = told(name, driven(tables, FIRST, SECOND)), told(name, world)
    lost = {"gap": 8, "gap_in_5": 4}[name]
    assert before.index.difference(after.index).tolist() == [lost]
    pd.testing.assert_series_equal(after, before.drop(lost))


def test_a_stop_within_three_laps_is_the_rows_own_lap_or_one_of_two_after_it(tables):
    label = told("pit_within", stopped(tables, lap=5))
    assert label.astype(bool).to_dict() == {2: False, 3: True, 4: True, 5: True, 6: False, 7: False}


def test_a_car_that_does_not_go_out_again_has_not_stopped_for_tyres(tables):
    label = told("pit_within", stopped(tables, lap=LAPS, out=False))
    assert label.index.tolist() == [2, 3, 4, 5, 6]
    assert not label.any()


def test_a_stop_counts_where_too_few_laps_follow(tables):
    label = told("pit_within", stopped(tables, lap=8))
    assert label.astype(bool).to_dict() == {2: False, 3: False, 4: False, 5: False, 6: True, 7: True, 8: True}


def test_a_red_flag_that_brings_all_in_is_no_stop(tables):
    flag = [["1"] * LAPS, ["5" if lap == 5 else "1" for lap in range(1, LAPS + 1)]]
    world = driven(tables, FIRST, SECOND, pit_in_seconds=[NONE, at(5, 1.0)], track_status=flag)
    assert told("pit_within", world).index.tolist() == [2, 6, 7]


def test_the_gap_at_the_finish_is_that_of_cars_on_the_lead_lap(tables):
    results = tables["results"].copy()
    race = results["race_id"] == 1
    by_place = results[race].sort_values("place")
    results.loc[race, "retired"], results.loc[race, "classified"] = False, True
    results.loc[race, "laps"], results.loc[race, "seconds"] = 50, 4000.0 + 3.0 * results.loc[race, "place"]
    lapped = by_place["driver_id"].iloc[4]
    gone = by_place["driver_id"].iloc[5]
    results.loc[race & (results["driver_id"] == lapped), ["laps", "seconds"]] = [49, np.nan]
    results.loc[race & (results["driver_id"] == gone), ["classified", "laps"]] = [False, 20]
    label = template("gap_finish").label(tables.replace(results=results))[1]
    assert label.dropna().to_dict() == dict(zip(by_place["driver_id"].iloc[1:4], [3.0, 6.0, 9.0], strict=True))
    assert gone not in label.index
