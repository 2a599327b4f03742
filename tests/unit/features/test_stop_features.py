"""What the stops of a race say of the next one, checked by hand."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.params import Params
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.shared.pit_lane.level import LaneSettings, beliefs
from pitwall.testing.worlds.tiny import tiny_tables

SECOND = pd.Timedelta(seconds=1)


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=2, races=2, cars=6)


def built(name, tables, **settings):
    return build_group(groups()[name], tables, Params(features={name: settings}))


def in_lane(tables, seconds):
    """Return the tables with other times in the pit lane, {(race, driver): s}."""
    laps = tables["laps"].copy()
    into = laps[laps["pit_in_seconds"].notna()].set_index(["race_id", "driver_id"])["pit_in_seconds"]
    for (race, driver), lane in seconds.items():
        out = (laps["race_id"] == race) & (laps["driver_id"] == driver) & laps["pit_out_seconds"].notna()
        assert out.sum() == 1
        laps.loc[out, "pit_out_seconds"] = into[race, driver] + lane
    return tables.replace(laps=laps)


def known(tables, race):
    """Return when each stop of a race is known, the end of the lap after it, by driver in order of time."""
    laps = tables["laps"]
    rows = laps[(laps["race_id"] == race) & laps["pit_out_seconds"].notna()]
    return rows.set_index("driver_id")["event_timestamp"].sort_values()


def test_a_belief_is_not_moved_by_slow_stops_and_is_by_one_that_is_too_quick():
    usual, _ = beliefs(25.0, np.array([38.0, 36.0, 41.0]), LaneSettings())
    assert usual == pytest.approx([25.0] * 4, abs=0.11)
    rebuilt, deviation = beliefs(25.0, np.array([20.1, 20.3]), LaneSettings())
    assert rebuilt[0] == pytest.approx(25.0)
    assert rebuilt[2] == pytest.approx(20.2, abs=0.31)
    assert deviation[2] < deviation[1]
    new, wide = beliefs(np.nan, np.array([30.0, 30.4, 30.2]), LaneSettings())
    assert new[0] == LaneSettings().usual_s
    assert new[3] == pytest.approx(30.2, abs=0.31)
    assert wide[0] > 2.5
    assert wide[3] < wide[0] / 2


def test_a_belief_before_a_stop_knows_nothing_of_those_after_it():
    stops = np.random.default_rng(0).normal(22, 1, 30)
    whole, few = beliefs(23.0, stops, LaneSettings()), beliefs(23.0, stops[:7], LaneSettings())
    for one, other in zip(whole, few, strict=True):
        np.testing.assert_array_equal(one[:8], other)


def test_a_race_begins_with_the_circuits_last_one_and_goes_on_with_its_own(tables):
    first, second = (tables["races"].query("season == @season").sort_values("round").iloc[0] for season in (2021, 2022))
    assert first["circuit_id"] == second["circuit_id"]
    drivers = known(tables, second["race_id"]).index[:2]
    world = in_lane(tables, {(second["race_id"], driver): 21.0 + at for at, driver in enumerate(drivers)})
    rows = built("race_stops", world).query("race_id == @second.race_id").set_index("event_timestamp")
    official = tables["pit_stops"].query("race_id == @first.race_id")["seconds"]
    assert rows.index[0] == second["starts_at"]
    assert rows["circuit_stop_s"].iloc[0] == official.median() == rows["stops_median_s"].iloc[0]
    told = known(world, second["race_id"])[:2]
    assert rows.loc[told, "race_stops_so_far"].tolist() == [1.0, 2.0]
    np.testing.assert_allclose(rows.loc[told, "stops_median_s"], [21.0, 21.5])
    assert (rows.loc[told, "circuit_stop_s"] == official.median()).all()
    assert not (set(told - SECOND) & set(rows.index))
    median, deviation = beliefs(official.median(), np.array([21.0, 22.0]), LaneSettings())
    np.testing.assert_array_equal(rows.loc[told, "lane_level_s"], median[1:])
    np.testing.assert_array_equal(rows.loc[told, "lane_level_sd"], deviation[1:])


def test_a_safety_car_stands_until_it_comes_in(tables):
    race = tables["races"].query("season == 2021 and round == 2").iloc[0]
    rows = built("race_stops", tables).query("race_id == @race.race_id").set_index("event_timestamp")
    out, back = (race["starts_at"] + pd.Timedelta(seconds=clock) for clock in (250, 500))
    assert rows["stop_under_safety_car"].iloc[0] == 0
    assert rows.loc[out, "stop_under_safety_car"] == 1
    between = rows[(rows.index >= out) & (rows.index < back)]
    assert (between["stop_under_safety_car"] == 1).all()
    assert rows.loc[back, "stop_under_safety_car"] == 0
    assert (rows["stop_under_virtual"] == 0).all()


def test_own_stops_and_those_of_the_team_are_held_against_the_lane(tables):
    race = int(tables["races"].query("season == 2021 and round == 1")["race_id"].iloc[0])
    told = known(tables, race)
    one, other, late = told.index
    world = in_lane(tables, {(race, one): 21.0, (race, other): 22.0, (race, late): 60.0})
    laps = world["laps"].copy()
    team = dict(zip(told.index, (901, 901, 902), strict=True))
    mine = laps["race_id"] == race
    laps.loc[mine, "constructor_id"] = laps.loc[mine, "driver_id"].map(team).fillna(903).astype("int64")
    rows = built("car_stops", world.replace(laps=laps)).query("race_id == @race")
    level, _ = beliefs(np.nan, np.array([21.0, 22.0, 60.0]), LaneSettings())
    last = rows.sort_values("event_timestamp").groupby("driver_id").last()
    off = np.array([21.0, 22.0]) - level[1:3]
    assert last.loc[one, "own_stops_diff"] == pytest.approx(off[0])
    assert last.loc[other, "own_stops_diff"] == pytest.approx(off[1])
    assert last.loc[[one, other], "team_stops_diff"].tolist() == pytest.approx([off.mean()] * 2)
    assert last.loc[late].isna()[["own_stops_diff", "team_stops_diff"]].all()  # a stop of a minute was a repair
    first = rows.query("driver_id == @other").sort_values("event_timestamp").iloc[0]
    assert first["event_timestamp"] == told[one]
    assert first["team_stops_diff"] == pytest.approx(off[0])
    assert np.isnan(first["own_stops_diff"])


def test_form_is_the_mean_over_races_of_what_a_crew_lost_to_the_median(tables):
    stops = tables["pit_stops"].copy()
    stops["seconds"] = 22.0 + stops.groupby("race_id").cumcount().clip(upper=2)
    world = tables.replace(pit_stops=stops)
    off = stops["seconds"] - stops.groupby("race_id")["seconds"].transform("median")
    driver = int(stops["driver_id"].iloc[0])
    own = off[stops["driver_id"] == driver].groupby(stops["race_id"]).median()
    rows = built("driver_stops", world, window=2).query("driver_id == @driver")
    assert len(rows) == len(own) > 2
    np.testing.assert_allclose(rows["driver_stop_form"], own.rolling(2, min_periods=1).mean())
    crews = built("team_stops", world, few=1, many=50)
    assert crews["team_stop_form_few"].abs().max() > 0
    assert (
        crews.groupby("constructor_id")["team_stop_form_few"].expanding().mean().droplevel(0)
        - crews["team_stop_form_many"]
    ).abs().max() < 1e-9
