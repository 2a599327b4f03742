"""From the files of an Ergast dump to a history."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pitwall.domain.errors import SourceError
from pitwall.ml.relbench.data.history import History
from pitwall.ml.relbench.data.lines import pace_of, qualifying_of, results_of, with_lineage, with_qualifying

NULL = "\\N"
LAPS = "lap_times.csv"
COLUMNS = {
    "races.csv": ["raceId", "year", "round", "date", "time"],
    "results.csv": ["raceId", "driverId", "constructorId", "grid", "positionOrder", "points", "statusId"],
    "qualifying.csv": ["raceId", "driverId", "constructorId", "position", "q1", "q2", "q3"],
    "status.csv": ["statusId", "status"],
    "constructors.csv": ["constructorId", "constructorRef"],
    LAPS: ["raceId", "driverId", "milliseconds"],
}


def load(folder: Path, *, laps: bool = False) -> History:
    """Read a dump; a race's instant is its date and time, midnight where it has none, a qualifying's is a day before.

    Args:
        folder: with the files of `COLUMNS`, plain or as `.gz`.
        laps: read lap times, which the benchmark's own database does not have.

    Raises:
        SourceError: a file or a column is missing.
    """
    races, results, qualifying, status, teams = (_read(folder, name) for name in COLUMNS if name != LAPS)
    times = _read(folder, LAPS) if laps else pd.DataFrame(columns=COLUMNS[LAPS], dtype="float64")
    races["at"] = pd.to_datetime(races["date"] + " " + races["time"].fillna("00:00:00"))
    races = races[["raceId", "year", "round", "at"]]
    results = with_lineage(results.merge(races, on="raceId"), teams)
    lines = results_of(results.merge(pace_of(times), on=["raceId", "driverId"], how="left"), status)
    quickest = qualifying_of(with_lineage(qualifying.merge(races, on="raceId"), teams), lines)
    return History(with_qualifying(lines, quickest), quickest)


def files_of(folder: Path, *, laps: bool = False) -> list[Path]:
    """Return the files that `load` reads; raises `SourceError` where one is missing."""
    return [_find(folder, name) for name in COLUMNS if laps or name != LAPS]


def _find(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    found = ", ".join(sorted(each.name for each in folder.glob("*"))[:12]) or "nothing"
    raise SourceError(
        f"{folder} has no {name} (nor {name}.gz); found {found}. Expected the files of an Ergast dump: {', '.join(COLUMNS)}; give "
        "the folder that holds `ergast` and `rel_f1` as --data."
    )


def _read(folder: Path, name: str) -> pd.DataFrame:
    path = _find(folder, name)
    rows = pd.read_csv(path, na_values=NULL)
    lacking = [column for column in COLUMNS[name] if column not in rows]
    if lacking:
        raise SourceError(
            f"{path} has no column {', '.join(lacking)}; found {', '.join(rows)}. Give a dump in Ergast's format."
        )
    return rows[COLUMNS[name]].copy()
