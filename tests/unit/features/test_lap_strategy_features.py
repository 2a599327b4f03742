"""What speaks for a stop, checked by hand: cars 1 and 2 of one team, car 3 of another; car 3 stops after two laps, car 2 after three."""

import numpy as np
import pytest

from pitwall.domain.params import Params
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.tiny_world.laps import STOP_AFTER_LAP
from pitwall.testing.worlds.driven import driven_race as driven
from pitwall.testing.worlds.tiny import tiny_tables

NEW_DRY = ["HARD"] * 4
COLUMNS = {
    "constructor_id": [1, 1, 2],
    "compound": [NEW_DRY, ["MEDIUM"] * 3 + ["HARD"], ["SOFT"] * 2 + ["INTERMEDIATE"] * 2],
    "tyre_laps": [[1, 2, 3, 4], [1, 2, 3, 1], [1, 2, 1, 2]],
    "pit_in_seconds": [[np.nan] * 4, [np.nan, np.nan, 272, np.nan], [np.nan, 183, np.nan, np.nan]],
}


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=2, races=2, cars=4)


@pytest.fixture(scope="module")
def car(tables):
    world = driven(tables, [90.0] * 4, [91.0] * 4, [92.0] * 4, race=3, **COLUMNS)
    return cars(world)


def cars(world, **settings):
    rows = build_group(groups()["lap_strategy"], world, Params(features={"lap_strategy": settings}))
    return {driver: own.sort_values("event_timestamp", ignore_index=True) for driver, own in rows.groupby("driver_id")}


def test_a_second_dry_compound_or_a_rain_tyre_ends_the_duty_to_stop(car):
    assert car[1]["one_compound"].tolist() == [1, 1, 1, 1]
    assert car[2]["one_compound"].tolist() == [1, 1, 1, 0]
    assert car[3]["one_compound"].tolist() == [1, 1, 0, 0]
    assert car[3]["leader_one_compound"].tolist() == [1, 1, 1, 1]


def test_laps_are_counted_since_the_stop(car):
    assert car[2]["laps_since_stop"].tolist() == [1, 2, 3, 1]
    assert car[3]["laps_since_stop"].tolist() == [1, 2, 1, 2]


def test_who_would_pass_during_a_stop_is_told_by_the_lap_before(tables, car):
    np.testing.assert_array_equal(car[1]["cars_in_stop"], [np.nan, 2, 2, 2])
    np.testing.assert_array_equal(car[3]["cars_in_stop"], [np.nan, 0, 0, 0])
    near = cars(driven(tables, [90.0] * 4, [91.0] * 4, [92.0] * 4, race=3), stop_s=3.0)
    np.testing.assert_array_equal(near[1]["cars_in_stop"], [np.nan, 2, 1, 1])  # 2, 4 and 6 s behind after lap 2 and 3


def test_the_field_tells_how_many_stop_and_on_which_tyres(car):
    # in the order of the line: laps 1 and 2 of all, then car 1 on its third lap; car 3 has stopped, car 2 is about to
    np.testing.assert_allclose(car[1]["field_stops_now"], [0, 0, 1 / 7, 2 / 10])
    np.testing.assert_allclose(car[2]["field_stops_now"][2:], [2 / 8, 2 / 11])
    np.testing.assert_allclose(car[1]["field_stops_diff"], [0, 0, 1 / 3, 2 / 3])
    np.testing.assert_allclose(car[1]["age_over_field"], [np.nan, np.nan, 3 - 2, 4 - 2.5])
    np.testing.assert_allclose(car[2]["age_over_compound"], [np.nan, np.nan, 0, np.nan])
    np.testing.assert_allclose(car[2]["leader_age_over_field"], [np.nan, np.nan, 1, 1.5])


def test_rivals_are_seen_where_they_have_crossed_the_line(car):
    np.testing.assert_array_equal(car[3]["ahead_in_lap"], [0, 0, 1, 0])
    np.testing.assert_array_equal(car[3]["ahead_stops_diff"], [0, -1, 0, 0])
    assert car[1]["ahead_in_lap"].isna().all()
    np.testing.assert_array_equal(car[1]["behind_in_lap"], [np.nan, 0, 0, 1])
    np.testing.assert_array_equal(car[2]["behind_in_lap"], [np.nan, 0, 1, 0])


def test_the_team_mate_is_known_by_the_newest_lap(car):
    np.testing.assert_array_equal(car[1]["mate_in_lap"], [np.nan, 0, 0, 1])
    np.testing.assert_array_equal(car[1]["mate_stops_diff"], [np.nan, 0, 0, 1])
    np.testing.assert_array_equal(car[2]["mate_laps_since_stop"], [1, 2, 3, 4])
    assert car[3]["mate_in_lap"].isna().all()


def test_races_before_at_the_circuit_tell_the_distance_and_the_usual_stop(tables, car):
    np.testing.assert_allclose(car[1]["laps_left"], [49, 48, 47, 46])
    np.testing.assert_allclose(car[1]["past_usual_stop"], (np.arange(1, 5) - STOP_AFTER_LAP) / 50)
    assert car[2]["past_usual_stop"].isna().tolist() == [False, False, True, True]  # nobody stopped twice
    first = cars(driven(tables, [90.0] * 3, race=1))[1]
    assert first[["laps_left", "past_usual_stop"]].isna().all(axis=None)


def test_without_recorded_stops_there_is_no_usual_one(tables):
    none = tables.replace(pit_stops=tables["pit_stops"].iloc[:0])
    rows = cars(driven(none, [90.0] * 3, race=3))[1]
    assert rows["past_usual_stop"].isna().all()
    assert rows["laps_left"].notna().all()


def test_a_safety_car_and_rain_tyres_are_seen_as_the_car_crosses_the_line(tables, car):
    out = cars(driven(tables, [100.0] * 6, race=2))[1]  # out from 250 to 500 s
    assert out["safety_car_now"].tolist() == [0, 0, 1, 1, 0, 0]
    assert out["virtual_now"].tolist() == [0] * 6
    np.testing.assert_allclose(car[3]["rain_tyres_now"], [0, 0, 1 / 9, 2 / 12])


def test_a_project_without_laps_has_no_rows(tables):
    without = {
        name: tables[name].iloc[:0] for name in ("laps", "track_status", "session_status", "weather", "pit_stops")
    }
    for name in ("lap_strategy", "lap_leader"):
        assert build_group(groups()[name], tables.replace(**without), Params()).empty
