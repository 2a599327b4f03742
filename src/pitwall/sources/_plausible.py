"""Times that cannot be, judged by what cars drive on the same circuit: they become null and are counted.

A time that lost its form (`1` for a whole minute) is far from all others of its circuit, and still may lie where some circuit's
times lie. So a lap is compared with the quickest typical lap of its circuit: the least median of any session there with five times or more. In
1950-2024 no lap is below 0.95 of it, and in a data set that holds nothing but one race that dried up none is below 0.86.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from pitwall.sources._read import RawTable

FEWEST = 5
LAP = 0.8
SECTOR = 0.6  # real sectors go down to 0.77 of the median
STOP = 0.4  # real stops go down to 0.58 of the circuit's median; a drive-through takes less
TOO_QUICK = "too quick for its circuit"
TOO_SHORT = "too short for its laps on that circuit"
QUALIFYING = ("q1", "q2", "q3")


def typical(times: Iterable[pd.DataFrame], circuits: pd.Series, least: str = "min") -> pd.Series:
    """Return the quickest typical time of each circuit.

    Args:
        times: frames with race, session and seconds.
        circuits: circuit by race.
        least: how the medians of a circuit's sessions are joined.
    """
    known = pd.concat([each[["race", "session", "seconds"]] for each in times], ignore_index=True).dropna()
    medians = known.groupby(["race", "session"])["seconds"].agg(["median", "size"])
    medians = medians.loc[medians["size"] >= FEWEST, "median"].reset_index("race")
    at = medians["race"].map(circuits)
    return medians["median"].groupby(at.to_numpy()).agg(least)


def blank_impossible(tables: Mapping[str, RawTable], circuits: pd.Series) -> None:
    """Read times of a dump that cannot be as null.

    Args:
        tables: of the dump, parsed.
        circuits: circuit by race.
    """
    laps = [
        *((tables["qualifying"], column, column, 1.0) for column in QUALIFYING),
        (tables["results"], "fastestLapTime", "race", 1.0),
        (tables["practice"], "milliseconds", tables["practice"].data["session"], 1000.0),
        (tables["lap_times"], "milliseconds", "laps", 1000.0),
    ]
    quickest = typical((_times(table, column, name, unit) for table, column, name, unit in laps), circuits)
    for table, column, _, unit in laps:
        _blank_below(table, column, unit, LAP * quickest, circuits, TOO_QUICK)
    results = tables["results"]
    per_lap = 1000.0 * results.data["laps"].clip(lower=1)
    _blank_below(results, "milliseconds", per_lap, LAP * quickest, circuits, TOO_SHORT)
    stops = _times(tables["pit_stops"], "milliseconds", "race", 1000.0)
    _blank_below(tables["pit_stops"], "milliseconds", 1000.0, STOP * typical([stops], circuits), circuits, TOO_QUICK)
    for number in (1, 2, 3):
        blank_quick_sectors(tables["session_sectors"], f"sector{number}", circuits)


def blank_quick_laps(laps: RawTable, column: str, quickest: pd.Series, circuits: pd.Series) -> None:
    """Read laps that cannot be as null, judged by these laps and by what is known of their circuits already."""
    own = typical([_times(laps, column, "laps", 1.0)], circuits)
    both = pd.concat([own, quickest]).groupby(level=0).min()
    _blank_below(laps, column, 1.0, LAP * both, circuits, TOO_QUICK)


def blank_quick_sectors(table: RawTable, column: str, circuits: pd.Series) -> None:
    """Read sectors that cannot be as null, judged by the same sector of the others."""
    own = typical([_times(table, column, "all", 1.0)], circuits)
    _blank_below(table, column, 1.0, SECTOR * own, circuits, TOO_QUICK)


def _times(table: RawTable, column: str, session: str | pd.Series, unit: float) -> pd.DataFrame:
    race = table.data["raceId"]
    return pd.DataFrame({"race": race, "session": session, "seconds": table.data[column] / unit})


def _blank_below(
    table: RawTable, column: str, unit: float | pd.Series, low: pd.Series, circuits: pd.Series, why: str
) -> None:
    limit = table.data["raceId"].map(circuits).map(low)
    table.blank(column, table.data[column] / unit < limit, why)
