"""The canonical tables of a race as far as it has been told: the same rows, types and stamps as those of a source of laps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.tables import SPECS, empty_table
from pitwall.domain.when import UTC_US
from pitwall.live.events import TABLES
from pitwall.live.race import LiveRace
from pitwall.live.state.ledger import Key, Ledger, Row

MS = 1000


class Prefix:
    """Makes tables of a ledger; rows that stand as they stood are not made again.

    Args:
        race: whose rows they are.
        ledger: what has been told.
    """

    def __init__(self, race: LiveRace, ledger: Ledger) -> None:
        self._race, self._ledger = race, ledger
        self._made: dict[str, pd.DataFrame] = {name: empty_table(name) for name in TABLES}
        self._keys: dict[str, dict[Key, None]] = {name: {} for name in TABLES}

    def at(self, until: float) -> dict[str, pd.DataFrame]:
        """Return the tables as they were complete at an instant (s of the race clock), one version per row, sorted by key."""
        return {name: self._table(name, until) for name in TABLES}

    def _table(self, name: str, until: float) -> pd.DataFrame:
        known = dict(self._ledger.known(name, until))
        made, changed = self._keys[name], self._ledger.changed[name]
        if made.keys() == known.keys() and not changed & known.keys():
            return self._made[name]
        kept = made.keys() & known.keys() - changed
        fresh = sorted(known.keys() - kept)
        parts = [self._made[name]] if len(kept) == len(made) else [self._only(name, kept)]
        frame = pd.concat([*parts, self._frame(name, fresh, [known[key] for key in fresh])], ignore_index=True)
        frame = frame.sort_values(list(SPECS[name].key), kind="stable", ignore_index=True)
        self._made[name], self._keys[name] = frame, dict.fromkeys(known)
        changed -= known.keys()
        return frame

    def _only(self, name: str, kept: set[Key]) -> pd.DataFrame:
        key = [column for column in SPECS[name].key if column != "race_id"]
        here = [each in kept for each in zip(*(self._made[name][column].to_numpy() for column in key), strict=True)]
        return self._made[name][np.asarray(here, dtype=bool)]

    def _frame(self, name: str, keys: Sequence[Key], rows: Sequence[Row]) -> pd.DataFrame:
        spec = SPECS[name]
        named = [column for column in spec.key if column != "race_id"]
        columns: dict[str, Any] = {}
        for column, dtype in spec.columns.items():
            if column == "race_id":
                values: list[Any] = [self._race.race.race_id] * len(rows)
            elif column in named:
                values = [key[named.index(column)] for key in keys]
            else:
                values = [row.said.get(column) for row in rows]
            columns[column] = _typed(_filled(name, column, values), dtype)
        instants = np.array([round(row.instant(name) * MS) for row in rows], dtype="timedelta64[ms]")
        stamps = pd.Series(self._race.race.starts_at + pd.to_timedelta(instants)).astype(UTC_US)
        return pd.DataFrame({**columns, "event_timestamp": stamps, "known_at": stamps, "known_estimated": True})


ASSUMED = {"laps": {"completed": True, "accurate": False, "track_status": "1"}}  # where the feed does not say


def _filled(table: str, column: str, values: list[Any]) -> list[Any]:
    if column not in ASSUMED.get(table, {}):
        return values
    return [ASSUMED[table][column] if value is None else value for value in values]


def _typed(values: list[Any], dtype: str) -> Any:
    if dtype == "float64":
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    if dtype in ("int64", "bool"):
        return np.array(values, dtype=dtype)
    return pd.array(values, dtype=dtype)
