"""What a snapshot changed against the one before: lines that are new, changed or gone by table, and races that came, moved or went.

Raw lines are compared by the keys of their tables, values as text; spellings of null are alike. Files with the same bytes are
not opened, so that an ordinary Sunday costs no more than the tables it touched.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from pitwall.sources.machinery.canonical.dump import _KEYS
from pitwall.sources.machinery.reading.schema import FORMATS
from pitwall.sources.machinery.reading.values import is_null
from pitwall.sources.machinery.snapshots.store import Snapshot

KEYS: dict[str, tuple[str, ...]] = {
    **{name: key for name, key in _KEYS.items() if key},
    "races": ("raceId",),
    "circuits": ("circuitId",),
    "drivers": ("driverId",),
    "practice_only_drivers": ("driverId",),
    "constructors": ("constructorId",),
    "status": ("statusId",),
    "seasons": ("year",),
    "ids": ("kind", "ref"),
    "results": ("raceId", "driverId"),
    "constructor_results": ("raceId", "constructorId"),
    "red_flags": ("raceId", "Lap"),
    "laps": ("raceId", "driverId", "LapNumber"),
    "weather": ("raceId", "Time"),
    "track_status": ("raceId", "Time"),
    "session_status": ("raceId", "Time"),
    "upgrades": ("season", "round", "constructor", "note"),
    "corner_speeds": ("season", "round", "driver", "session", "lap"),
}
MOVES = ("year", "round", "name", "circuitId", "date", "time")


@dataclass
class Changes:
    """What changed from one snapshot to the next.

    Attributes:
        tables: {table: {new, changed, gone}}, those that changed.
        columns: {table: {new: [...], gone: [...]}}, those whose columns changed.
        races: {new, moved, gone}: races in words.
    """

    tables: dict[str, dict[str, int]] = field(default_factory=dict)
    columns: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    races: dict[str, list[str]] = field(default_factory=lambda: {"new": [], "moved": [], "gone": []})

    def row(self) -> dict[str, Any]:
        """Return the changes for JSON."""
        return asdict(self)


def changes(before: Snapshot, after: Snapshot) -> Changes:
    """Return what the later of two snapshots of one source changed."""
    found = Changes()
    for table, key in KEYS.items():
        if _content(before, table) == _content(after, table):
            continue
        old, new = _lines(before, table), _lines(after, table)
        counts = _counts(old, new, key)
        if any(counts.values()):
            found.tables[table] = counts
        columns = {"new": sorted({*new} - {*old}), "gone": sorted({*old} - {*new})}
        if len(old) and len(new) and any(columns.values()):
            found.columns[table] = columns
        if table == "races":
            found.races = _races(old, new)
    return found


def _content(snapshot: Snapshot, table: str) -> list[Any]:
    return sorted(snapshot.files[path.name]["sha256"] for path in snapshot.paths(table))


def _lines(snapshot: Snapshot, table: str) -> pd.DataFrame:
    """Return a table's lines as text, whole numbers without a fraction, null as nothing."""
    parts = [
        pd.read_parquet(path)
        if path.suffix == ".parquet"
        else pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", on_bad_lines="skip")
        for path in snapshot.paths(table)
    ]
    if not parts:
        return pd.DataFrame(columns=list(KEYS[table]), dtype=str)
    file = FORMATS[snapshot.role].files[table]
    named = [part.rename(columns={name: column for column, name in file.known(list(part)).items()}) for part in parts]
    text = pd.concat(named, ignore_index=True).astype("string").fillna("").apply(lambda column: column.str.strip())
    return text.mask(text.apply(lambda column: column.map(is_null).astype(bool)), "")


def _counts(old: pd.DataFrame, new: pd.DataFrame, key: tuple[str, ...]) -> dict[str, int]:
    common = sorted({*old} & {*new})
    was, now = (_hashes(lines, [name for name in key if name in common], common) for lines in (old, new))
    both = was.merge(now, on="key", how="outer", suffixes=("_was", "_now"), indicator=True)
    changed = (both["_merge"] == "both") & (both["line_was"] != both["line_now"])
    return {
        "new": int((both["_merge"] == "right_only").sum()),
        "changed": int(changed.sum()),
        "gone": int((both["_merge"] == "left_only").sum()),
    }


def _hashes(lines: pd.DataFrame, key: list[str], columns: list[str]) -> pd.DataFrame:
    """Return a hash of each line's key (the second of two with the same key is another one) and of its content."""
    ids = lines[key].apply(lambda column: column.str.replace(r"\.0$", "", regex=True))
    turn = ids.groupby(key, sort=False).cumcount() if key and len(ids) else pd.Series(0, lines.index)
    named = ids.assign(turn=turn)
    if lines.empty:
        return pd.DataFrame({"key": np.array([], "uint64"), "line": np.array([], "uint64")})
    hashed = [pd.util.hash_pandas_object(part, index=False) for part in (named, lines[columns])]
    return pd.DataFrame({"key": hashed[0].to_numpy(), "line": hashed[1].to_numpy()})


def _races(old: pd.DataFrame, new: pd.DataFrame) -> dict[str, list[str]]:
    was, now = _by_id(old), _by_id(new)
    moved = {race: _moves(was[race], now[race]) for race in now if race in was}
    return {
        "new": [_name(row) for race, row in now.items() if race not in was],
        "moved": [f"{_name(was[race])}: {what}" for race, what in moved.items() if what],
        "gone": [_name(row) for race, row in was.items() if race not in now],
    }


def _by_id(races: pd.DataFrame) -> dict[str, dict[str, str]]:
    return {row["raceId"]: row for row in races.to_dict("records")}


def _moves(was: dict[str, str], now: dict[str, str]) -> str:
    """Return what of a race differs, in words."""
    names = [name for name in MOVES if name in was and name in now and was[name] != now[name]]
    return ", ".join(f"{name} {was[name] or 'unknown'} -> {now[name] or 'unknown'}" for name in names)


def _name(race: dict[str, str]) -> str:
    return f"{race.get('year', '?')} round {race.get('round', '?')} {race.get('name', '')} ({race.get('date', '?')})"
