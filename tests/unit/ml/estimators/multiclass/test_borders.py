"""Learners of classes in an order: chances that grow over the borders, borders that nothing crossed, two classes."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from pitwall.ml.estimators import FitInput, estimator
from pitwall.ml.estimators.multiclass._learned import FittedBorders
from pitwall.ml.families import family

CLASSES = ("low", "medium", "high")
LEARNED = ("catboost", "gradient_boosting", "lightgbm", "mlp", "random_forest")


def frame(rows, seed=0):
    """Return cars of a few races with two features."""
    random = np.random.default_rng(seed)
    ids = {"race_id": np.arange(rows) // 20 + 1, "driver_id": np.arange(rows) % 20 + 1, "season": 2020}
    return pd.DataFrame(
        {**ids, "round": ids["race_id"], "pace": random.normal(size=rows), "luck": random.normal(size=rows)}
    )


def fitted(name, rows, labels, classes=CLASSES, **params):
    plugin = estimator("multiclass", name)
    outcome = pd.DataFrame({"label": pd.Categorical(labels, classes, ordered=True)})
    return plugin.fit(FitInput(rows, outcome, {**plugin.default(), **params}, 1))


@dataclass(frozen=True)
class Said:
    """A learner's scores, whatever the rows."""

    odds: tuple[float, ...]

    def scores(self, values, margin=None):
        return np.array(self.odds)


def test_chances_of_borders_that_cross_are_put_in_order():
    rows, likely = frame(2), np.log(0.8 / 0.2)
    told = Said((0.0, likely)), Said((likely, 0.0))  # of the second row the later border is the less likely one
    model = FittedBorders(CLASSES, told, "none", ("pace", "luck"), np.log(np.full(3, 1 / 3)), {})
    np.testing.assert_allclose(model.answer(rows), [[0.5, 0.3, 0.2]] * 2, atol=1e-5)


@pytest.mark.parametrize("name", LEARNED)
@pytest.mark.parametrize("missing", CLASSES)
def test_a_class_that_never_came_true_keeps_its_column_and_a_small_chance(name, missing):
    rows = frame(200)
    first, last = (each for each in CLASSES if each != missing)
    answer = fitted(name, rows, np.where(rows["pace"] < 0, first, last)).answer(rows)
    family("multiclass").check(answer, rows["race_id"])
    assert list(answer) == [f"p_{each}" for each in CLASSES]
    assert answer[f"p_{missing}"].between(0, 0.05, inclusive="neither").all()
    assert np.corrcoef(answer[f"p_{last}"], rows["pace"])[0, 1] > 0.5


@pytest.mark.parametrize("name", LEARNED)
def test_two_classes_have_one_border(name):
    rows = frame(200)
    answer = fitted(name, rows, np.where(rows["pace"] < 0, "no", "yes"), ("no", "yes")).answer(rows)
    family("multiclass").check(answer, rows["race_id"])
    assert np.corrcoef(answer["p_yes"], rows["pace"])[0, 1] > 0.5


def test_what_later_races_settle_of_each_border_is_fitted_again_without_them():
    rows, later = frame(200), frame(60, seed=5)
    outcome, seen = (
        pd.DataFrame({"label": pd.cut(each["pace"], [-np.inf, -0.5, 0.5, np.inf], labels=CLASSES)})
        for each in (rows, later)
    )
    plugin = estimator("multiclass", "lightgbm")
    data = FitInput(rows, outcome, plugin.default(), 1, (later, seen))
    watched = plugin.fit(data)
    again = plugin.fit(replace(data, params=watched.params, validation=None))
    assert again.params == watched.params
    pd.testing.assert_frame_equal(again.answer(later), watched.answer(later))
    told = {**watched.params, "borders": [{"rounds": 3}, {"rounds": 9}]}
    asked = plugin.fit(replace(data, params=told, validation=None))
    assert [each.trees.num_trees() for each in asked.learned] == [3, 9]
