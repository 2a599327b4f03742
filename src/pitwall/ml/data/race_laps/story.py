"""What the laps of one race tell: gap to the leader, stints, free laps by pace, who is who, and when the race was neutralised."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.ml.data.entity_names import short_names

NEUTRAL = {"5": "red flag", "4": "safety car", "6": "virtual safety car", "7": "virtual safety car"}


def with_gaps(laps: pd.DataFrame) -> pd.DataFrame:
    """Return the laps with `gap`: seconds behind the first car that completed as many laps, at the end of the lap."""
    return laps.assign(gap=laps["clock"] - laps.groupby("lap")["clock"].transform("min"))


def stints(laps: pd.DataFrame) -> pd.DataFrame:
    """Return one row per driver and stint: first and last lap, how many, compound, laps that its set had before, median of free laps (s).

    Empty where nobody wrote stops down.
    """
    laps = laps.assign(free=laps["seconds"].where(free_laps(laps)), before=laps["tyre_laps"] - 1)
    found = laps.groupby(["driver_id", "stint"], sort=True).agg(
        first=("lap", "min"),
        last=("lap", "max"),
        laps=("lap", "size"),
        compound=("compound", "first"),
        used_laps=("before", "first"),
        median=("free", "median"),
    )
    return found.reset_index()


def free_laps(laps: pd.DataFrame) -> pd.Series:
    """Return which laps show a car's pace: timed ones after the first that are not neutralised, nor into or out of the pit where that is known."""
    neutral = laps["status"].str.contains("|".join(NEUTRAL))
    return laps["seconds"].notna() & (laps["lap"] > 1) & ~laps["pit"].fillna(False).astype(bool) & ~neutral


def pace(laps: pd.DataFrame) -> pd.DataFrame:
    """Return one row per driver, the quickest first: number of free laps, their median and quartiles, and the best (s)."""
    free = laps[free_laps(laps)].groupby("driver_id")["seconds"]
    found = free.describe()[["count", "25%", "50%", "75%", "min"]]
    found = found.set_axis(["laps", "lower_quartile", "median", "upper_quartile", "best"], axis=1).reset_index()
    return found.astype({"laps": "int64"}).sort_values(["median", "driver_id"], ignore_index=True)


def neutralised(laps: pd.DataFrame) -> dict[int, str]:
    """Return {lap: why it was neutralised}, as the first car to complete it saw it: a red flag before a safety car before a virtual one."""
    first = laps.dropna(subset="clock").sort_values(["clock", "driver_id"]).drop_duplicates("lap").sort_values("lap")
    said = zip(first["lap"], first["status"], strict=True)
    kinds = ((int(lap), next((why for code, why in NEUTRAL.items() if code in status), "")) for lap, status in said)
    return {lap: why for lap, why in kinds if why}


def cars(tables: Tables, race_id: int, laps: pd.DataFrame) -> pd.DataFrame:
    """Return one row per car that started or has laps, as classified, one that stopped on its first lap among them.

    Columns: driver_id, label, name, team, grid (null from the pit lane, or unknown), place, status, retired, laps (completed), and
    what tells lines apart: `team_rank` by its better car, from 0, and `second` for the other one.
    """
    results, grid = (table[table["race_id"] == race_id] for table in (tables["results"], tables["grid"]))
    took_part = results["started"] | results["driver_id"].isin(laps["driver_id"])
    found = results[took_part].sort_values(["place", "driver_id"], ignore_index=True)
    names = tables["drivers"].set_index("driver_id")
    name = found["driver_id"].map(names["name"]).astype(str)
    slots = grid.set_index("driver_id")["grid"]
    return pd.DataFrame(
        {
            "driver_id": found["driver_id"],
            "label": short_names(found["driver_id"].map(names["code"]), name),
            "name": name,
            "team": found["constructor_id"].map(tables["constructors"].set_index("constructor_id")["name"]),
            "grid": found["driver_id"].map(slots.where(slots > 0)).astype("float64"),
            "place": found["place"],
            "status": found["status"],
            "retired": found["retired"].astype(bool),
            "laps": found["driver_id"].map(laps.groupby("driver_id").size()).fillna(0).astype("int64"),
            "team_rank": pd.factorize(found["constructor_id"])[0],
            "second": found.groupby("constructor_id").cumcount() > 0,
        }
    )
