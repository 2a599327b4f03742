"""Features of retirements and safety cars, checked by hand on races whose outcome is written down here."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.params import Params
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.known import as_known
from pitwall.features.machinery.shared.attrition import faded_sums
from pitwall.testing.worlds.tiny import tiny_tables

START = {"field_decay": 1.0, "field_weight": 10.0, "prior": 0.2}


def built(name, tables, **settings):
    return build_group(groups()[name], tables, Params(features={name: settings}))


@pytest.fixture(scope="module")
def tables():
    """Three races of four cars: driver 1 crashes in the first and the second, driver 3 breaks down in the second."""
    world = tiny_tables(seasons=1, races=3, cars=4)
    line = world["results"].set_index(["race_id", "driver_id"]).index
    status = pd.Series("Finished", index=line)
    status[[(1, 1), (2, 1), (2, 3)]] = ["Accident", "Spun off", "Engine"]
    out = (status != "Finished").to_numpy()
    results = world["results"].assign(status=status.to_numpy(), retired=out, classified=~out)
    return world.replace(results=results.astype(dict(world["results"].dtypes)))


def by_race(rows, tables, key, value):
    ends = tables["results"].drop_duplicates("race_id").set_index("event_timestamp")["race_id"]
    of_one = rows[rows[key] == value]
    return of_one.set_axis(of_one["event_timestamp"].map(ends), axis=0)


def test_a_team_is_drawn_to_the_field(tables):
    rows = by_race(built("team_attrition", tables, decay=1.0, weight=4.0, **START), tables, "constructor_id", 1)
    # after one race: 1 of its 2 cars, and 4 at the field's (2 + 1) / (10 + 4)
    assert rows.loc[1, "team_retirement_rate"] == pytest.approx((1 + 4 * 3 / 14) / 6)
    assert rows.loc[1, "team_accident_rate"] == pytest.approx((1 + 4 * 2 / 14) / 6)
    assert rows.loc[2, "team_breakdown_rate"] == pytest.approx((0 + 4 * 2 / 18) / 8)


def test_a_driver_is_held_against_the_field_of_their_races(tables):
    rows = by_race(built("driver_attrition", tables, decay=1.0, weight=2.0, **START), tables, "driver_id", 1)
    # expected before the races: .2 and 3 / 14; the field stands at 3 / 14, then at 5 / 18
    assert rows.loc[1, "driver_retired_ratio"] == pytest.approx((1 + 2 * 3 / 14) / (0.2 + 2 * 3 / 14))
    assert rows.loc[2, "driver_retired_ratio"] == pytest.approx((2 + 2 * 5 / 18) / (0.2 + 3 / 14 + 2 * 5 / 18))
    assert rows.loc[2, "driver_breakdown_ratio"] < 1 < rows.loc[2, "driver_accident_ratio"]


def test_a_circuit_is_held_against_the_field_of_the_day(tables):
    rows = built("circuit_attrition", tables, decay=1.0, weight=8.0, **START).set_index("circuit_id")
    # the second race: two of four cars, where 4 * 3 / 14 were expected
    assert rows.loc[2, "circuit_retired_ratio"] == pytest.approx((2 + 8 * 5 / 18) / (4 * 3 / 14 + 8 * 5 / 18))
    assert rows.loc[3, "circuit_retired_ratio"] < 1 < rows.loc[2, "circuit_retired_ratio"]


def test_sums_fade_per_entity():
    sums = faded_sums(np.array([1, 2, 1]), np.array([[1.0], [4.0], [1.0]]), 0.5)
    assert sums.ravel().tolist() == [1.0, 4.0, 1.5]


def seen(tables, race_id, stage="starts_at", **settings):
    """Return what a forecast of a race knows at the start of one of its sessions."""
    group = groups()["race_outlook"]
    spine = tables["races"].query("race_id == @race_id").rename(columns={stage: "cutoff"})
    return as_known(spine, group, built("race_outlook", tables, **settings)).iloc[0]


def test_the_field_stands_as_after_the_race_before(tables):
    first, second = (seen(tables, race, field_decay=1.0, field_weight=10.0, prior=0.2) for race in (1, 2))
    assert np.isnan(first["field_retirement_rate"])
    assert second["field_retirement_rate"] == pytest.approx(3 / 14)
    assert second["field_accident_rate"] == pytest.approx(2 / 14)


def test_a_race_far_ahead_is_told_what_is_known_today(tables):
    group = groups()["race_outlook"]
    rows = built("race_outlook", tables)
    today = tables["races"].query("race_id == 2")["starts_at"].iloc[0]
    spine = pd.DataFrame({"race_id": [2, 3], "cutoff": [today, today]})
    known = as_known(spine, group, rows)["field_retirement_rate"]
    assert known.iloc[0] == known.iloc[1]


def test_a_circuit_that_brings_out_safety_cars_has_a_higher_chance():
    world = tiny_tables(seasons=3, races=3, cars=4)  # a safety car at circuit 2, every season
    rate = {"race_decay": 1.0, "race_weight": 3.0, "race_prior": 1 / 3, "circuit_weight": 1.0, "circuit_decay": 1.0}
    quiet, eventful = seen(world, 7, **rate), seen(world, 8, **rate)
    assert quiet["circuit_safety_car_ratio"] < 1 < eventful["circuit_safety_car_ratio"]
    odds = eventful["field_safety_car_rate"] / (1 - eventful["field_safety_car_rate"])
    odds *= eventful["circuit_safety_car_ratio"]
    assert eventful["safety_car_chance"] == pytest.approx(odds / (1 + odds))


def test_at_a_new_circuit_the_chance_is_that_of_all_races():
    world = tiny_tables(seasons=2, races=3, cars=4)
    races = world["races"]
    moved = world.replace(races=races.assign(circuit_id=races["circuit_id"].mask(races["race_id"] == 5, 99)))
    row = seen(moved, 5)
    assert np.isnan(row["circuit_safety_car_ratio"])
    assert row["safety_car_chance"] == pytest.approx(row["field_safety_car_rate"])
