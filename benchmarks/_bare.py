"""The peers of benchmarks/inference.py: for a fitted estimator, the library's own call for the same scores of the same rows.

Everything that can be done before is done before: the array is made, the net is PyTorch's own module, the forest scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch

from pitwall.ml.estimators.order.lightgbm import NEEDS as RANKED
from pitwall.ml.estimators.order.lightgbm import PLAN as RANKED_PLAN
from pitwall.ml.estimators.shared.design import design
from pitwall.ml.estimators.shared.linear import Standardised
from pitwall.ml.rows import feature_columns

Call = Callable[[], object]
Peer = Callable[[Any, pd.DataFrame], Call]


def _learned(fitted: Any) -> list[Any]:
    """Return what the library has learned of a fitted estimator: one score, or middle and size."""
    return [fitted.learned] if hasattr(fitted, "learned") else [fitted.middle, fitted.size]


def _array(frame: pd.DataFrame) -> np.ndarray:
    return np.ascontiguousarray(frame[feature_columns(frame)].to_numpy(dtype=np.float64))


def _each(calls: list[Call]) -> Call:
    return lambda: [call() for call in calls]


def xgboost(fitted: Any, frame: pd.DataFrame) -> Call:
    """Call `DMatrix` and `predict`, as the library is asked on arrays."""
    import xgboost as xgb

    values = _array(frame)

    def call(trees: Any) -> Call:
        names = trees.feature_names
        return lambda: trees.predict(xgb.DMatrix(values, feature_names=names, nthread=1), output_margin=True)

    return _each([call(each.trees) for each in _learned(fitted)])


def lightgbm(fitted: Any, frame: pd.DataFrame) -> Call:
    """Call `predict`."""
    values = _array(frame)
    return _each(
        [lambda trees=each.trees: trees.predict(values, raw_score=True, num_threads=1) for each in _learned(fitted)]
    )


def catboost(fitted: Any, frame: pd.DataFrame) -> Call:
    """Call `predict`."""
    values = _array(frame)
    return _each(
        [
            lambda trees=each.trees: trees.predict(values, prediction_type="RawFormulaVal", thread_count=1)
            for each in _learned(fitted)
        ]
    )


def nodes(kind: str) -> Peer:
    """Return the peer of trees that are served as arrays: scikit-learn's own model of as many trees of that kind."""

    def peer(fitted: Any, frame: pd.DataFrame) -> Call:
        values = np.nan_to_num(_array(frame))
        models = [_grown(kind, each, values) for each in _learned(fitted)]
        return lambda: [model.predict(values) for model in models]

    return peer


def _grown(kind: str, learned: Any, values: np.ndarray) -> Any:
    """Return a model of scikit-learn with as many trees, grown on many rows like the few."""
    from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor

    random = np.random.default_rng(0)
    many = values[random.integers(0, len(values), 1000)] + random.normal(size=(1000, values.shape[1]))
    count, target = len(learned.nodes.roots), many[:, 0] + random.normal(size=1000)
    if kind == "forest":
        return RandomForestRegressor(count, min_samples_leaf=20, random_state=0, n_jobs=1).fit(many, target)
    return HistGradientBoostingRegressor(max_iter=count, max_leaf_nodes=8, random_state=0).fit(many, target)


def net(fitted: Any, frame: pd.DataFrame) -> Call:
    """Call PyTorch's own module on a tensor, without gradients."""
    values = _array(frame)

    def call(learned: Any) -> Call:
        weights = {name: torch.from_numpy(each) for name, each in learned.weights.items()}
        hidden, width = weights["in"].shape
        layers = [torch.nn.Linear(width, hidden), torch.nn.Linear(hidden, hidden), torch.nn.Linear(hidden, 1)]
        names = (("in", "in_bias"), ("between", "between_bias"), ("out", "out_bias"))
        for layer, (matrix, bias) in zip(layers, names, strict=True):
            layer.weight.data = weights[matrix].reshape(layer.weight.shape)
            layer.bias.data = weights[bias].reshape(layer.bias.shape)
        module = torch.nn.Sequential(layers[0], torch.nn.Tanh(), layers[1], torch.nn.Tanh(), layers[2]).double().eval()
        columns = learned.columns.matrix(pd.DataFrame(values, columns=[str(n) for n in range(values.shape[1])]))
        data = torch.from_numpy(columns)

        def forward() -> object:
            with torch.inference_mode():
                return module(data).numpy()

        return forward

    return _each([call(each) for each in _learned(fitted)])


def line(made: Standardised, count: int, frame: pd.DataFrame) -> Call:
    """Call NumPy's product of columns that are standardised already."""
    columns = made.matrix(frame)
    coefficients = np.ones(columns.shape[1])
    return _each([lambda: columns @ coefficients] * count)


def ranks(fitted: Any, frame: pd.DataFrame) -> Call:
    """Call `predict` of LightGBM's ranking trees."""
    values = design(frame, RANKED, RANKED_PLAN).to_numpy(dtype=np.float64)
    trees = fitted.trees.trees
    return lambda: trees.predict(values, raw_score=True, num_threads=1)


PEERS: dict[tuple[str, str], Peer] = {
    **{
        (family, name): peer
        for family in ("binary", "regression")
        for name, peer in {
            "xgboost": xgboost,
            "lightgbm": lightgbm,
            "catboost": catboost,
            "random_forest": nodes("forest"),
            "gradient_boosting": nodes("boosting"),
            "mlp": net,
        }.items()
    },
    ("binary", "logistic"): lambda fitted, frame: line(fitted.design, 1, frame),
    ("regression", "linear"): lambda fitted, frame: line(fitted.line.design, 2, frame),
    ("order", "lightgbm"): ranks,
}
