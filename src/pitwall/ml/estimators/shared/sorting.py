"""One order of rows for every fit: sums and samples must not depend on how a frame was sorted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.keys import CUTOFF, LAP, SPINE_NAMES
from pitwall.ml.estimators._estimator import Labelled

# Whatever may tell the rows of a race apart: a frame does not say of which kind its rows are, and one more id changes no order.
IDS = (*LAP, *(name for name in SPINE_NAMES if name not in {*LAP, CUTOFF}))


def sorted_rows(frame: pd.DataFrame, outcome: pd.DataFrame) -> Labelled:
    """Return rows by race and what tells the rows of a race apart."""
    keys = [frame[name].to_numpy() for name in reversed(IDS) if name in frame.columns]
    order = np.lexsort(keys)
    return frame.iloc[order].reset_index(drop=True), outcome.iloc[order].reset_index(drop=True)
