"""A rule that repeats what came of rows alike: the median of those that stood about as high in an order told by few columns."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.regression._spread import Spread, crps
from pitwall.ml.estimators.shared.linear import Array, Standardised
from pitwall.ml.estimators.shared.measured import measured
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.families.regression.metrics import COLUMNS

FILE = "estimator.json"
CLASSES = 20  # as many rows in each: about the cars of a field


@dataclass(frozen=True)
class FittedClasses:
    """Where each class of the order begins, and what came of its training rows by answer column."""

    design: Standardised
    signs: tuple[float, ...]
    edges: tuple[float, ...]
    answers: tuple[tuple[float, ...], ...]
    params: Params
    validation_loss: float | None = None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the mean and the quantiles of the class of each row."""
        which = np.searchsorted(np.array(self.edges), order_of(self.design, self.signs, frame), "right")
        return pd.DataFrame(np.array(self.answers)[which], index=frame.index, columns=list(COLUMNS))

    def save(self, folder: Path) -> None:
        """Write `estimator.json`."""
        content = {
            "design": self.design.content(),
            "signs": list(self.signs),
            "edges": list(self.edges),
            "answers": [dict(zip(COLUMNS, each, strict=True)) for each in self.answers],
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class MedianOfClass:
    """The plug-in of such a rule.

    Attributes:
        name: of the baseline.
        signs: {column: 1 where a higher value stands further back, -1 where further ahead}; the columns count alike.
        models: whose question the rule answers.
    """

    name: str
    signs: dict[str, float] = field(hash=False)
    models: tuple[str, ...] | None = None
    role: Role = "baseline"
    settles = False  # later rows measure a loss and decide nothing

    @property
    def needs(self) -> tuple[str, ...] | None:
        """The columns that are read."""
        return tuple(self.signs)

    def default(self) -> Params:
        """Return the one configuration: a rule has nothing to tune."""
        return {"classes": CLASSES}

    def space(self, trial: Trial) -> Params:
        """Return the default: there is nothing to choose."""
        return self.default()

    def fit(self, data: FitInput) -> FittedClasses:
        """Part the rows into classes and keep what came of each."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        value = outcome["value"].to_numpy(dtype=np.float64)
        design, signs = Standardised.learn(frame, tuple(self.signs)), tuple(self.signs.values())
        order = order_of(design, signs, frame)
        shares = np.linspace(0.0, 1.0, int(data.params["classes"]) + 1)[1:-1]
        edges = np.unique(np.quantile(order, shares))
        which, whole = np.searchsorted(edges, order, "right"), _came(value)
        answers = [_came(value[which == place]) if (which == place).any() else whole for place in range(len(edges) + 1)]
        fitted = FittedClasses(design, signs, tuple(edges.tolist()), tuple(answers), dict(data.params))
        return measured(
            fitted, data, lambda later, seen: crps(fitted.answer(later), seen["value"].to_numpy(dtype=np.float64))
        )

    def load(self, folder: Path) -> FittedClasses:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return FittedClasses(
            Standardised.of(content["design"]),
            tuple(content["signs"]),
            tuple(content["edges"]),
            tuple(tuple(each.values()) for each in content["answers"]),
            content["params"],
            content["validation_loss"],
        )


def order_of(design: Standardised, signs: tuple[float, ...], frame: pd.DataFrame) -> Array:
    """Return how far back each row stands: the sum of its standardised columns, each with its sign."""
    return np.asarray(design.matrix(frame)[:, : len(signs)] @ np.array(signs))


def _came(value: Array) -> tuple[float, ...]:
    """Return mean and quantiles of outcomes."""
    told = Spread.learn(value, np.ones(len(value))).at
    return tuple(told[name] for name in COLUMNS)
