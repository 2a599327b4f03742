"""Estimators of classes: rates by hand, what they start from, and what later races settle."""

import json

import numpy as np
import pandas as pd
import pytest

from pitwall.ml.estimators import FitInput, estimator
from pitwall.testing.worlds.answers import WORLDS

CLASSES = ("low", "medium", "high")


def fitted(name, frame, labels, validation=None, **params):
    plugin = estimator("multiclass", name)
    outcome = pd.DataFrame({"label": pd.Categorical(labels, CLASSES, ordered=True)})
    return plugin.fit(FitInput(frame, outcome, {**plugin.default(), **params}, 1, validation))


def frame(circuits, **features):
    rows = len(circuits)
    ids = {"race_id": range(1, rows + 1), "driver_id": 1, "circuit_id": circuits, "season": 2020}
    return pd.DataFrame(
        {**ids, "round": range(1, rows + 1), "cutoff": pd.Timestamp("2020-01-01", tz="UTC"), **features}
    )


def test_rates_are_counted_and_drawn_to_those_of_all_circuits():
    rows = frame([1, 1, 2, 2])
    said = fitted("circuit_rate", rows, ["low", "low", "low", "high"], weight=2.0).answer(frame([1, 2, 3]))
    overall = np.array([3.5, 0.5, 1.5]) / 5  # one even row per class, as for any rate
    counts = np.array([[2, 0, 0], [1, 0, 1], [0, 0, 0]])
    drawn = counts + 2.0 * overall
    np.testing.assert_allclose(said, drawn / drawn.sum(axis=1, keepdims=True), rtol=1e-5)


def test_the_rule_of_first_tyres_counts_by_tyre_and_knows_nothing_of_an_unknown_one():
    rows = frame([1] * 6, start_tyre=[1.0, 1.0, 1.0, 3.0, 3.0, 3.0])
    rule = fitted("start_tyre_rate", rows, ["low", "low", "low", "high", "high", "high"], weight=1.0)
    said = rule.answer(frame([1] * 3, start_tyre=[1.0, 3.0, np.nan]))
    assert said["p_low"][0] > 0.7 < said["p_high"][1]
    assert said["p_low"][2] == pytest.approx(said["p_high"][2])


def test_always_the_commonest_is_sure():
    said = fitted("most_common", frame([1] * 4), ["low", "low", "low", "high"]).answer(frame([1, 2]))
    assert (said["p_low"] > 0.999).all()
    np.testing.assert_allclose(said.sum(axis=1), 1.0)


@pytest.mark.parametrize("name", ["logistic", "xgboost"])
def test_a_model_without_information_says_the_rates_of_its_rows(name):
    labels = ["low"] * 14 + ["medium"] * 4 + ["high"] * 2
    said = fitted(name, frame([1] * 20, nothing=1.0), labels).answer(frame([1], nothing=1.0))
    np.testing.assert_allclose(said.to_numpy()[0], [0.7, 0.2, 0.1], atol=0.02)


@pytest.mark.parametrize("name", ["logistic", "xgboost"])
def test_a_class_that_never_came_true_keeps_its_column_and_a_chance(name):
    labels = ["low"] * 10 + ["high"] * 10
    made = fitted(name, frame([1] * 20, told=np.arange(20.0)), labels, min_child_weight=0.5)
    said = made.answer(frame([1] * 2, told=[0.0, 19.0]))
    assert list(said) == ["p_low", "p_medium", "p_high"]
    assert (said["p_medium"] > 0).all()
    assert said["p_low"][0] > said["p_low"][1]


def test_later_races_take_back_what_a_model_is_too_sure_of():
    world = WORLDS["multiclass"](races=40, cars=10, seed=1)
    plugin = estimator("multiclass", "logistic")
    early = (world.frame["season"] < 2002).to_numpy()
    parts = [
        (world.frame[rows].reset_index(drop=True), world.outcome[rows].reset_index(drop=True))
        for rows in (early, ~early)
    ]
    luck = parts[1][1].sample(frac=1.0, random_state=5).reset_index(drop=True)
    params = {**plugin.default(), "ridge": 1.0}
    honest, misled = (
        plugin.fit(FitInput(*parts[0], params, 1, (parts[1][0], later))).params["slope"]
        for later in (parts[1][1], luck)
    )
    assert misled < 0.5 < honest


def test_trees_stop_where_later_races_say_and_their_file_is_the_library_s_own(tmp_path):
    world = WORLDS["multiclass"](races=40, cars=10, seed=1)
    plugin = estimator("multiclass", "xgboost")
    later = WORLDS["multiclass"](races=20, cars=10, seed=2)
    made = plugin.fit(
        FitInput(world.frame, world.outcome, {**plugin.default(), "eta": 0.5}, 1, (later.frame, later.outcome))
    )
    assert 0 < made.params["rounds"] < 80
    made.save(tmp_path)
    booster = json.loads((tmp_path / "booster.json").read_text(encoding="utf-8"))
    assert booster["learner"]["objective"]["name"] == "multi:softprob"


def test_a_line_settles_where_columns_tell_rare_classes_nearly_surely():
    """Whole steps of Newton's method overshoot there, for good: the fit was worse than the rates and said nothing of it."""
    true = np.array([0] * 176 + [1] * 10 + [2] * 4)
    told = {f"above_{step}": (true > (step >= 2)).astype(float) for step in range(5)}
    told["above_1"][176:180] = 0.0
    frame = pd.DataFrame({"race_id": np.arange(190), "season": 2020, "round": np.arange(190), **told})
    label = pd.Categorical.from_codes(true, ["low", "medium", "high"], ordered=True)
    outcome = pd.DataFrame({"label": label})
    plugin = estimator("multiclass", "logistic")
    said = plugin.fit(FitInput(frame, outcome, plugin.default(), 0)).answer(frame).to_numpy()
    rates = np.bincount(true) / len(true)
    losses = [-np.log(said[range(190), true]).mean(), -np.log(rates[true]).mean()]
    assert losses[0] < 0.5 * losses[1]
    assert (said[true == 2].argmax(axis=1) == 2).all()
