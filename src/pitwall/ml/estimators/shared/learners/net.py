"""A small neural network as a learner: two layers on standardised columns, trained with PyTorch, answered with NumPy.

Double precision, one thread and a seed: the same rows give the same weights. What is not known stands at the median with a column
that says so, as in linear models. The weights of the epoch at which later races lose least are kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True)
class LearnedNet:
    """The weights: `in` and `between` with their biases, `out` with one; scores are centre plus scale times what comes out."""

    columns: Standardised
    weights: Weights
    centre: float
    scale: float
    settled: Params

    def scores(self, values: Array, margin: Array | None = None) -> Array:
        """Return what the net says on top of the margin."""
        inputs = self.columns.matrix(_frame(values))
        found = self.centre + self.scale * forward(inputs, self.weights)
        return found if margin is None else margin + found

    def save(self, path: Path) -> None:
        """Write an .npz of arrays; how columns are made of features is a text in it."""
        told = json.dumps({"columns": self.columns.content(), "centre": self.centre, "scale": self.scale})
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

    def learn(self, rows: TreeRows, loss: Loss, params: Params, *, seed: int, watch: Watch | None = None) -> LearnedNet:
        """Train until the loss of later races has not fallen for a while, or for the settled epochs."""
        device = device_of(params)
        columns = Standardised.learn(_frame(rows.values), _known(rows.values))
        centre, scale = (0.0, 1.0) if loss == "log" else _usual(rows.target)
        epochs = _train(
            columns.matrix(_frame(rows.values)), rows, (centre, scale), loss, params=params, seed=seed, device=device
        )

        def learned(weights: Weights, epoch: int) -> LearnedNet:
            return LearnedNet(columns, weights, centre, scale, {"epochs": epoch, **settled_device(device)})

        if watch is None:
            settled = int(params.get("epochs", self.most // 4))  # stopped before it learns by heart
            count = max(1, settled)
            return learned(next(weights for epoch, weights in enumerate(epochs, 1) if epoch == count), count)
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
        return LearnedNet(Standardised.of(told["columns"]), weights, told["centre"], told["scale"], {})


def forward(inputs: Array, weights: Mapping[str, Array]) -> Array:
    """Return the output of each row: two layers of tanh and a line."""
    first = np.tanh(inputs @ weights["in"].T + weights["in_bias"])
    second = np.tanh(first @ weights["between"].T + weights["between_bias"])
    return np.asarray(second @ weights["out"] + weights["out_bias"])


def _frame(values: Array) -> pd.DataFrame:
    return pd.DataFrame(values, columns=[f"{number}" for number in range(values.shape[1])])


def _known(values: Array) -> list[str]:
    """Return the names of the columns that are known of any row: others would change the draw of the weights and tell nothing."""
    return [f"{number}" for number in np.flatnonzero(~np.isnan(values).all(axis=0))]


def _usual(target: Array) -> tuple[float, float]:
    """Return the middle and the usual size of a number."""
    middle = float(np.median(target))
    return middle, float(np.median(np.abs(target - middle))) or float(target.std()) or 1.0


def _train(
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
    width, hidden = inputs.shape[1], int(params["hidden"])

    def drawn(*shape: int) -> Any:
        made = torch.randn(*shape, generator=random, dtype=torch.float64) / shape[-1] ** 0.5
        return made.to(device).requires_grad_()

    def zeros(*shape: int) -> Any:
        return torch.zeros(shape, dtype=torch.float64, device=device, requires_grad=True)

    weights = {
        "in": drawn(hidden, width),
        "in_bias": zeros(hidden),
        "between": drawn(hidden, hidden),
        "between_bias": zeros(hidden),
        "out": zeros(hidden),
        "out_bias": zeros(),
    }
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
            first = torch.tanh(data[part] @ weights["in"].T + weights["in_bias"])
            second = torch.tanh(first @ weights["between"].T + weights["between_bias"])
            measure(base[part] + second @ weights["out"] + weights["out_bias"], true[part]).backward()
            step.step()
        yield {name: each.detach().cpu().numpy().copy() for name, each in weights.items()}
