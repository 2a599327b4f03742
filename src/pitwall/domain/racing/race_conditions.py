"""Conditions of races that no table names: which circuits run through a city, and what makes a race wet.

A street circuit here is one whose lap runs mostly over city streets that carry traffic when there is no race, between
walls. Road courses through the country, park roads that are kept as a track (Melbourne, Montreal, Sochi) and car parks
(Miami, Las Vegas of 1981-82) are not counted. Names are those of the Ergast data (`circuits.ref`).

A race is wet by the tyres that cars drove on: they say what a rain gauge beside the track does not, whether the track was wet where
it mattered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pitwall.domain.racing.tyres import RAIN_TYRES, told

if TYPE_CHECKING:
    import pandas as pd

STREET_CIRCUITS = frozenset(
    {
        *("adelaide", "baku", "boavista", "dallas", "detroit", "jeddah", "long_beach", "marina_bay", "monaco"),
        *("monsanto", "montjuic", "pedralbes", "phoenix", "valencia", "vegas"),
    }
)
WET_SHARE = 0.01  # of the laps whose tyre is known: above it a race is wet
MIXED = f"more than {WET_SHARE:.0%} of the laps on intermediate or wet tyres, and as many on dry ones; unknown where no lap names a tyre"
WET = f"more than {WET_SHARE:.0%} of the laps on intermediate or wet tyres; unknown where no lap names a tyre"


def wet_races(laps: pd.DataFrame) -> pd.Series:
    """Return whether each race was wet, by race_id; races without a named tyre are absent.

    Args:
        laps: of the canonical table `laps`, one version per lap.
    """
    return wet_shares(laps) > WET_SHARE


def mixed_races(laps: pd.DataFrame) -> pd.Series:
    """Return whether each race was driven on both kinds of tyres, by race_id; races without a named tyre are absent.

    Args:
        laps: of the canonical table `laps`, one version per lap.
    """
    return wet_shares(laps).between(WET_SHARE, 1 - WET_SHARE, inclusive="neither")


def wet_shares(laps: pd.DataFrame) -> pd.Series:
    """Return the share of laps on rain tyres among those whose tyre is known, by race_id; races without a named tyre are absent."""
    named = laps[told(laps["compound"])]
    return named["compound"].isin(RAIN_TYRES).groupby(named["race_id"]).mean()
