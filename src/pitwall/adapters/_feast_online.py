"""What the online store serves: up to which instant, of which world, and which row of each key.

Kept in `feature_repo/.store/` beside the store that it describes. Moving forward writes only rows that differ from what
is served; moving backwards is refused, because a row from the future would stay; another data source starts afresh.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

import pandas as pd

from pitwall.domain.errors import FeatureError
from pitwall.domain.params import load_params
from pitwall.domain.project import Project
from pitwall.domain.when import BEFORE, as_utc
from pitwall.features import groups
from pitwall.features._group import FeatureGroup

Write = Callable[[str, pd.DataFrame], None]


class OnlineState:
    """The record of one project's online store."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._folder = project.feature_repo / ".store"
        self._file = self._folder / "online.json"

    @property
    def until(self) -> pd.Timestamp | None:
        """Return the instant that the online store serves, or None before the first materialisation."""
        until = self._read().get("until")
        return pd.Timestamp(until) if until else None

    def prepare(self) -> None:
        """Make the folder; throw away a store that was filled from another data source."""
        if self._read().get("world", self._world()) != self._world():
            shutil.rmtree(self._folder)
        self._folder.mkdir(parents=True, exist_ok=True)

    def advance(self, until: pd.Timestamp, write: Write) -> None:
        """Write, with `write(view, rows)`, every row that a cut-off at `until` may see and that is not served yet."""
        served = self.until
        if served is not None and until < served:
            raise FeatureError(
                f"the online store already serves {served:%Y-%m-%d %H:%M} UTC and cannot go back to "
                f"{until:%Y-%m-%d %H:%M}; read the past with `historical`."
            )
        # Written first: after a crash the same instant is asked for again and completes.
        self._file.write_text(json.dumps({"until": until.isoformat(), "world": self._world()}), encoding="utf-8")
        for group in groups().values():
            self._advance_group(group, until, write)

    def _advance_group(self, group: FeatureGroup, until: pd.Timestamp, write: Write) -> None:
        rows = newest_rows(group, pd.read_parquet(self._project.features / f"{group.name}.parquet"), until)
        record = self._folder / f"served-{group.name}.parquet"
        changed = _unserved(group, rows, pd.read_parquet(record)) if record.is_file() else rows
        if not changed.empty:
            write(group.name, changed)
            rows.to_parquet(record, index=False)

    def _read(self) -> dict[str, Any]:
        if not self._file.is_file():
            return {}
        content: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8"))
        return content

    def _world(self) -> dict[str, Any]:
        """Return what says whose ids these are: the sources with their settings, the seed."""
        params = load_params(self._project.params)
        return {"sources": params.sources, "seed": params.seed}


def newest_rows(group: FeatureGroup, rows: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Return the newest row of each key that a cut-off at `until` may see, under the very bound of the join."""
    bound = as_utc(pd.Series([until]))[0] - BEFORE
    seen = rows[(rows["event_timestamp"] <= bound) & (rows["known_at"] <= bound)]
    ordered = seen.sort_values([*group.keys, "event_timestamp", "known_at"], kind="stable")
    return ordered.drop_duplicates(group.keys, keep="last").reset_index(drop=True)


def _unserved(group: FeatureGroup, rows: pd.DataFrame, served: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that are not served with these very columns and values."""
    if list(served.columns) != list(rows.columns):
        return rows
    known = rows.merge(served, on=group.columns, how="left", indicator=True)["_merge"].eq("both")
    return rows[~known.to_numpy()]
