"""Survival order, few features, pooled distributions: by hand, by simulation, and in odd races."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import FeatureError
from pitwall.ml.estimators import FitInput, estimator
from pitwall.ml.estimators.order._elimination import derivatives, eliminations
from pitwall.ml.estimators.order._few_features import (
    WITH_GRID,
    WITHOUT_GRID,
    chosen_columns,
    few_features,
    told_by_feature,
    uncertainty,
)
from pitwall.ml.estimators.order._pool import pool_weights, pooled, raked
from pitwall.ml.families.order.elimination import survival_probabilities
from pitwall.testing.worlds.labelled import labelled_races


def test_two_cars_survive_by_the_odds():
    said = survival_probabilities(np.log([3.0, 1.0]), np.zeros(2, dtype=int), np.zeros(2))
    np.testing.assert_allclose(said, [[0.75, 0.25], [0.25, 0.75]], atol=1e-5)


def test_a_car_that_surely_drops_is_last():
    said = survival_probabilities(np.array([5.0, 0.0, 0.0]), np.zeros(3, dtype=int), np.array([1.0, 0.0, 0.0]))
    np.testing.assert_allclose(said, [[0, 0, 1], [0.5, 0.5, 0], [0.5, 0.5, 0]], atol=1e-9)


def test_survival_agrees_with_simulation():
    rng = np.random.default_rng(5)
    scores, drop = np.array([1.2, 0.3, 0.0, -0.4, -1.0]), np.array([0.1, 0.0, 0.3, 0.2, 0.05])
    times = rng.exponential(size=(200_000, 5)) * np.exp(scores)
    falls = rng.random(times.shape) < drop
    key = np.where(falls, -1.0 - rng.random(times.shape), times)
    place = (-key).argsort(axis=1).argsort(axis=1)
    simulated = np.stack([(place == k).mean(axis=0) for k in range(5)], axis=1)
    said = survival_probabilities(scores, np.zeros(5, dtype=int), drop)
    np.testing.assert_allclose(said, simulated, atol=0.005)


def test_the_gradient_of_the_likelihood_is_its_slope():
    frame, outcome = labelled_races(races=4, cars=5)
    races = eliminations(frame, outcome, focus=3.0, half_life=6.0)
    scores = np.random.default_rng(0).normal(size=len(frame))
    _, first, _ = derivatives(scores, races)
    slope = np.zeros(len(frame))
    np.add.at(slope, races.rows[races.mask], first[races.mask])
    step = np.zeros(len(frame))
    step[3] = 1e-5
    by_hand = (derivatives(scores + step, races)[0] - derivatives(scores - step, races)[0]) / 2e-5
    assert slope[3] == pytest.approx(by_hand, abs=1e-6)


def test_columns_follow_what_the_stage_knows():
    frame, _ = labelled_races(races=2, cars=6)
    assert chosen_columns(frame) == WITH_GRID
    frame[["grid", "fp1_gap_pct", "fp2_gap_pct", "fp3_gap_pct"]] = np.nan
    assert chosen_columns(frame) == WITHOUT_GRID


def test_few_features_are_centred_and_have_no_nulls():
    frame, _ = labelled_races(races=5, cars=7)
    columns = few_features(frame)
    assert np.isfinite(columns).all()
    means = pd.DataFrame(columns).groupby(frame["race_id"]).mean()
    assert means.abs().max(axis=None) < 1e-12


def test_a_tenth_near_the_front_says_more_than_one_at_the_back():
    frame, _ = labelled_races(races=1, cars=4)
    frame["qualifying_gap_pct"] = [0.0, 0.1, 2.0, 2.1]
    column = few_features(frame, ("log_quali_gap",))[:, 0]
    assert column[1] - column[0] > 3 * (column[3] - column[2]) > 0


def test_skill_is_the_drivers_part_alone():
    frame, _ = labelled_races(races=2, cars=6)
    skill = few_features(frame, ("skill",))
    other_cars = frame.assign(team_race_rating=9.0, team_qualifying_rating=range(len(frame)))
    np.testing.assert_array_equal(few_features(other_cars, ("skill",)), skill)
    better = frame.assign(driver_race_rating=frame["driver_race_rating"] + (frame["driver_id"] == 1))
    assert few_features(better, ("skill",))[(frame["driver_id"] == 1), 0].mean() > skill[frame["driver_id"] == 1].mean()


def test_skill_is_told_by_the_rating_that_differs():
    frame, _ = labelled_races(races=2, cars=6)
    frame = frame.assign(driver_qualifying_rating=0.2)
    skill = few_features(frame, ("skill",))
    told = told_by_feature(skill, ("skill",), frame)
    np.testing.assert_allclose(told["driver_race_rating"], skill[:, 0])
    np.testing.assert_allclose(told["driver_qualifying_rating"], 0, atol=1e-12)


def test_a_column_of_another_version_is_named():
    frame, _ = labelled_races(races=1, cars=4)
    with pytest.raises(FeatureError, match=r"no such column: team_quali_gap; .* Train the model again"):
        few_features(frame, ("grid", "team_quali_gap"))


def test_an_uncertain_opener_is_flatter_before_the_weekend():
    frame, outcome = labelled_races()
    frame[["grid", "fp1_gap_pct", "fp2_gap_pct", "fp3_gap_pct"]] = np.nan
    fitted = estimator("order", "conditional_logit").fit(
        FitInput(frame, outcome, estimator("order", "conditional_logit").default(), 7)
    )
    race = frame[frame["race_id"] == 1].reset_index(drop=True)
    unsure = race.assign(driver_running_sd=1.0, team_running_sd=1.0)
    assert uncertainty(unsure)[0] > uncertainty(race)[0]
    assert fitted.positions(unsure)[:, 0].max() < fitted.positions(race)[:, 0].max()


def test_a_pool_trusts_who_foresaw_more():
    chances = np.tile([0.6, 0.1], (50, 1))
    assert pool_weights(chances, prior=2.0)[0] > 0.9
    np.testing.assert_allclose(pool_weights(np.empty((0, 3)), prior=2.0), 1 / 3)


def test_raking_keeps_the_winners_column_and_whole_orders():
    rng = np.random.default_rng(0)
    race = np.repeat([1, 2], [6, 4])
    said = survival_probabilities(rng.normal(size=10), race, np.full(10, 0.1))
    winner = np.concatenate([np.full(6, 1 / 6), np.full(4, 1 / 4)])
    out = raked(said, winner, race)
    np.testing.assert_allclose(out[:, 0], winner)
    np.testing.assert_allclose(out.sum(axis=1), 1, atol=1e-9)
    np.testing.assert_allclose(out[:6].sum(axis=0), 1, atol=1e-9)
    alone = pooled([said, said], race, np.array([0.5, 0.5]), np.array([0.2, 0.8]))
    np.testing.assert_allclose(alone, said, atol=1e-9)


def test_the_stack_learns_its_weights_from_earlier_seasons_only():
    frame, outcome = labelled_races()
    plugin = estimator("order", "stack")
    early = frame["season"] < 2002  # two seasons: members learn, nothing was foreseen yet
    fitted = plugin.fit(
        FitInput(frame[early].reset_index(drop=True), outcome[early].reset_index(drop=True), plugin.default(), 7)
    )
    np.testing.assert_allclose(fitted.weights.winner, 0.5)
    whole = plugin.fit(FitInput(frame, outcome, plugin.default(), 7))
    assert whole.weights.places.sum() == pytest.approx(1)
    assert not np.allclose(whole.weights.places, 0.5)


def test_columns_shared_by_the_members_change_nothing():
    frame, outcome = labelled_races()
    fitted = estimator("order", "stack").fit(FitInput(frame, outcome, estimator("order", "stack").default(), 7))
    apart = [member.positions(frame) for member in fitted.members.values()]
    race = frame["race_id"].to_numpy()
    np.testing.assert_array_equal(
        fitted.positions(frame), pooled(apart, race, fitted.weights.winner, fitted.weights.places)
    )


def test_contributions_say_which_feature_moves_a_car():
    frame, outcome = labelled_races()
    fitted = estimator("order", "stack").fit(FitInput(frame, outcome, estimator("order", "stack").default(), 7))
    told = fitted.contributions(frame)
    np.testing.assert_allclose(told.sum(axis=1), fitted.scores(frame), atol=1e-9)
    pole = told["grid"][frame["grid"] == 1]
    assert pole.mean() > told["grid"].mean()


def test_a_net_stops_early_and_repeats_itself():
    frame, outcome = labelled_races()
    late = frame["season"] > 2003
    part = [(rows[~late].reset_index(drop=True), rows[late].reset_index(drop=True)) for rows in (frame, outcome)]
    plugin = estimator("order", "plackett_luce_net")
    losses: dict[int, float] = {}
    fitted = plugin.fit(
        FitInput(part[0][0], part[1][0], plugin.default(), 7, (part[0][1], part[1][1]), losses.__setitem__)
    )
    assert fitted.validation_loss == min(losses.values())
    assert losses[fitted.params["epochs"]] == fitted.validation_loss
    assert isinstance(fitted.positions(pd.DataFrame(part[0][1])), np.ndarray)
