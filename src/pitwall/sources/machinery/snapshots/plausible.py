"""Times that cannot be, judged by what cars drive on the same circuit: they become null and are counted.

A time that lost its form (`1` for a whole minute) is far from all others of its circuit, and still may lie where some circuit's
times lie. So a lap is compared with the quickest typical lap of its circuit: the least median of any session there with five times or more. In
1950-2024 no lap is below 0.95 of it, and in a data set that holds nothing but one race that dried up none is below 0.86.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from pitwall.sources.machinery.snapshots.read import RawTable

FEWEST = 5
LAP = 0.8
SECTOR = 0.6  # real sectors go down to 0.77 of the median
STOP = 0.4  # real stops go down to 0.58 of the circuit's median; a drive-through takes less
STANDING = 120  # s; a stop that is longer waited for a race to go on
TOO_QUICK = "too quick for its circuit"
TOO_SHORT = "too short for its laps on that circuit"
QUALIFYING = ("q1", "q2", "q3")


def typical(times: Iterable[pd.DataFrame], circuits: pd.Series) -> pd.Series:
    """Return the quickest typical time of each circuit.

    Args:
        times: frames with race, session and seconds.
        circuits: circuit by race.
    """
    known = pd.concat(times, ignore_index=True).dropna()
    medians = known.groupby(["race", "session"])["seconds"].agg(["median", "size"])
    medians = medians.loc[medians["size"] >= FEWEST, "median"].reset_index("race")
    return medians["median"].groupby(medians["race"].map(circuits).to_numpy()).min()


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
    quickest = typical([_times(table, column, name, unit) for table, column, name, unit in laps], circuits)
    least = LAP * circuits.map(quickest)
    for table, column, _, unit in laps:
        _blank_below(table, column, unit, least)
    results = tables["results"]
    _blank_below(results, "milliseconds", 1000.0 * results.data["laps"].clip(lower=1), least, why=TOO_SHORT)
    stops = tables["pit_stops"]
    timed = _times(stops, "milliseconds", "race", 1000.0)
    quickest_stops = typical([timed[timed["seconds"] <= STANDING]], circuits)
    _blank_below(stops, "milliseconds", 1000.0, STOP * circuits.map(quickest_stops))
    for number in (1, 2, 3):
        blank_quick_sectors(tables["session_sectors"], f"sector{number}", circuits)


def blank_quick_laps(laps: RawTable, column: str, quickest: pd.Series, circuits: pd.Series) -> None:
    """Read laps that cannot be as null, judged by these laps and by what is known of their circuits already."""
    own = typical([_times(laps, column, "laps", 1.0)], circuits)
    both = pd.concat([own, quickest]).groupby(level=0).min()
    _blank_below(laps, column, 1.0, LAP * circuits.map(both))


def blank_quick_sectors(table: RawTable, column: str, circuits: pd.Series) -> None:
    """Read sectors that cannot be as null, judged by the same sector of the others."""
    own = typical([_times(table, column, "all", 1.0)], circuits)
    _blank_below(table, column, 1.0, SECTOR * circuits.map(own))


def _times(table: RawTable, column: str, session: str | pd.Series, unit: float) -> pd.DataFrame:
    race = table.data["raceId"]
    return pd.DataFrame({"race": race, "session": session, "seconds": table.data[column] / unit})


def _blank_below(
    table: RawTable, column: str, unit: float | pd.Series, least: pd.Series, *, why: str = TOO_QUICK
) -> None:
    """Read the times of a column as null that are below the least of their race, in s."""
    limit = table.data["raceId"].map(least).astype("float64")
    table.blank(column, table.data[column] / unit < limit, why)
