"""A small neural network as a learner: two layers on standardised columns, trained with PyTorch, answered with NumPy.

Double precision, one thread and a seed: the same rows give the same weights. What is not known stands at the median with a column
that says so, as in linear models. The weights of the epoch at which later races lose least are kept. What stands between inputs and
output is a `Body`: two layers here, a recurrent one in `sequence_net`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import Params
from pitwall.ml.estimators.shared.calibration import Array
from pitwall.ml.estimators.shared.learners.device import CPU, device_of, none_found, settled_device
from pitwall.ml.estimators.shared.learners.learner import Loss, loss_of
from pitwall.ml.estimators.shared.linear import Standardised
from pitwall.ml.estimators.shared.trees import THREADS, TreeRows, Watch

PATIENCE = 5  # epochs without a better validation loss
BATCH = 256
Weights = dict[str, Array]


class Body(Protocol):
    """What stands between the inputs of a net and the line that ends it."""

    def inputs(self, columns: Standardised, values: Array) -> Array:
        """Return rows x inputs, all finite, of rows x features (NaN where not known)."""

    def shapes(self, width: int, hidden: int) -> dict[str, tuple[int, ...]]:
        """Return the shape of each array of weights, those of the line but for `out_bias`; matrices are drawn, the rest begins at 0."""

    def last(self, inputs: Any, weights: Mapping[str, Any], tanh: Callable[[Any], Any]) -> Any:
        """Return rows x hidden, what the line is drawn through; of NumPy's arrays or PyTorch's, `tanh` being of the same library."""

    def content(self) -> dict[str, Any]:
        """Return what its file says of it, as JSON values."""


@dataclass(frozen=True)
class TwoLayers:
    """Two layers of tanh."""

    def inputs(self, columns: Standardised, values: Array) -> Array:
        """Return the standardised columns."""
        return columns.of_values(columns_of(values, columns.features))

    def shapes(self, width: int, hidden: int) -> dict[str, tuple[int, ...]]:
        """Return those of both layers."""
        return {"in": (hidden, width), "in_bias": (hidden,), "between": (hidden, hidden), "between_bias": (hidden,)}

    def last(self, inputs: Any, weights: Mapping[str, Any], tanh: Callable[[Any], Any]) -> Any:
        """Return the second layer."""
        first = tanh(inputs @ weights["in"].T + weights["in_bias"])
        return tanh(first @ weights["between"].T + weights["between_bias"])

    def content(self) -> dict[str, Any]:
        """Return nothing: it is what a file without a word means."""
        return {}


@dataclass(frozen=True)
class LearnedNet:
    """The weights of the body, `out` and its bias; scores are centre plus scale times what comes out."""

    columns: Standardised
    weights: Weights
    centre: float
    scale: float
    settled: Params
    body: Body = TwoLayers()

    def scores(self, values: Array, margin: Array | None = None) -> Array:
        """Return what the net says on top of the margin."""
        return self.on_inputs(self.body.inputs(self.columns, values), margin)

    def on_inputs(self, inputs: Array, margin: Array | None = None) -> Array:
        """Return what the net says of inputs of its body, on top of the margin."""
        last = self.body.last(inputs, self.weights, np.tanh)
        found = self.centre + self.scale * np.asarray(last @ self.weights["out"] + self.weights["out_bias"])
        return found if margin is None else margin + found

    def save(self, path: Path) -> None:
        """Write an .npz of arrays; how columns are made of features is a text in it."""
        said = {"columns": self.columns.content(), "centre": self.centre, "scale": self.scale}
        told = json.dumps({**said, **self.body.content()})
        with path.open("wb") as file:
            np.savez(file, allow_pickle=False, told=np.array(told), **self.weights)


@dataclass(frozen=True)
class Net:
    """The learner: at most so many epochs, a third of them where nothing says how many."""

    most: int = 60
    file: str = "net.npz"
    coarse: Mapping[str, object] = field(
        default_factory=lambda: {"hidden": 16, "rate": 0.003, "decay": 0.01, "epochs": 15}
    )

    def body(self, rows: TreeRows) -> Body:
        """Return what stands between the columns of some rows and the output."""
        return TwoLayers()

    def read_body(self, told: Mapping[str, Any]) -> Body:
        """Return it as a file says."""
        return TwoLayers()

    def learn(self, rows: TreeRows, loss: Loss, params: Params, *, seed: int, watch: Watch | None = None) -> LearnedNet:
        """Train until the loss of later races has not fallen for a while, or for the settled epochs."""
        device = device_of(params)
        columns, body = Standardised.learn(as_frame(rows.values), _known(rows.values)), self.body(rows)
        centre, scale = (0.0, 1.0) if loss == "log" else _usual(rows.target)
        inputs = body.inputs(columns, rows.values)
        epochs = _train(body, inputs, rows, (centre, scale), loss, params=params, seed=seed, device=device)

        def learned(weights: Weights, epoch: int) -> LearnedNet:
            return LearnedNet(columns, weights, centre, scale, {"epochs": epoch, **settled_device(device)}, body)

        if watch is None:
            settled = int(params.get("epochs", self.most // 4))  # stopped before it learns by heart
            count = max(1, settled)
            for epoch, weights in enumerate(islice(epochs, count), 1):
                if rows.heard is not None:
                    said = learned(weights, epoch).on_inputs(inputs, rows.margin)
                    rows.heard(epoch, loss_of(loss, rows.target, said))
            return learned(weights, count)
        best, kept = float("inf"), None
        for epoch, weights in enumerate(epochs, 1):
            net = learned(weights, epoch)
            now = loss_of(loss, watch.rows.target, net.scores(watch.rows.values, watch.rows.margin))
            if watch.report is not None:
                watch.report(epoch, now)
            if kept is None or now < best:
                best, kept = now, net
            if epoch - kept.settled["epochs"] >= PATIENCE or epoch >= self.most:
                return kept
        raise AssertionError("epochs do not end")

    def load(self, path: Path) -> LearnedNet:
        """Read what was saved."""
        with np.load(path, allow_pickle=False) as content:
            told = json.loads(str(content["told"]))
            weights = {name: content[name] for name in content.files if name != "told"}
        columns, body = Standardised.of(told["columns"]), self.read_body(told)
        return LearnedNet(columns, weights, told["centre"], told["scale"], {}, body)


def as_frame(values: Array) -> pd.DataFrame:
    """Return rows x features with their places as names."""
    return pd.DataFrame(values, columns=[f"{number}" for number in range(values.shape[1])])


def columns_of(values: Array, places: Sequence[str]) -> Array:
    """Return the columns of some places, lying in memory as the values do: the last bit of a product of matrices depends on it."""
    return np.array(values[:, [int(place) for place in places]], order="F" if values.flags.f_contiguous else "C")


def _known(values: Array) -> list[str]:
    """Return the names of the columns that are known of any row: others would change the draw of the weights and tell nothing."""
    return [f"{number}" for number in np.flatnonzero(~np.isnan(values).all(axis=0))]


def _usual(target: Array) -> tuple[float, float]:
    """Return the middle and the usual size of a number."""
    middle = float(np.median(target))
    return middle, float(np.median(np.abs(target - middle))) or float(target.std()) or 1.0


def _train(
    body: Body,
    inputs: Array,
    rows: TreeRows,
    unit: tuple[float, float],
    loss: Loss,
    *,
    params: Params,
    seed: int,
    device: str,
) -> Iterator[Weights]:
    """Yield the weights after each epoch, for ever."""
    import torch

    if device != CPU and not torch.cuda.is_available():
        raise none_found("PyTorch")
    torch.set_num_threads(THREADS)
    random = torch.Generator().manual_seed(seed)
    hidden = int(params["hidden"])

    def begun(*shape: int) -> Any:
        matrix = len(shape) == 2
        made = torch.randn(*shape, generator=random, dtype=torch.float64) / shape[-1] ** 0.5 if matrix else None
        return (torch.zeros(shape, dtype=torch.float64) if made is None else made).to(device).requires_grad_()

    shapes = {**body.shapes(inputs.shape[1], hidden), "out": (hidden,), "out_bias": ()}
    weights = {name: begun(*shape) for name, shape in shapes.items()}
    start = np.zeros(len(inputs)) if rows.margin is None else rows.margin
    target = rows.target if loss == "log" else (rows.target - unit[0]) / unit[1]
    data, base, true = (torch.from_numpy(np.ascontiguousarray(each)).to(device) for each in (inputs, start, target))
    step = torch.optim.AdamW(list(weights.values()), lr=float(params["rate"]), weight_decay=float(params["decay"]))
    measure = {
        "log": torch.nn.functional.binary_cross_entropy_with_logits,
        "absolute": torch.nn.functional.l1_loss,
        "squared": torch.nn.functional.mse_loss,
    }[loss]
    while True:
        for part in torch.randperm(len(inputs), generator=random).to(device).split(BATCH):
            step.zero_grad()
            last = body.last(data[part], weights, torch.tanh)
            measure(base[part] + last @ weights["out"] + weights["out_bias"], true[part]).backward()
            step.step()
        yield {name: each.detach().cpu().numpy().copy() for name, each in weights.items()}
