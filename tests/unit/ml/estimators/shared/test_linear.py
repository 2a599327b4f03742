"""Columns of linear models, and lines that a few absurd rows do not bend."""

import json

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import FeatureError
from pitwall.ml.estimators.shared.linear import Standardised
from pitwall.ml.estimators.shared.robust import least_absolute, log_spread, with_intercept


@pytest.fixture
def frame():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"seconds": rng.normal(85, 4, 200), "age": rng.normal(0, 1e-3, 200), "same": 7.0})
    frame.loc[:59, "age"] = np.nan
    frame["never"] = np.nan
    return frame


def test_columns_are_centred_scaled_and_say_what_was_missing(frame):
    learned = Standardised.learn(frame, ["seconds", "age", "same", "never"])
    assert learned.columns == ("seconds", "age", "same", "never", "age.missing")
    matrix = learned.matrix(frame)
    assert np.isfinite(matrix).all()
    np.testing.assert_allclose(np.median(matrix[:, 0]), 0, atol=1e-12)
    assert 0.5 < matrix[60:, 1].std() < 1.5  # whatever the unit
    assert not matrix[:, 2:4].any()
    np.testing.assert_array_equal(matrix[:, 4], np.arange(200) < 60)


def test_an_absurd_or_missing_value_stays_within_bounds(frame):
    learned = Standardised.learn(frame, ["seconds", "age"])
    absurd = pd.DataFrame({"seconds": [1e9, -np.inf, np.nan], "age": [0.0, 0.0, np.nan]})
    np.testing.assert_array_equal(learned.matrix(absurd)[:, 0], [learned.clip, -learned.clip, 0.0])


def test_columns_survive_json_and_a_lacking_feature_is_named(frame):
    learned = Standardised.learn(frame, ["seconds", "age"])
    assert Standardised.of(json.loads(json.dumps(learned.content()))) == learned
    with pytest.raises(FeatureError, match="age"):
        learned.matrix(frame[["seconds"]])


def test_a_line_by_least_absolute_errors_is_not_bent():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(400, 2))
    y = 90 + 2 * x[:, 0] - x[:, 1] + rng.laplace(0, 0.2, 400)
    y[:40] += 60.0  # a tenth of the laps behind the safety car
    np.testing.assert_allclose(least_absolute(x, y, 1e-6), [2, -1, 90], atol=0.1)
    assert abs(np.linalg.lstsq(with_intercept(x), y, rcond=None)[0][-1] - 90) > 5  # a plain line is
    shrunk = least_absolute(x, y, 1e6)
    assert abs(shrunk[:2]).max() < 0.1
    assert 85 < shrunk[-1] < 95


def test_the_size_of_errors_is_told_by_the_columns():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(4000, 1))
    error = rng.normal(size=4000) * np.exp(0.5 * x[:, 0])
    slope, level = log_spread(x, error, 1e-6)
    assert slope == pytest.approx(0.5, abs=0.1)
    assert np.exp(level) < 1
