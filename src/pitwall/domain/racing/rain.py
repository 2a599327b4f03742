"""What makes a race wet: the one definition, told by the tyres that cars drove on.

Tyres say what a rain gauge beside the track does not: whether the track was wet where it mattered.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

RAIN_TYRES = ("INTERMEDIATE", "WET")
WET_SHARE = 0.01  # of the laps whose tyre is known: above it a race is wet
MOST = 0.5  # of them: above it rain decides most of the race
IMPACTS = ("low", "medium", "high")
MEANING = f"more than {WET_SHARE:.0%} of the laps on intermediate or wet tyres; unknown where no lap names a tyre"


def wet_races(laps: pd.DataFrame) -> pd.Series:
    """Return whether each race was wet, by race_id; races without a named tyre are absent.

    Args:
        laps: of the canonical table `laps`, one version per lap.
    """
    return wet_shares(laps) > WET_SHARE


def wet_shares(laps: pd.DataFrame) -> pd.Series:
    """Return the share of laps on rain tyres among those whose tyre is known, by race_id; races without any are absent."""
    named = laps[laps["compound"].notna() & (laps["compound"] != "UNKNOWN")]
    return named["compound"].isin(RAIN_TYRES).groupby(named["race_id"]).mean()


def rain_impacts(laps: pd.DataFrame) -> pd.Series:
    """Return how much rain mattered in each race, by race_id: low below 1 % of wet laps, medium up to 50 %, high above.

    Args:
        laps: of the canonical table `laps`, one version per lap.
    """
    share = wet_shares(laps)
    codes = np.select([share < WET_SHARE, share <= MOST], [0, 1], 2)
    return pd.Series(pd.Categorical.from_codes(codes, IMPACTS, ordered=True), index=share.index)
