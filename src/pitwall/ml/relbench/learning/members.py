"""The members of the blend: a line, and small trees; each says a number, or log odds for yes or no."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from pitwall.ml.relbench.features.tick import Array

ROUNDS = 200
SHAPE = {
    "num_leaves": 5,
    "min_data_in_leaf": 200,
    "learning_rate": 0.05,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 20.0,
}
QUIET = {"verbosity": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True, "seed": 7}
SHRINK, SHRINK_ODDS = 3000.0, 1000.0  # weights of the squared coefficients, of standardised columns


class Member(Protocol):
    """What has learned to answer."""

    def says(self, features: Array) -> Array:
        """Return a number, or log odds, per row."""
        ...


class Line:
    """A ridge regression, or a logistic one, on standardised columns; a missing value is the column's median."""

    def __init__(self, features: Array, target: Array, weight: Array, *, yes_or_no: bool) -> None:
        from sklearn.linear_model import LogisticRegression, Ridge

        there = ~np.isnan(features).all(axis=0)
        middle = np.zeros(features.shape[1])
        middle[there] = np.nanmedian(features[:, there], axis=0)
        filled = np.where(np.isnan(features), middle, features)
        self._middle, self._mean, self._spread = middle, filled.mean(axis=0), filled.std(axis=0)
        self._spread[self._spread == 0] = 1.0
        self._yes_or_no = yes_or_no
        model = LogisticRegression(C=1 / SHRINK_ODDS, max_iter=300) if yes_or_no else Ridge(alpha=SHRINK)
        self._model = model.fit(self._scaled(features), target, sample_weight=weight)

    def says(self, features: Array) -> Array:
        """Return a number, or log odds, per row."""
        scaled = self._scaled(features)
        said = self._model.decision_function(scaled) if self._yes_or_no else self._model.predict(scaled)
        return np.asarray(said, dtype=np.float64)

    def _scaled(self, features: Array) -> Array:
        filled = np.where(np.isnan(features), self._middle, features)
        return np.asarray((filled - self._mean) / self._spread)


class Trees:
    """LightGBM: few leaves, many rows in each, for answers that are mostly luck."""

    def __init__(self, features: Array, target: Array, weight: Array, *, yes_or_no: bool) -> None:
        import lightgbm as lgb

        params = {**SHAPE, **QUIET, "objective": "binary" if yes_or_no else "l1"}
        self._booster = lgb.train(params, lgb.Dataset(features, target, weight=weight), ROUNDS)

    def says(self, features: Array) -> Array:
        """Return a number, or log odds, per row."""
        return np.asarray(self._booster.predict(features, raw_score=True, num_threads=1), dtype=np.float64)


class FineLine:
    """A ridge regression on the number whose coarse form the label is, read as log odds of the label."""

    def __init__(self, features: Array, fine: Array, label: Array, weight: Array) -> None:
        from sklearn.linear_model import LogisticRegression

        self._line = Line(features, fine, weight, yes_or_no=False)
        said = self._line.says(features)[:, None]
        self._odds = LogisticRegression(C=np.inf).fit(said, label, sample_weight=weight)

    def says(self, features: Array) -> Array:
        """Return log odds per row."""
        return np.asarray(self._odds.decision_function(self._line.says(features)[:, None]), dtype=np.float64)
