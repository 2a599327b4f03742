"""Baselines of yes or no: a rate that was counted in the training rows, or one that stands in the row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.domain.keys import SPINE_NAMES
from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.binary._says import happened
from pitwall.ml.estimators.shared.calibration import EDGE, Array, log_loss
from pitwall.ml.estimators.shared.measured import measured
from pitwall.ml.estimators.shared.rates import Rates
from pitwall.ml.estimators.shared.sorting import sorted_rows

FILE = "rates.json"


@dataclass(frozen=True)
class FittedRate:
    """The counted rates, and the features whose product is said instead where all are known."""

    rates: Rates
    running: tuple[str, ...]
    params: Params
    validation_loss: float | None = None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `p` per row."""
        return pd.DataFrame({"p": self._p(frame)}, index=frame.index)

    def _p(self, frame: pd.DataFrame) -> Array:
        counted = self.rates.of(frame)
        if not self.running:
            return counted
        told = frame[list(self.running)].to_numpy(dtype=np.float64, na_value=np.nan).prod(axis=1)
        return np.asarray(np.clip(np.where(np.isnan(told), counted, told), EDGE, 1.0 - EDGE))

    def save(self, folder: Path) -> None:
        """Write `rates.json`."""
        content = {
            "rates": self.rates.content(),
            "running": list(self.running),
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class RateRule:
    """The plug-in of a rate.

    Attributes:
        name: of the baseline.
        key: id column of the spine, or feature of whole numbers, whose rates are counted; None for the overall one.
        running: features, the product of which is the rate as it stands at the row's cut-off; empty to count only.
        models: whose question the running rate answers; None for any of the family.
    """

    name: str
    key: str | None = None
    running: tuple[str, ...] = ()
    models: tuple[str, ...] | None = None
    role: Role = "baseline"
    settles = False  # later rows measure a loss and decide nothing

    @property
    def needs(self) -> tuple[str, ...] | None:
        """The features that are read: none of a rate that is counted by the rows' ids."""
        return (*self.running, *(name for name in (self.key,) if name is not None and name not in SPINE_NAMES))

    @property
    def ids(self) -> tuple[str, ...]:
        """The id that rows must have: a race has no driver."""
        return () if self.key is None else (self.key,)

    def default(self) -> Params:
        """Return the counting, which is part of the rule and not searched."""
        return {"fade": 0.5, "weight": 20.0}

    def space(self, trial: Trial) -> Params:
        """Return the default: a baseline has nothing to tune."""
        return self.default()

    def fit(self, data: FitInput) -> FittedRate:
        """Count; all other input is not needed."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        rates = Rates.count(frame, happened(outcome), self.key, fade=data.params["fade"], weight=data.params["weight"])
        fitted = FittedRate(rates, self.running, dict(data.params))
        return measured(
            fitted, data, lambda later, seen: log_loss(fitted.answer(later)["p"].to_numpy(), happened(seen))
        )

    def load(self, folder: Path) -> FittedRate:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return FittedRate(
            Rates.read(content["rates"]), tuple(content["running"]), content["params"], content["validation_loss"]
        )
