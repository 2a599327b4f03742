"""A small neural network on the listwise likelihood: the conditional logit plus what two tanh layers add to it.

The grid stays out of the network, so that a better slot can never hurt. Two networks with their own seeds are averaged.
Full-batch steps in double precision on one thread: the same rows and seed give the same bytes. Weights are saved as JSON.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Traits, Trial
from pitwall.ml.estimators.order._elimination import Eliminations, conditional_logit, eliminations
from pitwall.ml.estimators.order._few_features import NEEDS, chosen_columns, unclassified_rate
from pitwall.ml.estimators.order._logit import design_of, winners_loss
from pitwall.ml.estimators.order._order import Positions, SaysPlaces
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.families.order.elimination import survival_probabilities

FILE = "estimator.json"
NETS = 2
MOST_EPOCHS = 100
EVERY = 5  # epochs between two looks at the validation races
PATIENCE = 4  # looks without progress
GRID = ("log_grid", "grid")
Layers = dict[str, list[Any]]


@dataclass(frozen=True)
class FittedNet(SaysPlaces):
    """Coefficients of the linear part, and per network the layers of `columns` less the grid."""

    columns: tuple[str, ...]
    linear: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    nets: tuple[Layers, ...]
    params: Params
    validation_loss: float | None = None

    def positions(self, frame: pd.DataFrame) -> Positions:
        """Return P(place) per row."""
        matrix = design_of(frame, self.columns)
        inputs = (matrix[:, _inside(self.columns)] - self.centre) / self.scale
        added = [np.tanh(inputs @ np.array(net["in"]).T + net["bias"]) @ np.array(net["out"]) for net in self.nets]
        drop = self.params["drop_share"] * unclassified_rate(frame)
        return survival_probabilities(matrix @ self.linear + np.mean(added, axis=0), frame["race_id"].to_numpy(), drop)

    def save(self, folder: Path) -> None:
        """Write `estimator.json`."""
        content = {
            "columns": list(self.columns),
            **{name: getattr(self, name).tolist() for name in ("linear", "centre", "scale")},
            "nets": list(self.nets),
            "params": self.params,
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, sort_keys=True) + "\n", encoding="utf-8")


class PlackettLuceNet:
    """The plug-in."""

    name = "plackett_luce_net"
    also = ("mlp", "torch", "neural_network")
    role: Role = "model"
    traits = Traits("JSON", stops=True)
    needs: tuple[str, ...] | None = NEEDS

    def default(self) -> Params:
        """Return a small net and few epochs: it overfits if it trains for long."""
        shared = {"focus": 8.0, "half_life": 6.0, "ridge": 1.0, "drop_share": 0.3}
        return {**shared, "hidden": 6, "rate": 0.005, "decay": 0.05, "epochs": 25}

    def space(self, trial: Trial) -> Params:
        """Return a configuration chosen by the trial."""
        chosen = {
            "hidden": trial.suggest_int("hidden", 2, 12),
            "rate": trial.suggest_float("rate", 0.001, 0.02, log=True),
            "decay": trial.suggest_float("decay", 0.01, 0.5, log=True),
            "half_life": trial.suggest_float("half_life", 2.0, 12.0, log=True),
        }
        return {**self.default(), **chosen}

    def fit(self, data: FitInput) -> FittedNet:
        """Fit the linear part, then train on what it leaves; with validation races, stop where their loss is best."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        params, validation = data.params, data.validation
        columns = chosen_columns(frame)
        matrix = design_of(frame, columns)
        races = eliminations(frame, outcome, params["focus"], params["half_life"])
        linear = conditional_logit(matrix, races, params["ridge"])
        inner = matrix[:, _inside(columns)]
        centre, scale = inner.mean(axis=0), inner.std(axis=0) + 1e-9

        def fitted(nets: list[Layers], epochs: int, loss: float | None) -> FittedNet:
            return FittedNet(columns, linear, centre, scale, tuple(nets), {**params, "epochs": epochs}, loss)

        steps = _train((inner - centre) / scale, matrix @ linear, races, params, data.seed)
        if validation is None:
            heard = data.hears("plackett_luce_loss")
            for epoch in range(1, int(params["epochs"]) + 1):
                nets, loss = next(steps)
                if heard is not None:
                    heard(epoch, loss)
            return fitted(nets, int(params["epochs"]), None)
        best, since = None, 0
        for epoch in range(1, MOST_EPOCHS + 1):
            nets, _ = next(steps)
            if epoch % EVERY:
                continue
            now = fitted(nets, epoch, None)
            loss = winners_loss(now.positions(validation[0]), validation[1])
            if data.report is not None:
                data.report(epoch, loss)
            better = best is None or best.validation_loss is None or loss < best.validation_loss
            best, since = (fitted(nets, epoch, loss), 0) if better else (best, since + 1)
            if since == PATIENCE:
                break
        assert best is not None
        return best

    def load(self, folder: Path) -> FittedNet:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        linear, centre, scale = (np.array(content[name]) for name in ("linear", "centre", "scale"))
        columns, nets = tuple(content["columns"]), tuple(content["nets"])
        return FittedNet(columns, linear, centre, scale, nets, content["params"], content["validation_loss"])


def _inside(columns: tuple[str, ...]) -> np.ndarray:
    return np.array([name not in GRID for name in columns])


def _train(inputs: np.ndarray, offset: np.ndarray, races: Eliminations, params: Params, seed: int) -> Any:
    """Yield the layers of all networks after each epoch, and their mean loss before it, for ever."""
    import torch

    torch.set_num_threads(1)
    random = torch.Generator().manual_seed(seed)
    rows, mask = torch.from_numpy(races.rows), torch.from_numpy(races.mask)
    weight = torch.from_numpy(races.weight / races.weight.sum())
    data, base = torch.from_numpy(inputs), torch.from_numpy(offset)
    hidden, width = int(params["hidden"]), inputs.shape[1]
    inner = (torch.randn(NETS, hidden, width, generator=random, dtype=torch.float64) / width**0.5).requires_grad_()
    bias = torch.zeros(NETS, hidden, dtype=torch.float64, requires_grad=True)
    outer = torch.zeros(NETS, hidden, dtype=torch.float64, requires_grad=True)
    step = torch.optim.AdamW([inner, bias, outer], lr=params["rate"], weight_decay=params["decay"])
    while True:
        step.zero_grad()
        score = base + _outputs(data, inner, bias, outer)
        worse = torch.where(mask, -score[:, rows], torch.tensor(-1e9, dtype=torch.float64))
        left = torch.logcumsumexp(worse.flip(2), 2).flip(2)
        loss = (weight * torch.where(mask, left - worse, torch.zeros((), dtype=torch.float64))).sum()
        loss.backward()
        step.step()
        nets = [{"in": inner[n].tolist(), "bias": bias[n].tolist(), "out": outer[n].tolist()} for n in range(NETS)]
        yield nets, float(loss.detach()) / NETS


def _outputs(data: Any, inner: Any, bias: Any, outer: Any) -> Any:
    """Return networks x rows."""
    import torch

    hidden = torch.tanh(torch.einsum("rf,nhf->nrh", data, inner) + bias[:, None, :])
    return torch.einsum("nrh,nh->nr", hidden, outer)


ESTIMATOR = PlackettLuceNet()
