"""What fitted models of hazards share: the curve from a score in log odds per step, and the slope that later rows settle."""

from __future__ import annotations

from typing import Protocol

import pandas as pd

from pitwall.ml.estimators._estimator import FitInput, Params
from pitwall.ml.estimators.shared.calibration import Array, chances, log_odds, settled_slope, sloped
from pitwall.ml.estimators.survival._hazards import Hazards
from pitwall.ml.estimators.survival._periods import Periods, loss_of
from pitwall.ml.families.survival.answer import STEPS, curves

SLOPE = "slope"  # of the settled parameter
COMPOUND = "set_compound"


class Scored(Protocol):
    """A fitted model before calibration."""

    @property
    def params(self) -> Params:
        """The parameters settled so far."""

    @property
    def level(self) -> Hazards:
        """The hazards that scores start from."""

    def scores_of(self, frame: pd.DataFrame, periods: Periods) -> Array:
        """Return log odds per step."""


def counted(frame: pd.DataFrame, outcome: pd.DataFrame) -> Hazards:
    """Return the hazards that models start from: of each compound where that is a feature, else of all rows."""
    return Hazards.count(frame, outcome, COMPOUND if COMPOUND in frame else None)


def starts(level: Hazards, frame: pd.DataFrame, periods: Periods) -> Array:
    """Return the log odds per step that scores start from."""
    return log_odds(level.of(frame)[periods.row, periods.step - 1])


def answer(model: Scored, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the curve of each row."""
    periods = Periods.all_of(len(frame))
    start = starts(model.level, frame, periods)
    hazards = chances(sloped(model.scores_of(frame, periods), start, model.params.get(SLOPE, 1.0)))
    return curves(hazards.reshape(-1, STEPS), frame.index)


def settle(model: Scored, data: FitInput) -> Params:
    """Return the parameters with the slope that later rows settle; without them, as they were."""
    if data.validation is None:
        return model.params
    frame, outcome = data.validation
    periods, ended = Periods.watched(outcome)
    slope = settled_slope(model.scores_of(frame, periods), starts(model.level, frame, periods), ended)
    return {**model.params, SLOPE: slope}


def lost(model: Scored, data: FitInput) -> float | None:
    """Return the loss on later rows, None without any."""
    return None if data.validation is None else loss_of(answer(model, data.validation[0]), data.validation[1])
