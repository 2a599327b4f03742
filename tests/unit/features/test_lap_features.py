"""Ratings from laps and the reliability of teams, checked by hand."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.params import Params
from pitwall.domain.when import UTC_US
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.shared.laps import lap_pace, quick_laps, running_order
from pitwall.features.machinery.shared.ratings import RatingSettings, race_order, race_pace, rate
from pitwall.testing.worlds.tiny import tiny_tables


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=2, races=3, cars=6)


def test_the_running_place_counts_where_the_finish_misleads(tables):
    results = tables["results"].query("race_id == 1")
    loser = results.loc[results["place"].idxmax(), "driver_id"]
    laps = tables["lap_times"].copy()
    all_of_them = pd.DataFrame(
        {"lap": np.arange(1, 13), "race_id": 1, "driver_id": loser, "place": 0.5, "seconds": 90.0}
    )
    laps = pd.concat(
        [
            laps[~((laps["race_id"] == 1) & (laps["driver_id"] == loser))],
            all_of_them.assign(
                **{stamp: laps[stamp].iloc[0] for stamp in ("event_timestamp", "known_at", "known_estimated")}
            ),
        ]
    )
    seen = running_order(tables.replace(lap_times=laps), RatingSettings()).query("race_id == 1").set_index("driver_id")
    assert seen["score"].idxmax() == loser


def test_quick_laps_are_the_lower_quartile_to_the_last_bit():
    rng = np.random.default_rng(3)
    keys = pd.DataFrame({"race_id": [2, 1, 1, 3, 2], "driver_id": [7, 9, 4, 4, 8]})
    laps = keys.loc[np.repeat(keys.index, [1, 2, 53, 11, 8])].assign(
        seconds=lambda rows: 80 + rng.gamma(2, 3, len(rows))
    )
    laps = laps.sample(frac=1, random_state=0)
    laps.loc[
        (laps["race_id"] == 3) & (laps["driver_id"] == 4) & (laps["seconds"] == laps["seconds"].max()), "seconds"
    ] = np.nan
    per = laps.groupby(["race_id", "driver_id"])["seconds"]
    seen = quick_laps(laps).set_index(["race_id", "driver_id"])
    assert seen["laps"].tolist() == per.size().tolist()
    np.testing.assert_array_equal(seen["quick"], per.apply(lambda seconds: np.quantile(seconds.to_numpy(), 0.25)))
    known = laps.dropna().groupby(["race_id", "driver_id"])["seconds"]
    np.testing.assert_allclose(quick_laps(laps.dropna())["quick"], known.quantile(0.25), rtol=1e-14)
    assert quick_laps(laps.head(0)).empty


def test_runs_of_the_filter_are_kept_only_for_the_same_scores_and_constants(tables):
    january = pd.Timestamp("2021-01-01", tz="UTC")
    seasons = pd.DataFrame({"season": [2021], "event_timestamp": [january], "known_at": [january]}).astype(
        {"event_timestamp": UTC_US, "known_at": UTC_US}
    )
    cars = race_order(tables, RatingSettings()).merge(tables["constructors"][["constructor_id", "lineage"]])
    first = rate(cars, seasons, RatingSettings())
    assert rate(cars.copy(), seasons, RatingSettings()) is first
    assert not rate(cars.assign(score=-cars["score"]), seasons, RatingSettings())[0].equals(first[0])
    assert not rate(cars, seasons, RatingSettings(noise=2.0))[0].equals(first[0])


def test_a_car_with_few_laps_shows_nothing(tables):
    retired = tables["results"].query("retired")[["race_id", "driver_id"]]
    seen = lap_pace(tables, RatingSettings()).merge(retired, on=["race_id", "driver_id"])
    assert len(seen) == len(retired) > 0
    assert seen["score"].isna().all()  # six laps of the eight that count


def test_without_laps_finish_and_fastest_lap_stand_in(tables):
    bare = tables.replace(lap_times=tables["lap_times"].head(0))
    for with_laps, without in ((running_order, race_order), (lap_pace, race_pace)):
        left = with_laps(bare, RatingSettings()).sort_values(["race_id", "driver_id"])["score"].tolist()
        right = without(bare, RatingSettings()).sort_values(["race_id", "driver_id"])["score"].tolist()
        np.testing.assert_array_equal(left, right)


def test_laps_without_places_leave_the_order_to_the_finish(tables):
    laps = tables["lap_times"].copy()
    laps.loc[laps["race_id"] == 2, "place"] = np.nan
    unplaced, placed = (
        world_order.set_index(["race_id", "driver_id"])["score"].sort_index()
        for world_order in (
            running_order(tables.replace(lap_times=laps), RatingSettings()),
            running_order(tables, RatingSettings()),
        )
    )
    finish = race_order(tables, RatingSettings()).set_index(["race_id", "driver_id"])["score"].sort_index()
    pd.testing.assert_series_equal(unplaced[2], finish[2])
    assert unplaced[2].notna().any()
    pd.testing.assert_series_equal(unplaced.drop(2, level="race_id"), placed.drop(2, level="race_id"))


def test_uncertainty_widens_on_new_years_day(tables):
    rows = build_group(groups()["team_laps"], tables, Params()).query("constructor_id == 1")
    sd = rows.set_index("event_timestamp")["team_running_sd"]
    january = pd.Timestamp("2022-01-01", tz="UTC")
    assert sd[january] > sd[sd.index < january].iloc[-1]
    assert sd[january] > sd.iloc[-1]


def test_the_rate_of_unclassified_cars_by_hand(tables):
    settings = {"decay": 0.5, "team_weight": 1.0, "field_weight": 1.0, "prior": 0.0}
    rows = build_group(groups()["team_reliability"], tables, Params(features={"team_reliability": settings}))
    first = rows.query("constructor_id == 1").sort_values("event_timestamp")["team_unclassified_rate"]
    cars = tables["results"].merge(tables["constructors"][["constructor_id", "lineage"]], on="constructor_id")
    out = cars.assign(out=~cars["classified"]).pivot_table("out", "race_id", "lineage", aggfunc="sum")
    field = out.sum(axis=1).to_numpy(dtype=float)
    own = out[1].to_numpy(dtype=float)
    expected = []
    for race in range(2):
        weight = 0.5 ** np.arange(race, -1, -1)
        prior = weight @ field[: race + 1] / (6 * weight.sum() + 1)
        expected.append((weight @ own[: race + 1] + prior) / (2 * weight.sum() + 1))
    assert first.head(2).tolist() == pytest.approx(expected)
