"""What a pit stop is: a passage of the pit lane on which tyres were changed. How long it took, and whether that was ordinary.

A car that is led through the pit lane behind the safety car, or serves a penalty there, passes it and keeps its tyres: no stop. A stop
that takes seconds more than others of its race was a repair, a penalty, a queue behind the other car of the team or a mistake.
"""

from __future__ import annotations

import pandas as pd

CAR = ["race_id", "driver_id"]
LONGEST_S = 120.0  # longer is a repair, or the race was stopped meanwhile
NEAR_S = 3.0
MEANING = (
    f"within {NEAR_S:g} s of the median of its race's stops, those of more than {LONGEST_S:g} s left out; tyres were changed, as far "
    "as the laps tell"
)


def entries(laps: pd.DataFrame) -> pd.DataFrame:
    """Return the laps on which a car entered the pit lane, by race, driver and lap, with `stop`: which entry of the car it is, from 1.

    Args:
        laps: canonical laps with all versions. A lap counts as it was first told, so that no correction numbers entries anew.
    """
    key = [*CAR, "lap"]
    told = laps.sort_values([*key, "known_at"], kind="stable").drop_duplicates(key)
    into = told[told["pit_in_seconds"].notna()].reset_index(drop=True)
    return into.assign(stop=into.groupby(CAR).cumcount() + 1)


def passages(laps: pd.DataFrame) -> pd.DataFrame:
    """Return the passages of the pit lane that ended, one row each with the columns of the lap that began with its exit.

    Args:
        laps: canonical laps, one version each.

    Returns:
        By race, driver and lap: `lap`, the one that ended in the pit lane; `lane_seconds` from entry to exit; `changed`, False where the
        laps say that the car drove on with the tyres that it had; `known`, when both laps were known.
    """
    rows = laps.sort_values([*CAR, "lap"], ignore_index=True)
    before = rows.groupby(CAR).shift()
    left = rows["pit_out_seconds"].notna() & before["pit_in_seconds"].notna() & (before["lap"] == rows["lap"] - 1)
    kept = (rows["compound"] == before["compound"]) & (rows["tyre_laps"] == before["tyre_laps"] + 1)
    found = rows.assign(
        lap=rows["lap"] - 1,
        lane_seconds=rows["pit_out_seconds"] - before["pit_in_seconds"],
        changed=~kept.fillna(value=False).astype(bool),
        known_at=rows["known_at"].where(~(before["known_at"] > rows["known_at"]), before["known_at"]),
    )
    return found[left].reset_index(drop=True)


def recorded_stops(pit_stops: pd.DataFrame, laps: pd.DataFrame) -> pd.DataFrame:
    """Return the recorded stops without those of which the laps say that no tyre was changed.

    Args:
        pit_stops: the canonical table, one version per stop; its times are official.
        laps: canonical laps, one version each; none before 2018.

    Returns:
        Its rows with `off`, seconds more than the median stop of the race, and `ordinary` (see `MEANING`).
    """
    key = [*CAR, "lap"]
    seen = passages(laps)
    kept = pd.MultiIndex.from_frame(seen.loc[~seen["changed"], key])
    stops = pit_stops[~pd.MultiIndex.from_frame(pit_stops[key]).isin(kept)].sort_values(
        [*CAR, "stop"], ignore_index=True
    )
    counted = stops["seconds"].where(stops["seconds"] <= LONGEST_S)
    off = counted - counted.groupby(stops["race_id"]).transform("median")
    return stops.assign(off=off, ordinary=off.abs() <= NEAR_S)
