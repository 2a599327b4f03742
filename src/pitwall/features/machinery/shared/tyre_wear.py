"""How much slower a tyre makes each lap: the slope of a stint's green laps, the fuel that burns off taken out.

A car gets lighter by what it burns, and so quicker: without a correction a tyre that holds seems to get better. The correction is a
rule, not a measurement: a full tank, burnt evenly over the race, each kilogram worth `SECONDS_PER_KG` a lap. The limit of the rules is
105 kg to 2018 and 110 kg since; 0.3 s per 10 kg and 2.7 kg a lap are what Williams gave out for Turkey 2011 (SOURCES.md). At 57 laps
that is 0.058 s a lap. What the track gains over a race stays in the slope.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.racing.tyres import compound_ids
from pitwall.domain.tables import Tables
from pitwall.features.machinery.shared.green import CAR
from pitwall.features.machinery.shared.race_laps import green_laps

FEWEST_LAPS = 10  # green laps of a stint that show a slope
FEWEST_STINTS = 3  # such stints of a race on a compound that show its slope
SECONDS_PER_KG = 0.03
TANK_KG, TANK_KG_TO_2018 = 110.0, 105.0
COMPOUND = ["race_id", "compound_id"]
STINT = [*CAR, "stint"]

Floats = npt.NDArray[np.float64]


def stint_wear(tables: Tables) -> pd.DataFrame:
    """Return one row per stint with enough green laps on a dry compound: `STINT`, compound_id, laps, wear (s/lap).

    Args:
        tables: laps, the logs that tell green ones, and races; of races that are over, one version per row.
    """
    laps = green_laps(tables)
    season = laps["race_id"].map(tables["races"].set_index("race_id")["season"])
    laps = laps.assign(compound_id=compound_ids(laps, season), fuel=_fuel(laps, tables, season))
    laps = laps[laps["stint"].notna() & laps["compound_id"].notna()].sort_values([*STINT, "lap"])
    stints = laps.groupby(STINT, as_index=False).agg(
        compound_id=("compound_id", "first"), laps=("lap", "size"), fuel=("fuel", "first")
    )
    stints = stints[stints["laps"] >= FEWEST_LAPS].reset_index(drop=True)
    long = laps.merge(stints[STINT], on=STINT)
    groups = [(part["lap"].to_numpy(float), part["seconds"].to_numpy(float)) for _, part in long.groupby(STINT)]
    slopes = np.array([median_slope(lap, seconds) for lap, seconds in groups], dtype=np.float64)
    stints["wear"] = slopes + stints["fuel"].to_numpy(float)
    return stints.drop(columns="fuel").astype({"stint": "int64", "compound_id": "int64"})


def compound_wear(tables: Tables) -> pd.DataFrame:
    """Return one row per race and compound with enough stints: `COMPOUND`, stints, wear (their median, s/lap)."""
    found = stint_wear(tables).groupby(COMPOUND, as_index=False).agg(stints=("wear", "size"), wear=("wear", "median"))
    return found[found["stints"] >= FEWEST_STINTS].reset_index(drop=True)


def median_slope(x: Floats, y: Floats) -> float:
    """Return the median of the slopes between all pairs of points (Theil 1950, Sen 1968): a slow lap or two bend it little.

    Example:
        >>> median_slope(np.array([1.0, 2.0, 3.0]), np.array([80.0, 80.1, 95.0])) > 1
        True
    """
    first, second = np.triu_indices(len(x), k=1)
    return float(np.median((y[second] - y[first]) / (x[second] - x[first])))


def _fuel(laps: pd.DataFrame, tables: Tables, season: pd.Series) -> pd.Series:
    """Return what a lap less of fuel saves in each lap's race (s/lap); a race that was cut short is taken for its whole distance."""
    tank = pd.Series(np.where(season <= 2018, TANK_KG_TO_2018, TANK_KG), laps.index)
    distance = laps["race_id"].map(tables["laps"].groupby("race_id")["lap"].max()).astype("float64")
    return SECONDS_PER_KG * tank / distance
