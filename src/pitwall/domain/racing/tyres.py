"""Tyres by name, and the dry ones of a weekend: three compounds, called soft, medium and hard whatever rubber they are made of.

Rows and features know a compound by its number. Since 2019 the feed names the three of the weekend so; before, it named the rubber, of
which each weekend had three: the softest of a race's is its soft one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

COMPOUNDS = {1: "soft", 2: "medium", 3: "hard"}
DRY = ("HYPERSOFT", "ULTRASOFT", "SUPERSOFT", "SOFT", "MEDIUM", "HARD")  # rubber, softest first
RAIN_TYRES = ("INTERMEDIATE", "WET")
CODES = {name: float(code) for code, name in enumerate((*DRY, *RAIN_TYRES), start=1)}
UNKNOWN = "UNKNOWN"
NAMED_FROM = 2019  # the first season in which names are those of the weekend


def told(compound: pd.Series) -> pd.Series:
    """Return where a tyre is named: neither null nor `UNKNOWN`."""
    return compound.notna() & (compound != UNKNOWN)


def compound_ids(laps: pd.DataFrame, season: pd.Series) -> pd.Series:
    """Return the number of each lap's dry compound (see `COMPOUNDS`), NaN on rain tyres or where it is not known.

    Args:
        laps: of races that are over, with `race_id` and `compound`.
        season: of each lap, with the same index.
    """
    named = laps["compound"].map({name.upper(): float(number) for number, name in COMPOUNDS.items()})
    rubber = laps["compound"].map({name: float(place) for place, name in enumerate(DRY)})
    rank = rubber.groupby(laps["race_id"]).rank(method="dense")
    three = rank.groupby(laps["race_id"]).transform("max") == len(COMPOUNDS)
    return named.where(season >= NAMED_FROM, rank.where(three)).astype("float64")
