"""Features of races with a live feed, checked by hand: lap state, gaps, conditions, and what circuits and teams show."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.params import Params
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.testing.worlds.driven import driven_race as race
from pitwall.testing.worlds.tiny import tiny_tables

START = pd.Timestamp("2021-03-01 13:00", tz="UTC")


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=1, races=2, cars=4)


def built(name, tables, **settings):
    return build_group(groups()[name], tables, Params(features={name: settings}))


def of(rows, driver):
    return rows[rows["driver_id"] == driver].sort_values("event_timestamp", ignore_index=True)


def test_the_state_of_a_car_lap_by_lap(tables):
    pits = [np.nan, np.nan, 270.0, np.nan, np.nan, np.nan, np.nan]
    world = race(tables, [95.0, 90.0, 91.0, 99.0, 89.0, 88.0, 87.0], pit_in_seconds=[pits])
    rows = of(built("lap_state", world), 1)
    assert rows["laps_completed"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert rows["last_lap_s"].tolist() == [95.0, 90.0, 91.0, 99.0, 89.0, 88.0, 87.0]
    assert rows["pit_stops_so_far"].tolist() == [0, 0, 1, 1, 1, 1, 1]
    assert rows["compound_code"].tolist() == [5.0] * 7  # medium
    # green: 90, 99, 89, 88, 87 (neither the first lap nor the one into the pits)
    np.testing.assert_allclose(rows["green_pace_3"], [np.nan] * 4 + [278 / 3, 276 / 3, 264 / 3])
    np.testing.assert_allclose(rows["green_pace_5"], [np.nan] * 6 + [453 / 5])


def test_a_stint_shows_its_slope(tables):
    world = race(tables, [95.0, 90.0, 90.1, 90.2, 90.3, 90.4], stint=[[1, 1, 1, 1, 1, 1]])
    slopes = of(built("lap_state", world, fewest_laps=4), 1)["tire_deg_rate"]
    assert slopes.isna().tolist() == [True] * 4 + [False] * 2
    assert slopes.iloc[-1] == pytest.approx(0.1)


def test_a_new_set_of_tyres_has_no_slope_yet(tables):
    world = race(tables, [95.0, 90.0, 90.1, 90.2, 90.3, 90.4], stint=[[1, 1, 1, 1, 1, 2]])
    assert of(built("lap_state", world), 1)["tire_deg_rate"].isna().tolist() == [True] * 4 + [False, True]


def test_an_unfinished_lap_is_no_lap(tables):
    world = race(tables, [90.0, 91.0])
    laps = world["laps"].assign(completed=[True, False])
    assert built("lap_state", world.replace(laps=laps))["laps_completed"].tolist() == [1.0]


def test_a_lap_without_an_end_of_its_own_is_left_out(tables):
    world = race(tables, [90.0, 0.0, 91.0])
    assert built("lap_state", world)["laps_completed"].tolist() == [1.0, 3.0]


def test_gaps_are_those_of_the_crossing(tables):
    world = race(tables, [90.0, 90.0, 90.0], [92.0, 91.0, 88.0], [95.0, 95.0, 95.0])
    rows = built("lap_gaps", world)
    assert of(rows, 1)["gap_to_leader"].tolist() == [0.0, 0.0, 0.0]
    assert of(rows, 2)["gap_to_leader"].tolist() == [2.0, 3.0, 1.0]
    assert of(rows, 1)["gap_ahead"].isna().all()
    assert of(rows, 3)["gap_ahead"].tolist() == [3.0, 7.0, 14.0]
    np.testing.assert_array_equal(of(rows, 1)["gap_behind"], [np.nan, 2.0, 3.0])  # as of the lap before
    np.testing.assert_array_equal(of(rows, 3)["gap_behind"], [np.nan] * 3)


def test_a_car_behind_that_has_not_crossed_the_line_is_not_known(tables):
    world = race(tables, [90.0, 90.0, 90.0], [200.0, 90.0, 90.0])
    rows = of(built("lap_gaps", world), 1)
    assert rows["gap_behind"].isna().all()


def test_a_lapped_cars_later_laps_do_not_speak_of_the_leaders(tables):
    slow = race(tables, [90.0] * 6, [100.0] * 2 + [165.0] * 3)
    slower = race(tables, [90.0] * 6, [100.0] * 2 + [190.0] * 3)
    before, after = (of(built("lap_gaps", world, field_laps=2), 1) for world in (slow, slower))
    pd.testing.assert_frame_equal(before.head(4), after.head(4))  # the lapped car's third lap ends after these
    assert not before.equals(after)
    assert of(built("lap_gaps", slow), 2)["laps_down"].tolist() == [0.0, 0.0, 1.0, 1.0, 1.0]


def test_the_fields_pace_is_made_of_laps_completed_by_then(tables):
    world = race(tables, [95.0, 90.0, 90.0, 90.0], [96.0, 94.0, 94.0, 94.0])
    rows = built("lap_gaps", world, field_laps=3)
    pace = of(rows, 1)["field_pace"]
    assert pace.isna().tolist() == [True, True, False, False]  # laps 2 and 3 of the first, lap 2 of the second
    assert pace.iloc[2] == 90.0
    assert of(rows, 2)["field_pace"].iloc[-1] == 94.0  # the first car's fourth lap came before the second's third


def test_the_share_of_a_race_comes_from_the_races_before_at_its_circuit():
    world = tiny_tables(seasons=2, races=2, cars=4)
    rows = built("lap_gaps", world).merge(world["races"][["race_id", "season"]], on="race_id")
    assert rows.query("season == 2021")["race_share"].isna().all()
    later = rows.query("season == 2022").merge(
        world["laps"][["race_id", "driver_id", "lap", "event_timestamp"]],
        on=["race_id", "driver_id", "event_timestamp"],
    )
    assert (later["race_share"] == later["lap"] / 50).all()


def test_before_the_start_there_is_weather_and_no_race(tables):
    rows = built("conditions", tables)
    start = tables["races"].set_index("race_id")["starts_at"]
    before = rows["event_timestamp"] < rows["race_id"].map(start)
    assert rows.loc[before, "air_temp_now"].notna().any()
    assert rows.loc[before, ["rain_share_so_far", "safety_cars_so_far"]].isna().all(axis=None)


def test_rain_and_interruptions_are_counted_as_they_come(tables):
    weather = tables["weather"].query("race_id == 1 and seconds >= 0").head(4)
    weather = weather.assign(rainfall=pd.array([False, True, True, False], dtype="boolean"))
    status = pd.concat([tables["track_status"].head(1)] * 4, ignore_index=True)
    status = status.assign(message=range(1, 5), seconds=[1.0, 2.0, 3.0, 4.0], status=["4", "1", "4", "5"])
    instant = (START + pd.to_timedelta(status["seconds"], unit="s")).astype("datetime64[us, UTC]")
    status = status.assign(event_timestamp=instant, known_at=instant).astype(dict(tables["track_status"].dtypes))
    rows = built("conditions", tables.replace(weather=weather, track_status=status)).iloc[-1]
    assert rows["rain_share_so_far"] == 0.5
    assert rows["raining_now"] == 0.0
    assert (rows["track_status_now"], rows["safety_cars_so_far"], rows["red_flags_so_far"]) == (5.0, 2.0, 1.0)


def test_a_circuits_interruptions_are_shares_of_its_races():
    world = tiny_tables(seasons=2, races=2, cars=4)
    first = world["races"].query("season == 2021 and round == 1")["race_id"].iloc[0]
    status = world["track_status"].copy()
    safety = status[status["race_id"] == first].assign(message=99, seconds=60.0, status="4")
    laps = world["laps"].assign(compound="MEDIUM")
    laps["compound"] = laps["compound"].astype("string").mask(laps["race_id"] == first, "WET")
    world = world.replace(track_status=pd.concat([status, safety], ignore_index=True), laps=laps)
    rows = built("circuit_events", world).query("circuit_id == 1")
    assert rows["circuit_safety_car_rate"].tolist() == [1.0, 0.5]
    assert rows["circuit_wet_rate"].tolist() == [1.0, 0.5]
    assert rows["circuit_red_flag_rate"].tolist() == [0.0, 0.0]


def test_without_a_feed_race_control_tells_the_interruptions_from_its_first_entry_on():
    world = tiny_tables(seasons=3, races=2, cars=4)
    nothing = {name: world[name].head(0) for name in ("laps", "track_status")}
    second = world["race_control"].iloc[[1]].assign(race_id=4)  # the second race at circuit 2
    rows = built("circuit_events", world.replace(race_control=second, **nothing))
    at_two = rows.query("circuit_id == 2")
    np.testing.assert_array_equal(at_two["circuit_safety_car_rate"], [np.nan, 1.0, 0.5])
    np.testing.assert_array_equal(rows.query("circuit_id == 1")["circuit_safety_car_rate"], [np.nan, np.nan, 0.0])
    assert rows[["circuit_wet_rate", "circuit_vsc_rate"]].isna().all(axis=None)


def with_speeds(world, speeds):
    """Return the tables with a trap speed per race, in dry races without interruptions; a higher team is faster."""
    laps = world["laps"].assign(compound="MEDIUM", track_status="1", rainfall=False)
    laps = laps.astype({"rainfall": "boolean"})
    laps["speed_st"] = laps["race_id"].map(dict(enumerate(speeds, start=1))) + laps["constructor_id"]
    logs = {name: world[name].head(0) for name in ("weather", "track_status")}
    return world.replace(laps=laps, **logs)


def test_circuits_are_ranked_by_what_is_known_after_each_race():
    world = with_speeds(tiny_tables(seasons=2, races=3, cars=4), [300, 320, 310, 330, 320, 310])
    rows = built("circuit_class", world).sort_values("event_timestamp")["circuit_power_rank"].tolist()
    assert np.isnan(rows[0])
    assert rows[1:] == [1.0, 0.5, 1.0, 0.5, 0.0]  # the first circuit becomes the fastest in its second race


def test_an_advantage_is_the_gap_at_all_circuits_less_that_at_the_kind():
    world = with_speeds(tiny_tables(seasons=3, races=3, cars=4), [290, 310, 330] * 3)
    lines = world["qualifying"].copy()
    power = lines["race_id"] % 3 == 0
    lines["q1"] = np.where(lines["constructor_id"] == 1, 80.0, np.where(power, 80.4, 81.6))
    rows = built("team_speed", world.replace(qualifying=lines), window=6, fewest=2)
    last = rows.query("constructor_id == 2").iloc[-1]
    assert last["power_track_advantage"] == pytest.approx(100 * (4 * 1.6 + 2 * 0.4) / 6 / 80 - 0.5)
    assert last["downforce_track_advantage"] == pytest.approx(100 * (4 * 1.6 + 2 * 0.4) / 6 / 80 - 2.0)
    assert rows.query("constructor_id == 2")["straight_line_speed"].iloc[-1] >= 0.0
