"""One order of rows for every fit: sums and samples must not depend on how a frame was sorted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.keys import LAP
from pitwall.ml.estimators._estimator import Labelled


def sorted_rows(frame: pd.DataFrame, outcome: pd.DataFrame) -> Labelled:
    """Return rows by race and what tells the rows of a race apart."""
    keys = [frame[name].to_numpy() for name in reversed(LAP) if name in frame.columns]
    order = np.lexsort(keys)
    return frame.iloc[order].reset_index(drop=True), outcome.iloc[order].reset_index(drop=True)
