"""The peers of benchmarks/inference.py: for a fitted estimator, the library's own call for the same scores of the same rows.

Everything that can be done before is done before: the array is made, the net is PyTorch's own module, the forest scikit-learn's. A
family says once what its models have of a library and which array that is asked about, a library once how it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import torch

from pitwall.ml.estimators.curve._running import own_features
from pitwall.ml.estimators.order._logit import design_of
from pitwall.ml.estimators.order.plackett_luce_net import GRID
from pitwall.ml.estimators.order.plackett_luce_trees import PLAN
from pitwall.ml.estimators.shared.design import design
from pitwall.ml.estimators.shared.learners.sequence_net import Recurrent
from pitwall.ml.estimators.shared.linear import Standardised
from pitwall.ml.estimators.shared.trees import THREADS, known_values
from pitwall.ml.estimators.survival._periods import Periods, names_of

Array = np.ndarray
Call = Callable[[], object]
Asked = tuple[list[Any], Array]
Peer = Callable[[Any, pd.DataFrame], Call]

LEARNED: dict[str, Callable[[Any, pd.DataFrame], Asked]] = {
    "binary": lambda fitted, frame: ([fitted.learned], known_values(frame, fitted.features)),
    "multiclass": lambda fitted, frame: (
        [border for border in fitted.learned if border is not None],
        known_values(frame, fitted.features),
    ),
    "regression": lambda fitted, frame: (
        [fitted.middle, fitted.size],
        known_values(frame, fitted.line.design.features),
    ),
    "curve": lambda fitted, frame: (
        [fitted.middle.learned],
        own_features(frame)[list(fitted.middle.names)].to_numpy(dtype=np.float64),
    ),
    "survival": lambda fitted, frame: ([fitted.learned], Periods.all_of(len(frame)).values(frame, fitted.features)),
    "order": lambda fitted, frame: ([fitted.trees], _ranked(fitted, frame)),
}


def _ranked(fitted: Any, frame: pd.DataFrame) -> Array:
    return design(frame, fitted.features, PLAN).to_numpy(dtype=np.float64)


def _each(calls: list[Call]) -> Call:
    return lambda: [call() for call in calls]


def xgboost(learned: Any, values: Array) -> Call:
    """Call `DMatrix` and `predict`, as the library is asked on arrays."""
    import xgboost as xgb

    trees, names = learned.trees, learned.trees.feature_names
    return lambda: trees.predict(xgb.DMatrix(values, feature_names=names, nthread=THREADS), output_margin=True)


def lightgbm(learned: Any, values: Array) -> Call:
    """Call `predict`."""
    trees = learned.trees
    return lambda: trees.predict(values, raw_score=True, num_threads=THREADS)


def catboost(learned: Any, values: Array) -> Call:
    """Call `predict`."""
    trees = learned.trees
    return lambda: trees.predict(values, prediction_type="RawFormulaVal", thread_count=THREADS)


def forest(learned: Any, values: Array) -> Call:
    """Call `predict` of scikit-learn's forest of as many trees."""
    from sklearn.ensemble import RandomForestRegressor

    count = len(learned.nodes.roots)
    return _grown(RandomForestRegressor(count, min_samples_leaf=20, random_state=0, n_jobs=THREADS), values)


def boosting(learned: Any, values: Array) -> Call:
    """Call `predict` of scikit-learn's boosting of as many trees."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    count = len(learned.nodes.roots)
    return _grown(HistGradientBoostingRegressor(max_iter=count, max_leaf_nodes=8, random_state=0), values)


def _grown(model: Any, values: Array) -> Call:
    """Call `predict` of a model of scikit-learn, grown on many rows like the few."""
    random, values = np.random.default_rng(0), np.nan_to_num(values)
    many = values[random.integers(0, len(values), 1000)] + random.normal(size=(1000, values.shape[1]))
    model.fit(many, many[:, 0] + random.normal(size=1000))
    return lambda: model.predict(values)


def net(learned: Any, values: Array) -> Call:
    """Call PyTorch's own module, of as many units, on a tensor."""
    inputs = learned.body.inputs(learned.columns, values)
    hidden, width = learned.weights["in"].shape
    if isinstance(learned.body, Recurrent):
        return _forward(LapByLap(width, hidden, len(learned.body.laps.features)), inputs)
    layers = [torch.nn.Linear(width, hidden), torch.nn.Tanh(), torch.nn.Linear(hidden, hidden), torch.nn.Tanh()]
    return _forward(torch.nn.Sequential(*layers, torch.nn.Linear(hidden, 1)), inputs)


