"""How fast tyres wear, checked by hand: which tyre a lap was driven on, the slope of a stint, and what races add up to."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.params import Params, TimeParams
from pitwall.domain.racing.tyres import compound_ids
from pitwall.domain.tables import Tables, empty_table
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.shared.tyre_wear import compound_wear, median_slope, stint_wear
from pitwall.features.tyre_wear import Settings, Wear
from pitwall.testing.worlds.tiny import tiny_tables

GROUP = groups()["tyre_wear"]
LAPS = 12  # of a tiny race
FUEL = 0.03 * 110 / LAPS
SLOPE = 0.05  # of a tiny stint, on the stopwatch


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=2, races=5, cars=12, upcoming=1).as_of()


def test_names_are_those_of_the_weekend_since_2019_and_before_it_the_softest_of_three_is_the_soft_one():
    names = ["MEDIUM", "HYPERSOFT", "ULTRASOFT", "WET", None, "SOFT", "MEDIUM", "SOFT", "UNKNOWN", "SUPERSOFT"]
    laps = pd.DataFrame({"race_id": [1, 1, 1, 1, 1, 2, 2, 3, 3, 3], "compound": names})
    season = pd.Series([2018] * 5 + [2018, 2018] + [2024] * 3)
    found = compound_ids(laps, season)
    expected = [3, 1, 2, np.nan, np.nan, np.nan, np.nan, 1, np.nan, np.nan]  # of race 2 only two are known
    np.testing.assert_array_equal(found, expected)


def test_a_slow_lap_or_two_do_not_bend_a_slope():
    lap = np.arange(1.0, 13.0)
    seconds = 90 + 0.1 * lap
    assert median_slope(lap, seconds) == pytest.approx(0.1)
    seconds[[3, 7]] += 8.0
    assert median_slope(lap, seconds) == pytest.approx(0.1, abs=0.02)


def test_the_wear_of_a_stint_is_its_slope_and_what_burning_fuel_hides(tables):
    stints = stint_wear(tables)
    np.testing.assert_allclose(stints["wear"], SLOPE + FUEL, atol=1e-9)
    assert set(stints["laps"]) <= {10, 11}  # the first lap is none, and one car lacks a time
    assert set(stints["compound_id"]) == {2} and set(stints["stint"]) == {1}
    assert not set(stints["race_id"]) & {3, 6, 9}  # wet races
    assert (stints["driver_id"] % 2 == 1).all()  # cars with even numbers stop early


def test_a_compound_shows_nothing_with_too_few_stints(tables):
    counts = stint_wear(tables).groupby("race_id").size()
    found = compound_wear(tables).set_index("race_id")["stints"]
    assert found.to_dict() == counts[counts >= 3].to_dict()
    assert (counts < 3).any() or counts.min() >= 3
    two = tables["laps"][tables["laps"]["driver_id"].isin([1, 3])]
    assert compound_wear(tables.replace(laps=two)).empty


def race(**wear):
    number = {"soft": 1, "medium": 2, "hard": 3}
    rows = [{"compound_id": number[name], "stints": 5, "wear": value} for name, value in wear.items()]
    return pd.DataFrame(rows)


def told(wear, *circuits):
    return pd.DataFrame(wear.told(pd.Series(circuits)))


def test_a_race_moves_the_level_its_circuit_and_its_compounds():
    wear = Wear(Settings(fade=0.5, whole_at=10, circuit_weight=4.0, compound_weight=50.0, least=-1.0, most=1.0))
    wear.add(7, race(medium=0.04, hard=0.02))
    first = told(wear, 7, 8)
    assert first["circuit_wear_sights"].tolist() == [1.0, 0.0]  # two halves
    np.testing.assert_allclose(first[["wear_soft", "circuit_wear"]], [[0.03, 0.0], [0.03, 0.0]], atol=1e-12)
    assert first["wear_medium"][0] == pytest.approx(0.03 + 0.5 * 0.01 / 50.5)
    wear.add(8, race(soft=0.09))
    second = told(wear, 7, 8)
    assert second["wear_soft"][0] == pytest.approx((0.5 * 0.03 + 0.5 * 0.09) / (0.5 + 0.5) + 0.5 * 0.06 / 50.5)
    np.testing.assert_allclose(second["circuit_wear"], [0.0, 0.5 * 0.06 / 4.5], atol=1e-12)


def test_absurd_wear_counts_as_much_as_the_settings_allow():
    wear = Wear(Settings())
    wear.add(1, race(medium=-0.9))
    assert told(wear, 1)["wear_soft"][0] == pytest.approx(-0.05)


def test_a_race_tells_every_circuit_once_it_is_over(tables):
    rows = build_group(GROUP, tables, Params())
    shown = compound_wear(tables)["race_id"].unique()
    assert len(rows) == len(shown) * len(tables["circuits"]) > 0
    first = tables["laps"].query("race_id == @shown[0]")["event_timestamp"].max()
    assert rows["event_timestamp"].min() >= first
    assert rows["wear_medium"].between(0.1, 0.15001).all()  # the tiny world's tyres wear fast: see `most`
    assert rows["circuit_wear_sights"].eq(0).any() and rows["circuit_wear_sights"].gt(0).any()


def test_without_laps_nothing_is_told(tables):
    bare = tables.replace(laps=empty_table("laps"))
    rows = GROUP.compute(bare.only(*GROUP.reads), Settings(), TimeParams())
    assert rows.empty and list(rows.columns) == GROUP.columns
    assert isinstance(bare, Tables)
