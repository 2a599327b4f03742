"""Where a model of yes or no starts from: the rate among its features that tells most alone.

Rates of races drift over the years (cars that retire: from one in two to one in ten). A model that starts from a rate that moves
with them learns deviations from it, which outlast a change of level; one that starts from the mean of its training rows must
first unlearn their years.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from pitwall.ml.estimators._estimator import Params
from pitwall.ml.estimators.shared.calibration import Array, log_loss, log_odds

KNOWN = 0.98  # a rate that is null more often cannot carry the others
NAME = "level"  # of the settled parameter: a feature, or None


def settled_level(frame: pd.DataFrame, features: Sequence[str], happened: Array, params: Params) -> str | None:
    """Return the level that an earlier fit settled, else the rate with the least log loss on the training rows, if it beats their mean.

    Args:
        frame: sorted training rows.
        features: columns among which rates are looked for: strictly between 0 and 1, and hardly ever null.
        happened: 1 or 0 per row.
        params: with `level` where it is settled.
    """
    if NAME in params:
        found: Any = params[NAME]
        return None if found is None else str(found)
    mean = float(happened.mean())
    losses: dict[str | None, float] = {None: log_loss(np.full(len(happened), min(max(mean, 1e-6), 1 - 1e-6)), happened)}
    for name in features:
        rate = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
        if _is_rate(rate):
            losses[name] = log_loss(np.where(np.isnan(rate), mean, rate), happened)
    return min(losses, key=lambda name: losses[name])


def level_odds(frame: pd.DataFrame, level: str | None, rate: float) -> Array:
    """Return the log odds that each row starts from; those of the training rate where the level is not known."""
    if level is None:
        return np.full(len(frame), log_odds(np.array([rate]))[0])
    told = frame[level].to_numpy(dtype=np.float64, na_value=np.nan)
    return log_odds(np.where(np.isnan(told), rate, told))


def _is_rate(values: Array) -> bool:
    known = ~np.isnan(values)
    if len(values) == 0 or known.mean() < KNOWN:
        return False
    return bool(values[known].min() > 0.0 and values[known].max() < 1.0 and np.ptp(values[known]) > 0.0)
