"""The laps from which strategy is learned: green ones with their tyre, and what a stop cost beside the laps about it.

Times are percent of the median green lap of their race and ages are shares of its distance, so that circuits can be laid on top of each other.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.keys import RACE_DRIVER, RACE_LAP
from pitwall.domain.racing.tyres import COMPOUNDS
from pitwall.domain.tables import Tables
from pitwall.features.machinery.shared.green import GREEN, lap_reasons
from pitwall.features.machinery.shared.race_laps import completed_laps

Array = npt.NDArray[np.float64]
DIRTY_GAP_S = 1.5  # behind another car: its air costs time
LONG = 0.95  # quantile of ages beyond which nobody knows what a set costs
SANE = 6.0  # percent from the median of the race; a green lap further off had a reason of its own
NUMBERS = {name.upper(): float(number) for number, name in COMPOUNDS.items()}
CAR = list(RACE_DRIVER)


def seen_laps(tables: Tables) -> pd.DataFrame:
    """Return the completed laps of races, sorted by race, driver and lap, with what strategy reads of them.

    `compound_id` (NaN on rain tyres, or named otherwise), `green`, `distance` (laps of the race so far as it is known), `usual` (s, the
    median green lap of the race), `percent` (of it), `age` (laps on the set), `ahead` (s to the car ahead as the lap before ended) and
    `rival` (that car, or -1).

    Args:
        tables: laps and the logs that tell green ones, one version per row.
    """
    laps = completed_laps(tables)
    laps["green"] = (lap_reasons(laps, tables, over=False) == GREEN).to_numpy()
    laps["compound_id"] = laps["compound"].map(NUMBERS).astype("float64")
    race = laps["race_id"]
    laps["distance"] = laps.groupby(race)["lap"].transform("max").astype("float64")
    laps["usual"] = race.map(laps[laps["green"]].groupby("race_id")["seconds"].median())
    laps["percent"] = 100.0 * laps["seconds"] / laps["usual"]
    laps["age"] = laps["tyre_laps"].astype("float64")
    return laps.join(_ahead(laps))


def _ahead(laps: pd.DataFrame) -> pd.DataFrame:
    """Return gap (s) and driver of the car ahead as the lap before ended."""
    ordered = laps.sort_values([*RACE_LAP, "end_seconds"])
    by_lap = ordered.groupby(list(RACE_LAP))
    gap, rival = by_lap["end_seconds"].diff(), by_lap["driver_id"].shift()
    ended = pd.DataFrame({"ahead": gap, "rival": rival}).reindex(laps.index)
    before = ended.groupby([laps[key] for key in CAR]).shift()
    return before.assign(rival=before["rival"].fillna(-1).astype("int64"))


def learned_from(laps: pd.DataFrame) -> pd.DataFrame:
    """Return the green laps on a dry compound that say something of tyres."""
    near = (laps["percent"] - 100.0).abs() < SANE
    return laps[laps["green"] & laps["compound_id"].notna() & laps["age"].notna() & near].reset_index(drop=True)


def stop_losses(laps: pd.DataFrame) -> Array:
    """Return what each stop under green cost (s): its two laps beyond two usual ones of the car, on dry tyres."""
    car = laps.groupby(CAR)
    usual = laps["seconds"].where(laps["green"]).groupby([laps[key] for key in CAR]).transform("median")
    after = car["seconds"].shift(-1)
    follows = (car["lap"].shift(-1) == laps["lap"] + 1) & car["pit_out_seconds"].shift(-1).notna()
    calm = laps["track_status"].str.fullmatch("[12]*").fillna(value=False).astype(bool)
    calm &= calm.groupby([laps[key] for key in CAR]).shift(-1, fill_value=False)
    dry = laps["compound_id"].notna() & car["compound_id"].shift(-1).notna()
    lost = laps["seconds"] + after - 2.0 * usual
    chosen = lost[laps["pit_in_seconds"].notna() & follows & calm & dry].dropna()
    return np.asarray(chosen, dtype=np.float64)


def stint_shares(laps: pd.DataFrame) -> dict[int, float]:
    """Return at which age (share of the distance) cars take off a dry compound, the median by compound."""
    return _by_compound(laps[laps["pit_in_seconds"].notna()], 0.5)


def first_stop_share(laps: pd.DataFrame) -> float:
    """Return at which share of the distance cars stop for the first time, the median; NaN where none has."""
    first = laps[laps["pit_in_seconds"].notna()].drop_duplicates(CAR)
    return float((first["lap"] / first["distance"]).median())


def longest_shares(laps: pd.DataFrame) -> dict[int, float]:
    """Return up to which age (share of the distance) sets of a dry compound are driven, all but one in twenty, by compound."""
    return _by_compound(laps.drop_duplicates([*CAR, "stint"], keep="last"), LONG)


def _by_compound(ended: pd.DataFrame, quantile: float) -> dict[int, float]:
    known = ended[ended["compound_id"].notna()]
    shares = (known["age"] / known["distance"]).groupby(known["compound_id"]).quantile(quantile)
    return {int(number): float(share) for number, share in shares.dropna().items()}
