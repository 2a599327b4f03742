"""What makes a race wet: the one definition, told by the tyres that cars drove on.

Tyres say what a rain gauge beside the track does not: whether the track was wet where it mattered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

RAIN_TYRES = ("INTERMEDIATE", "WET")
WET_SHARE = 0.01  # of the laps whose tyre is known: above it a race is wet
MEANING = f"more than {WET_SHARE:.0%} of the laps on intermediate or wet tyres; unknown where no lap names a tyre"


def wet_races(laps: pd.DataFrame) -> pd.Series:
    """Return whether each race was wet, by race_id; races without a named tyre are absent.

    Args:
        laps: of the canonical table `laps`, one version per lap.
    """
    named = laps[laps["compound"].notna() & (laps["compound"] != "UNKNOWN")]
    return named["compound"].isin(RAIN_TYRES).groupby(named["race_id"]).mean() > WET_SHARE
