"""Generated features: what they say, that they are capped, told apart and selected on training seasons alone."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import FeatureError, LeakError, UnknownName, UsageError
from pitwall.domain.params import Params
from pitwall.features import FeatureEngineer, auto_group
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.custom.auto_select import auto_features
from pitwall.features.machinery.replay import replay_check, replay_instants
from pitwall.testing.checks.features import check_feature_group
from pitwall.testing.worlds.tiny import tiny_tables

COLUMNS = ("place", "grid", "points")
TRAINING = (2021, 2022, 2023)


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=4, races=8, cars=8)


def podium(tables):
    results = tables["results"].set_index(["race_id", "driver_id"])
    return results["place"] <= 3


@pytest.fixture(scope="module")
def made(tables):
    return auto_features(COLUMNS, tables=tables, label=podium, seasons=TRAINING, limit=3)


def test_every_kind_is_generated_described_and_keeps_the_contract():
    group = auto_group("auto", ("place", "fastest_lap"))
    kinds = {
        "place_lag1",
        "place_mean5",
        "place_sd5",
        "place_decay2",
        "place_rank5",
        "place_trend3",
        "place_per_fastest_lap5",
    }
    assert {f"auto_{kind}" for kind in kinds} <= set(group.names)
    check_feature_group(group, tiny_tables(seasons=2, races=3, cars=6), races=1)


def test_values_are_what_their_names_say():
    world = tiny_tables(seasons=1, races=6, cars=4)
    rows = build_group(auto_group("auto", ("place", "points")), world, Params())
    own = world["results"].query("driver_id == 1").sort_values("event_timestamp")
    place, points = own["place"].to_numpy(float), own["points"].to_numpy(float)
    last = rows[rows["driver_id"] == 1].iloc[-1]
    assert last["auto_place_lag1"] == place[-1]
    assert last["auto_place_lag3"] == place[-3]
    assert last["auto_place_mean5"] == pytest.approx(place[-5:].mean())
    assert last["auto_place_sd5"] == pytest.approx(place[-5:].std(ddof=1))
    assert last["auto_place_trend3"] == pytest.approx(place[-3:].mean() / place.mean())
    assert last["auto_points_per_place5"] == pytest.approx(points[-5:].mean() / place[-5:].mean())
    weights = 0.5 ** (np.arange(5, -1, -1) / 2)
    assert last["auto_place_decay2"] == pytest.approx((place * weights).sum() / weights.sum())
    assert last["auto_place_rank1"] == place[-1] / 4


def test_some_are_kept_none_twice_and_no_more_than_asked_for(made):
    assert 1 <= len(made.kept) <= 3
    assert list(made.kept["name"]) == made.group.names
    assert (made.kept["gain"] > 2 * made.kept["se"]).all()
    assert (
        made.duplicates["auto_place_rank1"] == "auto_place_lag1"
    )  # every race has the same field: the same but for scale
    assert not set(made.duplicates) & set(made.group.names)
    assert made.seasons == TRAINING


def test_what_was_kept_passes_the_replay_on_all_seasons(made, tables):
    assert replay_check(made.group, tables, Params(), replay_instants(tables, Params(), races=2)) == []


def test_the_group_is_made_again_from_its_names(made, tables):
    again = auto_group("auto", COLUMNS, made.group.names)
    pd.testing.assert_frame_equal(build_group(again, tables, Params()), build_group(made.group, tables, Params()))
    with pytest.raises(UnknownName, match="did you mean 'auto_place_mean5'"):
        auto_group("auto", COLUMNS, ["auto_place_mean6"])


def test_the_cap_counts_what_it_cuts(tables):
    made = auto_features(COLUMNS, tables=tables, label=podium, seasons=TRAINING, most=20, limit=1)
    every = len(auto_group("auto", COLUMNS).names)
    assert (made.generated, made.capped, len(made.group.names)) == (20, every - 20, 1)


def test_labels_of_held_out_seasons_are_never_touched(tables):
    held_out = set(tables["races"].query("season == 2024")["race_id"])

    def spy(given):
        for name, frame in given.items():
            if "race_id" in frame and set(frame["race_id"]) & held_out:
                raise AssertionError(f"the label was shown {name} of a held-out race")
        return podium(given)

    assert auto_features(COLUMNS, tables=tables, label=spy, seasons=TRAINING, most=12, limit=1).seasons == TRAINING
    with pytest.raises(AssertionError, match="held-out"):
        auto_features(COLUMNS, tables=tables, label=spy, seasons=(*TRAINING, 2024), most=12, limit=1)


def test_held_out_seasons_change_nothing(made, tables):
    later = tables["races"].query("season == 2024")["race_id"]
    results = tables["results"].copy()
    absurd = results["race_id"].isin(later)
    results.loc[absurd, ["place", "points"]] = results.loc[absurd, ["place", "points"]].to_numpy()[::-1]
    poisoned = tables.replace(results=results.assign(points=results["points"].where(~absurd, 1e9)))
    again = auto_features(COLUMNS, tables=poisoned, label=podium, seasons=TRAINING, limit=3)
    pd.testing.assert_frame_equal(again.kept, made.kept)


def test_a_column_that_looks_ahead_is_caught(tables):
    def next_place(rows):
        return rows.groupby("driver_id")["place"].shift(-1)

    def own_place(rows):
        return rows["place"]

    with pytest.raises(LeakError, match="(?s)next_place looks ahead.*rows change when the future is taken away"):
        auto_features({"own": own_place, "next_place": next_place}, tables=tables, label=podium, seasons=TRAINING)


def test_noise_is_not_kept(tables):
    def coin(given):
        label = podium(given)
        return pd.Series(np.random.default_rng(0).random(len(label)) < 0.3, index=label.index)

    with pytest.raises(FeatureError, match="none of the .* generated from place lowers the error"):
        auto_features(("place",), tables=tables, label=coin, seasons=TRAINING)


def test_wrong_questions_are_answered(tables):
    with pytest.raises(UnknownName, match="did you mean 'place'"):
        auto_group("auto", ("plase",))
    with pytest.raises(UsageError, match="at least two training seasons"):
        auto_features(COLUMNS, tables=tables, label=podium, seasons=[2021])


def test_the_engineer_registers_the_group(tables):
    fe = FeatureEngineer(registry={})
    made = fe.auto(COLUMNS, tables=tables, label=podium, seasons=TRAINING, most=12, limit=2, name="own")
    assert fe.group("own") is made.group
    assert all(name.startswith("own_") for name in fe.describe()["name"])
