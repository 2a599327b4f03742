"""How much rain matters in a race: the share of its laps that were driven on rain tyres."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.racing.race_conditions import WET_SHARE, wet_shares

CLASSES = ("low", "medium", "high")
MOST = 0.5  # of the laps: above it rain decides most of the race
MEANING = (
    f"low below {WET_SHARE:.0%} of the laps on intermediate or wet tyres, medium up to {MOST:.0%}, high above; unknown where no lap "
    "names a tyre"
)


def rain_impacts(laps: pd.DataFrame) -> pd.Series:
    """Return the impact by race_id, as an ordered categorical.

    Args:
        laps: of the canonical table `laps`, one version per lap.
    """
    share = wet_shares(laps)
    codes = np.select([share < WET_SHARE, share <= MOST], [0, 1], 2)
    return pd.Series(pd.Categorical.from_codes(codes, CLASSES, ordered=True), index=share.index)
