"""One order of rows for every fit: sums and samples must not depend on how a frame was sorted. And which races come last."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.keys import BLOCK, CUTOFF, LAP, SPINE_NAMES, WHEN
from pitwall.ml.estimators._estimator import Labelled

# Whatever may tell the rows of a race apart: a frame does not say of which kind its rows are, and one more id changes no order.
IDS = (*LAP, *(name for name in SPINE_NAMES if name not in {*LAP, CUTOFF}))
FEWEST_RACES = 5  # that can be parted into those before and those after


def sorted_rows(frame: pd.DataFrame, outcome: pd.DataFrame) -> Labelled:
    """Return rows by race and what tells the rows of a race apart."""
    keys = [frame[name].to_numpy() for name in reversed(IDS) if name in frame.columns]
    order = np.lexsort(keys)
    return frame.iloc[order].reset_index(drop=True), outcome.iloc[order].reset_index(drop=True)


def last_races(frame: pd.DataFrame, share: float) -> npt.NDArray[np.bool_]:
    """Return which rows are of the last races, a share of them; none where there are too few races to part.

    Args:
        frame: with season, round and race.
        share: of the races, in the order of the calendar.
    """
    races = _in_order(frame)
    last = races[len(races) - round(share * len(races)) :] if len(races) >= FEWEST_RACES else races[:0]
    return np.asarray(frame[BLOCK].isin(last))


def every_other_race(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows are of the second, the fourth, ... race of the calendar; none where there are too few races to part."""
    races = _in_order(frame)
    return np.asarray(frame[BLOCK].isin(races[1::2] if len(races) >= FEWEST_RACES else races[:0]))


def _in_order(frame: pd.DataFrame) -> npt.NDArray[np.int64]:
    return np.asarray(frame[[*WHEN, BLOCK]].drop_duplicates().sort_values([*WHEN, BLOCK])[BLOCK].to_numpy())