class LapByLap(torch.nn.Module):
    """PyTorch's own gated recurrent unit between two layers: its state begins as what is known now, laps come one by one."""

    def __init__(self, width: int, hidden: int, laps: int) -> None:
        super().__init__()
        self.width, self.laps = width, laps
        self.first, self.between = torch.nn.Linear(width, hidden), torch.nn.Linear(hidden, hidden)
        self.unit, self.out = torch.nn.GRU(2, hidden, batch_first=True), torch.nn.Linear(hidden, 1)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return a number per row; of each lap it reads the value and whether it is of this stint."""
        told = inputs[:, self.width : self.width + 2 * self.laps].reshape(-1, 2, self.laps).transpose(1, 2)
        _, state = self.unit(told, torch.tanh(self.first(inputs[:, : self.width]))[None])
        return self.out(torch.tanh(self.between(state[0])))


def _forward(module: torch.nn.Module, inputs: Array) -> Call:
    module, data = module.double().eval(), torch.from_numpy(np.ascontiguousarray(inputs))

    def forward() -> object:
        with torch.inference_mode():
            return module(data).numpy()

    return forward


def one_layer(fitted: Any, frame: pd.DataFrame) -> Call:
    """Call PyTorch's own modules of the nets of an order."""
    inputs = design_of(frame, fitted.columns)[:, [name not in GRID for name in fitted.columns]]
    hidden = len(fitted.nets[0]["out"])
    modules = [
        torch.nn.Sequential(
            torch.nn.Linear(inputs.shape[1], hidden), torch.nn.Tanh(), torch.nn.Linear(hidden, 1, bias=False)
        )
        for _ in fitted.nets
    ]
    return _each([_forward(module, inputs) for module in modules])


def line(made: Standardised, frame: pd.DataFrame, numbers: int = 1) -> Call:
    """Call NumPy's product of columns that are standardised already, for so many numbers of a row."""
    columns = made.matrix(frame)
    coefficients = np.ones((columns.shape[1], numbers))
    return lambda: columns @ coefficients


def _steps(fitted: Any, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a line of hazards, one for each step."""
    values = Periods.all_of(len(frame)).values(frame, fitted.features)
    return pd.DataFrame(values, columns=list(names_of(fitted.features)))


OWN: dict[tuple[str, str], Peer] = {
    # Boosters that are held without a learner between.
    ("multiclass", "xgboost"): lambda fitted, frame: xgboost(fitted, known_values(frame, fitted.features)),
    ("regression", "quantile_trees"): lambda fitted, frame: xgboost(fitted, known_values(frame, fitted.features)),
    ("order", "plackett_luce_trees"): lambda fitted, frame: xgboost(
        SimpleNamespace(trees=fitted.booster), _ranked(fitted, frame)
    ),
    ("order", "plackett_luce_net"): one_layer,
    ("binary", "logistic"): lambda fitted, frame: line(fitted.design, frame),
    ("multiclass", "logistic"): lambda fitted, frame: line(fitted.design, frame, len(fitted.classes)),
    ("regression", "linear"): lambda fitted, frame: line(fitted.line.design, frame, 2),
    ("curve", "ridge"): lambda fitted, frame: line(fitted.line.design, own_features(frame)),
    ("survival", "hazard"): lambda fitted, frame: line(fitted.design, _steps(fitted, frame)),
}
LIBRARIES: dict[str, Callable[[Any, Array], Call]] = {
    "xgboost": xgboost,
    "lightgbm": lightgbm,
    "catboost": catboost,
    "random_forest": forest,
    "gradient_boosting": boosting,
    "mlp": net,
    "lap_sequence": net,
}


def peer(family: str, name: str, fitted: Any, frame: pd.DataFrame) -> Call | None:
    """Return the library's own call for the scores of a fitted estimator; None where no library has one."""
    if own := OWN.get((family, name)):
        return own(fitted, frame)
    if library := LIBRARIES.get(name):
        learned, values = LEARNED[family](fitted, frame)
        return _each([library(each, values) for each in learned])
    return None
