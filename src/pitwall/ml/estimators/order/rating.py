"""The baseline that knows only the ratings: how often did each rank of driver plus team finish in each place?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.ml.estimators.order._slots import SlotBaseline
from pitwall.ml.families.order.plackett_luce import ranks
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks

NEEDS = ("driver_race_rating", "team_race_rating")
NEWCOMER = -0.4  # the priors of the rating: a little below the average


def _slots(frame: pd.DataFrame, fields: RaceBlocks) -> np.ndarray:
    """Return ranks of driver plus team, a newcomer a little below the average; 0 where nothing of either is known."""
    driver, team = (frame[name].astype("float64") for name in NEEDS)
    strength = driver.fillna(NEWCOMER) + team.fillna(NEWCOMER)
    unknown = (driver.isna() & team.isna()).to_numpy()
    return np.where(unknown, 0, ranks(np.where(unknown, np.inf, -strength.to_numpy()), fields))


ESTIMATOR = SlotBaseline(name="rating", needs=NEEDS, slots=_slots)
