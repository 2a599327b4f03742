"""Rules that say the median slope of earlier rows: of a compound, and of a compound at a circuit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.curve._spread import Spread, crps
from pitwall.ml.estimators.shared.linear import Array
from pitwall.ml.estimators.shared.measured import measured
from pitwall.ml.estimators.shared.sorting import sorted_rows

FILE = "estimator.json"
CIRCUIT, COMPOUND = "circuit_id", "compound_id"


@dataclass(frozen=True)
class Medians:
    """The median of all rows, of each compound, and by "circuit compound" with the number of rows that it is of."""

    overall: float
    compounds: Mapping[str, float]
    circuits: Mapping[str, tuple[float, int]]
    weight: float

    @classmethod
    def count(cls, frame: pd.DataFrame, value: Array, weight: float | None) -> Medians:
        """Return the medians of training rows; without a weight circuits are not told apart."""
        slopes = pd.Series(value, frame.index)
        compounds = {str(name): float(each) for name, each in slopes.groupby(frame[COMPOUND]).median().items()}
        found = cls(float(np.median(value)), compounds, {}, weight or 0.0)
        if weight is None:
            return found
        by = slopes.groupby(_places(frame)).agg(["median", "size"])
        circuits = {str(name): (float(m), int(n)) for name, m, n in by.itertuples()}
        return replace(found, circuits=circuits)

    def of(self, frame: pd.DataFrame) -> Array:
        """Return the slope of each row: that of its circuit, drawn to that of its compound by `weight` rows."""
        usual = frame[COMPOUND].astype(str).map(dict(self.compounds)).fillna(self.overall).to_numpy(dtype=np.float64)
        seen = [self.circuits.get(place, (0.0, 0)) for place in _places(frame)]
        here, rows = np.array(seen, dtype=np.float64).reshape(-1, 2).T
        total = rows + self.weight
        return np.asarray(np.where(rows > 0, (rows * here + self.weight * usual) / np.maximum(total, 1e-9), usual))


@dataclass(frozen=True)
class FittedMedians:
    """The rule with the spread of its errors on later seasons."""

    medians: Medians
    spread: Spread
    params: Params
    validation_loss: float | None = None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the curve of each row."""
        return self.spread.answer(self.medians.of(frame), frame.index)

    def save(self, folder: Path) -> None:
        """Write `estimator.json`."""
        told = self.medians
        content = {
            "overall": told.overall,
            "compounds": dict(told.compounds),
            "circuits": dict(told.circuits),
            "weight": told.weight,
            "spread": self.spread.at,
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class MedianRule:
    """The plug-in of a median.

    Attributes:
        name: of the baseline.
        weight: rows of the compound's median that a circuit's is drawn by; None to leave circuits out.
    """

    name: str
    weight: float | None = None
    role: Role = "baseline"
    needs: tuple[str, ...] | None = ()
    settles = False  # later rows measure a loss and decide nothing

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids that rows must have."""
        return (COMPOUND,) if self.weight is None else (COMPOUND, CIRCUIT)

    def default(self) -> Params:
        """Return the weight, which is part of the rule and not searched."""
        return {} if self.weight is None else {"weight": self.weight}

    def space(self, trial: Trial) -> Params:
        """Return the default: a baseline has nothing to tune."""
        return self.default()

    def fit(self, data: FitInput) -> FittedMedians:
        """Count; features are not read."""
        frame, outcome = sorted_rows(data.frame, data.outcome)
        value, weight = outcome["value"].to_numpy(dtype=np.float64), data.params.get("weight")
        spread = Spread.learn(frame, value, lambda rows, seen: Medians.count(rows, seen, weight).of)
        fitted = FittedMedians(Medians.count(frame, value, weight), spread, dict(data.params))
        return measured(
            fitted, data, lambda later, after: crps(fitted.answer(later), after["value"].to_numpy(dtype=np.float64))
        )

    def load(self, folder: Path) -> FittedMedians:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        circuits = {place: (median, rows) for place, (median, rows) in content["circuits"].items()}
        medians = Medians(content["overall"], content["compounds"], circuits, content["weight"])
        return FittedMedians(medians, Spread(tuple(content["spread"])), content["params"], content["validation_loss"])


def _places(frame: pd.DataFrame) -> pd.Series:
    return frame[CIRCUIT].astype(str) + " " + frame[COMPOUND].astype(str)
