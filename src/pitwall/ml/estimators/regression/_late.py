"""The last of the training races: trees that have not seen them tell how far off answers about races to come lie."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.keys import BLOCK, WHEN

LATE = 0.2  # of the training races: they tell the spread
FEWEST_RACES = 5


def late_rows(frame: pd.DataFrame) -> np.ndarray:
    """Return which rows are of the last races, the share `LATE` of them; none where there are too few races to part."""
    races = frame[[*WHEN, BLOCK]].drop_duplicates().sort_values([*WHEN, BLOCK])[BLOCK].to_numpy()
    last = races[len(races) - round(LATE * len(races)) :] if len(races) >= FEWEST_RACES else races[:0]
    return np.asarray(frame[BLOCK].isin(last))
