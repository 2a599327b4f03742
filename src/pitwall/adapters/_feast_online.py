"""What the online store serves: up to which instant, of which world, and which row of each key.

Kept in `feature_repo/.store/` beside the store that it describes. Moving forward writes only rows that differ from what
is served; moving backwards is refused, because a row from the future would stay. Another data source starts afresh, and so
does a materialisation that follows one that did not finish: nobody can say what that one wrote.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pandas as pd
from filelock import FileLock

from pitwall.domain.errors import FeatureError
from pitwall.domain.params import load_params
from pitwall.domain.ports import Served
from pitwall.domain.project import Project
from pitwall.domain.when import as_utc
from pitwall.domain.world import world
from pitwall.features import groups
from pitwall.features._group import STAMPS, FeatureGroup

Write = Callable[[str, pd.DataFrame], None]

NEVER = pd.Timestamp("1900-01-01", tz="UTC")


class OnlineState:
    """The record of one project's online store."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._folder = project.feature_repo / ".store"
        self._file = self._folder / "online.json"
        # Between threads and processes: a reader must not see half a materialisation.
        self.lock = FileLock(project.state / "online.lock")

    @property
    def served(self) -> Served | None:
        """Return what is served; None before the first materialisation, and while one runs or did not finish."""
        return _served(self._text())

    def prepare(self) -> bool:
        """Make the folder; throw away a store that was filled from another data source, and say whether that was so."""
        return self._renew(self._read().get("world", self._world()) != self._world())

    def recover(self) -> bool:
        """Throw away a store that a materialisation left unfinished, and say whether that was so."""
        return self._renew(not self._read().get("complete", True))

    def advance(self, until: pd.Timestamp, write: Write) -> Served:
        """Write, with `write(view, rows)`, every row that a cut-off at `until` may see and that is not served yet.

        Raises:
            FeatureError: `until` lies before what is served, or a group is not built; then nothing has changed.
        """
        files = {name: self._fingerprint(group) for name, group in groups().items()}
        served = self.served
        if served is not None and until < served.until:
            raise FeatureError(
                f"the online store already serves {served.until:%Y-%m-%d %H:%M} UTC and cannot go back to "
                f"{until:%Y-%m-%d %H:%M}; read the past with `historical`."
            )
        if served is not None and until == served.until and files == self._read()["files"]:
            return served
        # Marked as unfinished first: after a crash nobody is served a mixture.
        note = {"until": until.isoformat(), "world": self._world(), "files": files, "version": uuid4().hex}
        self._note({**note, "complete": False})
        known = max(self._advance_group(group, until, write) for group in groups().values())
        self._note({**note, "complete": True, "known": known.isoformat()})
        return Served(until, known, note["version"])

    def _advance_group(self, group: FeatureGroup, until: pd.Timestamp, write: Write) -> pd.Timestamp:
        """Bring one view forward; return when the newest of its rows became known."""
        rows = newest_rows(group, pd.read_parquet(self._project.features / f"{group.name}.parquet"), until)
        record = self._folder / f"served-{group.name}.parquet"
        changed = _unserved(group, rows, pd.read_parquet(record), until) if record.is_file() else rows
        if not changed.empty:
            write(group.name, changed)
            rows.to_parquet(record, index=False)
        return NEVER if rows.empty else rows["known_at"].max()

    def _fingerprint(self, group: FeatureGroup) -> list[int]:
        """Return what changes whenever a group's file is written again."""
        path = self._project.features / f"{group.name}.parquet"
        if not path.is_file():
            raise FeatureError(f"the features of {group.name} are not built yet; make them with `dvc repro features`.")
        stat = path.stat()
        return [stat.st_mtime_ns, stat.st_size, stat.st_ino]

    def _renew(self, useless: bool) -> bool:
        if useless:
            with self.lock:
                shutil.rmtree(self._folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        return useless

    def _read(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self._text())
        return content

    def _text(self) -> str:
        try:
            return self._file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return "{}"

    def _note(self, content: dict[str, Any]) -> None:
        """Replace the record in one step: a reader in another process sees the old one or the new one."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(content), encoding="utf-8")
        fresh.replace(self._file)

    def _world(self) -> dict[str, Any]:
        return world(load_params(self._project.params))


@lru_cache(maxsize=4)
def _served(record: str) -> Served | None:
    """Read the record of the store; every answer from the cache looks at it, and it seldom changes."""
    kept = json.loads(record)
    if not kept.get("complete"):
        return None
    return Served(pd.Timestamp(kept["until"]), pd.Timestamp(kept["known"]), kept["version"])


def newest_rows(group: FeatureGroup, rows: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Return the newest row of each key that a cut-off at `until` may see: `event < until` and `known <= until`."""
    until = as_utc(pd.Series([until]))[0]
    seen = rows[(rows["event_timestamp"] < until) & (rows["known_at"] <= until)]
    ordered = seen.sort_values([*group.keys, *STAMPS], kind="stable")
    return ordered.drop_duplicates(group.keys, keep="last").reset_index(drop=True)


def _unserved(group: FeatureGroup, rows: pd.DataFrame, served: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Return the rows that are not served with these very bits, and nulls for keys that are served and no longer exist."""
    left = served[group.keys].merge(rows[group.keys], on=group.keys, how="left", indicator=True)["_merge"]
    gone = served.loc[left.eq("left_only").to_numpy(), group.keys].reset_index(drop=True)
    nulls = gone.assign(**dict.fromkeys(STAMPS, until), **dict.fromkeys(group.names, np.nan))
    nulls[STAMPS] = nulls[STAMPS].apply(as_utc)
    changed = rows if list(served.columns) != list(rows.columns) else rows[~_same(group, rows, served)]
    return pd.concat([changed, nulls[rows.columns]], ignore_index=True) if len(nulls) else changed


def _same(group: FeatureGroup, rows: pd.DataFrame, served: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows are served bit by bit; a merge on values would take 0.0 for -0.0."""
    old = rows[group.keys].merge(served, on=group.keys, how="left")
    values = [frame[group.names].to_numpy(np.float64).view(np.int64) for frame in (old, rows)]
    stamps = (old[STAMPS] == rows[STAMPS]).all(axis=1).to_numpy()
    return np.asarray(stamps & (values[0] == values[1]).all(axis=1))
