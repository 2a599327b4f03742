"""Baselines of classes: rates that were counted in the training rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.multiclass._classes import as_answer, classes_of, happened, log_loss
from pitwall.ml.estimators.shared.measured import measured
from pitwall.ml.estimators.shared.rates import Rates
from pitwall.ml.estimators.shared.sorting import sorted_rows

FILE = "rates.json"


@dataclass(frozen=True)
class FittedRates:
    """The counted rates of each class; `sure` says the commonest one and nothing else."""

    rates: dict[str, Rates]
    sure: bool
    params: Params
    validation_loss: float | None = None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `p_<class>` per row."""
        chances = np.column_stack([rates.of(frame) for rates in self.rates.values()])
        if self.sure:
            chances = np.eye(chances.shape[1])[chances.argmax(axis=1)]
        return as_answer(chances, tuple(self.rates), frame.index)

    def save(self, folder: Path) -> None:
        """Write `rates.json`."""
        content = {
            "rates": {name: rates.content() for name, rates in self.rates.items()},
            "sure": self.sure,
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class RateRule:
    """The plug-in of rates.

    Attributes:
        name: of the baseline.
        key: id column of the spine whose rates are counted; None for the overall ones.
        feature: a feature whose values are counted by in place of an id.
        sure: say the commonest class and nothing else.
        models: whose question it answers; None for any of the family.
    """

    name: str
    key: str | None = None
    feature: str | None = None
    sure: bool = False
    models: tuple[str, ...] | None = None
    role: Role = "baseline"
    settles = False  # later rows measure a loss and decide nothing

    @property
    def needs(self) -> tuple[str, ...] | None:
        """The features that are read."""
        return () if self.feature is None else (self.feature,)

    @property
    def ids(self) -> tuple[str, ...]:
        """The id that rows must have: a race has no driver."""
        return () if self.key is None else (self.key,)

    def default(self) -> Params:
        """Return the counting, which is part of the rule and not searched."""
        return {"fade": 0.7, "weight": 20.0}

    def space(self, trial: Trial) -> Params:
        """Return the default: a baseline has nothing to tune."""
        return self.default()

    def fit(self, data: FitInput) -> FittedRates:
        """Count; all other input is not needed."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        true, by = happened(outcome), self.key or self.feature
        rates = {
            name: Rates.count(frame, true[:, at], by, fade=data.params["fade"], weight=data.params["weight"])
            for at, name in enumerate(classes_of(outcome))
        }
        fitted = FittedRates(rates, self.sure, dict(data.params))
        return measured(fitted, data, lambda later, seen: log_loss(fitted.answer(later).to_numpy(), happened(seen)))

    def load(self, folder: Path) -> FittedRates:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        rates = {name: Rates.read(each) for name, each in content["rates"].items()}
        return FittedRates(rates, content["sure"], content["params"], content["validation_loss"])
