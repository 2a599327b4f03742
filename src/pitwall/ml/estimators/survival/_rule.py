"""Baselines of how long something lasts: how often it ended with each step, overall or of rows alike."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pitwall.domain.keys import SPINE_NAMES
from pitwall.ml.estimators._estimator import FitInput, Params, Role, Trial
from pitwall.ml.estimators.shared.measured import measured
from pitwall.ml.estimators.shared.sorting import sorted_rows
from pitwall.ml.estimators.survival._hazards import ROWS_DRAWN, STEPS_DRAWN, Hazards
from pitwall.ml.estimators.survival._periods import loss_of
from pitwall.ml.families.survival.answer import curves

FILE = "hazards.json"


@dataclass(frozen=True)
class FittedHazards:
    """The counted hazards."""

    hazards: Hazards
    params: Params
    validation_loss: float | None = None

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the curve of each row."""
        return curves(self.hazards.of(frame), frame.index)

    def save(self, folder: Path) -> None:
        """Write `hazards.json`."""
        content = {
            "hazards": self.hazards.content(),
            "params": dict(sorted(self.params.items())),
            "validation_loss": self.validation_loss,
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class HazardRule:
    """The plug-in.

    Attributes:
        name: of the baseline.
        key: id column of the spine, or feature, by which rows are alike; None for all.
        width: of the numbers that count as one.
    """

    name: str
    key: str | None = None
    width: int = 1
    role: Role = "baseline"
    settles = False  # later rows measure a loss and decide nothing

    @property
    def needs(self) -> tuple[str, ...] | None:
        """The feature that is read, if it is none of the rows' ids."""
        return () if self.key is None or self.key in SPINE_NAMES else (self.key,)

    @property
    def ids(self) -> tuple[str, ...]:
        """The id that rows must have."""
        return (self.key,) if self.key in SPINE_NAMES else ()

    def default(self) -> Params:
        """Return the counting, which is part of the rule and not searched."""
        return {"steps": STEPS_DRAWN, "weight": ROWS_DRAWN}

    def space(self, trial: Trial) -> Params:
        """Return the default: a baseline has nothing to tune."""
        return self.default()

    def fit(self, data: FitInput) -> FittedHazards:
        """Count; all other input is not needed."""
        rows, drawn = sorted_rows(data.frame, data.outcome), {name: data.params[name] for name in ("steps", "weight")}
        fitted = FittedHazards(Hazards.count(*rows, self.key, width=self.width, **drawn), dict(data.params))
        return measured(fitted, data, lambda later, seen: loss_of(fitted.answer(later), seen))

    def load(self, folder: Path) -> FittedHazards:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return FittedHazards(Hazards.read(content["hazards"]), content["params"], content["validation_loss"])
