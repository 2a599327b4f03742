"""The recurrent net over the last laps of a car: the order of laps counts, what is not known changes nothing, NumPy answers what PyTorch learned."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from pitwall.domain.errors import FeatureError
from pitwall.features import feature_sets
from pitwall.ml.estimators import estimator
from pitwall.ml.estimators.regression.lap_sequence import LAPS
from pitwall.ml.estimators.shared.learners.net import TwoLayers, as_frame
from pitwall.ml.estimators.shared.learners.sequence_net import Recurrent
from pitwall.ml.estimators.shared.linear import Standardised
from pitwall.ml.estimators.shared.trees import TreeRows
from pitwall.ml.models import model
from pitwall.ml.training.walk_forward import default_recipe

PLUGIN = estimator("regression", "lap_sequence")
LEARNER = PLUGIN.learner
NAMES = ("grip", *LAPS, LEARNER.stint)
PLACES = [NAMES.index(name) for name in LAPS]
PARAMS = {**LEARNER.coarse, "rate": 0.02, "epochs": 20}


def laps(seed, count=800):
    """Return rows x features; of a quarter the two oldest laps are not known."""
    random = np.random.default_rng(seed)
    told = random.normal(size=(count, len(NAMES)))
    told[:, -1] = random.integers(0, 8, count)
    told[: count // 4, PLACES[:2]] = np.nan
    return told


def difference(told):
    """Return the newest lap less the one before."""
    return told[:, PLACES[-1]] - told[:, PLACES[-2]]


def learn(params=PARAMS):
    told = laps(0)
    return LEARNER.learn(TreeRows(told, NAMES, difference(told)), "absolute", params, seed=7)


@pytest.fixture(scope="module")
def learned():
    return learn()


def test_it_reads_laps_in_their_order(learned):
    asked, turned = laps(1), laps(1)
    turned[:, PLACES] = turned[:, PLACES[::-1]]
    assert np.corrcoef(learned.scores(asked), difference(asked))[0, 1] > 0.9
    assert np.corrcoef(learned.scores(turned), difference(asked))[0, 1] < 0.5


def test_the_newest_lap_is_read_last(learned):
    """A cell that forgets at every lap knows the newest alone."""
    weights = {name: np.array(each) for name, each in learned.weights.items()}
    weights["gates_bias"][:], weights["gates_lap"][:], weights["gates_state"][:], weights["state"][:] = -60.0, 0, 0, 0
    forgets, asked = replace(learned, weights=weights), laps(1, 30)
    older, newest = asked.copy(), asked.copy()
    older[:, PLACES[:-1]] += 1.0
    newest[:, PLACES[-1]] += 1.0
    context = replace(learned.columns, scale=(1e9,) * len(NAMES))  # what the columns themselves tell is hidden
    said, of_older, of_newest = (replace(forgets, columns=context).scores(each) for each in (asked, older, newest))
    np.testing.assert_allclose(of_older, said, rtol=0, atol=1e-6)
    assert np.abs(of_newest - said).max() > 1e-3


def test_rows_that_are_asked_alone_are_answered_like_those_of_a_race(learned):
    asked = laps(1, 20)
    alone = np.concatenate([learned.scores(row[None]) for row in asked])
    np.testing.assert_allclose(alone, learned.scores(asked), rtol=0, atol=1e-12)


def test_its_file_says_which_columns_are_laps(learned, tmp_path):
    path, again, asked = tmp_path / LEARNER.file, tmp_path / "again", laps(1)
    learned.save(path)
    learn(dict(reversed(PARAMS.items()))).save(again)
    assert path.read_bytes() == again.read_bytes()
    loaded = LEARNER.load(path)
    assert loaded.body == learned.body
    np.testing.assert_array_equal(loaded.scores(asked), learned.scores(asked))


def test_laps_that_are_not_known_leave_the_two_layers(learned):
    told = laps(1, 30)
    told[:, PLACES] = np.nan
    weights = {name: np.asarray(each) + 0.3 for name, each in learned.weights.items()}
    plain = TwoLayers().last(TwoLayers().inputs(learned.columns, told), weights, np.tanh)
    np.testing.assert_array_equal(
        learned.body.last(learned.body.inputs(learned.columns, told), weights, np.tanh), plain
    )


def test_a_lap_before_the_stop_is_told_as_one():
    values = np.zeros((1, len(NAMES)))
    values[0, -1] = 2.0  # laps of the stint
    laps = Standardised.learn(as_frame(values), [str(place) for place in PLACES])
    told = Recurrent(laps, str(NAMES.index(LEARNER.stint))).inputs(Standardised.learn(as_frame(values), ["0"]), values)
    assert told[0, -2 * len(LAPS) :].tolist() == [0, 0, 0, 1, 1, *[1] * len(LAPS)]


def test_numpy_answers_what_pytorch_learned(learned):
    inputs = learned.body.inputs(learned.columns, laps(1, 50))
    weights = {name: torch.from_numpy(np.asarray(each)) for name, each in learned.weights.items()}
    by_torch = learned.body.last(torch.from_numpy(inputs), weights, torch.tanh).numpy()
    np.testing.assert_allclose(by_torch, learned.body.last(inputs, learned.weights, np.tanh), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", PLUGIN.models)
def test_the_models_that_it_answers_for_have_the_laps(name):
    features = {each for group in feature_sets()[model(name).feature_set] for each in group.names}
    assert {*LAPS, LEARNER.stint} <= features


def test_a_question_without_laps_is_none_for_it():
    with pytest.raises(FeatureError, match="lap_sequence answers the question of lap_time"):
        default_recipe("gap_finish", "lap_sequence", pd.DataFrame({"grid": [1.0]}), 7, "pre_race")
