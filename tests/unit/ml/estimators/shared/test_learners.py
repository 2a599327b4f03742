"""Learners: the same bytes twice, files of plain data that give the same scores, and trees as arrays that say what their library says."""

import numpy as np
import pytest
import torch

from pitwall.domain.errors import UsageError
from pitwall.ml.estimators import estimators
from pitwall.ml.estimators.shared.learners.device import VARIABLE, device_of
from pitwall.ml.estimators.shared.learners.gradient_boosting import GradientBoosting
from pitwall.ml.estimators.shared.learners.net import as_frame, columns_of
from pitwall.ml.estimators.shared.learners.random_forest import RandomForest
from pitwall.ml.estimators.shared.linear import Standardised
from pitwall.ml.estimators.shared.trees import TreeRows, Watch

LEARNERS = {
    name: plugin.learner for name, plugin in estimators("regression").items() if getattr(plugin, "learner", None)
}
LOSSES = ("log", "absolute", "squared")


def rows(seed, count=400, loss="squared"):
    """Return rows whose target steps with the first column; a fifth of the second is not known."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(count, 3))
    values[::5, 1] = np.nan
    target = 2.0 * np.sign(values[:, 0]) + random.normal(0, 0.5, count)
    if loss == "log":
        return TreeRows(values, ("a", "b", "c"), (target > 0).astype(float), np.full(count, -0.3))
    return TreeRows(values, ("a", "b", "c"), target)


def coarse(learner, **more):
    return {**learner.coarse, "rounds": 20, "epochs": 10, "trees": 10, **more}


def written(learned, path):
    learned.save(path)
    return path.read_bytes()


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", sorted(LEARNERS))
def test_one_seed_gives_the_same_bytes_and_a_file_the_same_scores(name, loss, tmp_path):
    learner, asked = LEARNERS[name], rows(1, 50, loss)
    first, again, other = (learner.learn(rows(0, loss=loss), loss, coarse(learner), seed=seed) for seed in (7, 7, 8))
    path = tmp_path / learner.file
    assert written(other, path) != written(again, path) == written(first, path)
    loaded = learner.load(path)
    np.testing.assert_array_equal(loaded.scores(asked.values, asked.margin), first.scores(asked.values, asked.margin))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", sorted(LEARNERS))
def test_scores_follow_the_target(name, loss):
    learner, asked = LEARNERS[name], rows(1, 200, loss)
    params = coarse(learner, rate=0.03, learning_rate=0.3, eta=0.3)
    said = learner.learn(rows(0, loss=loss), loss, params, seed=7).scores(asked.values, asked.margin)
    assert np.corrcoef(said, asked.target)[0, 1] > 0.75


@pytest.mark.parametrize("order", ["C", "F"])
def test_columns_of_a_net_are_those_of_a_frame_and_lie_as_they_do(order):
    values = np.array(rows(0).values, order=order)
    columns = Standardised.learn(as_frame(values), ["2", "1"])
    of_frame, of_values = columns.matrix(as_frame(values)), columns.of_values(columns_of(values, columns.features))
    np.testing.assert_array_equal(of_values, of_frame)
    assert of_values.strides == of_frame.strides


def test_arrays_of_nodes_say_what_the_forest_of_scikit_learn_says():
    learner, train, asked = RandomForest(), rows(0), rows(1)
    forest = learner.grow(train, "squared", coarse(learner), 7)
    said = learner.learn(train, "squared", coarse(learner), seed=7).scores(asked.values)
    np.testing.assert_allclose(said, forest.predict(asked.values), rtol=0, atol=1e-12)


def test_arrays_of_nodes_say_what_the_boosting_of_scikit_learn_says():
    learner, train, asked = GradientBoosting(60), rows(0), rows(1)
    model = learner.grow(train, "squared", coarse(learner), seed=7, rounds=20)
    said = learner.learn(train, "squared", coarse(learner), seed=7).scores(asked.values)
    np.testing.assert_allclose(said, model.predict(asked.values), rtol=0, atol=1e-12)


def test_boosting_that_is_looked_at_leaves_out_the_trees_after_the_best_look():
    learner, told = GradientBoosting(400), []
    params = coarse(learner, learning_rate=0.3, min_samples_leaf=2)
    watch = Watch(rows(1), lambda step, loss: told.append((loss, step)))
    stopped = learner.learn(rows(0), "squared", params, seed=7, watch=watch)
    assert stopped.settled["rounds"] == min(told)[1] < max(step for _, step in told)
    again = learner.learn(rows(0), "squared", {**params, **stopped.settled}, seed=7)
    np.testing.assert_array_equal(again.scores(rows(2).values), stopped.scores(rows(2).values))


def test_a_file_of_arrays_that_holds_an_object_is_refused(tmp_path):
    for learner in (LEARNERS["mlp"], LEARNERS["random_forest"]):
        path = tmp_path / learner.file
        np.savez(path, told=np.array({"any": "object"}, dtype=object), roots=np.array([{}], dtype=object))
        with pytest.raises(ValueError, match="allow_pickle=False"):
            learner.load(path)


def test_the_device_is_that_of_the_parameters_else_of_the_environment(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert device_of({}) == "cpu"
    monkeypatch.setenv(VARIABLE, "cuda")
    assert (device_of({}), device_of({"device": "cpu"})) == ("cuda", "cpu")
    monkeypatch.setenv(VARIABLE, "tpu")
    with pytest.raises(UsageError, match="'tpu'; PITWALL_DEVICE may be cpu or cuda"):
        device_of({})


@pytest.mark.parametrize("name", ["lap_sequence", "mlp", "xgboost"])
def test_what_was_settled_on_the_processor_is_fitted_there_again(name, monkeypatch):
    learner = LEARNERS[name]
    monkeypatch.setenv(VARIABLE, "cuda")
    assert "device" not in learner.learn(rows(0), "squared", coarse(learner), seed=7).settled


@pytest.mark.filterwarnings("ignore:.*GPU")
@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize("name", ["lap_sequence", "mlp", "xgboost"])
def test_a_library_that_finds_no_gpu_does_not_say_that_it_learned_on_one(name, monkeypatch):
    learner = LEARNERS[name]
    fresh = {key: value for key, value in learner.coarse.items() if key not in ("rounds", "epochs")}
    monkeypatch.setenv(VARIABLE, "cuda")
    with pytest.raises(UsageError, match="finds no GPU that it can use; set PITWALL_DEVICE=cpu"):
        learner.learn(rows(0), "squared", fresh, seed=7)
