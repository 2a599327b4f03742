"""Makes single groups in one process: takes up what the last build left, else computes from nothing.

A process reads each table once, and knows for each table what is new in it since the last build.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.refs import file_md5
from pitwall.domain.tables import Tables, load_tables
from pitwall.features import groups
from pitwall.features._build import build_group
from pitwall.features._cache import LastBuild
from pitwall.features._group import STAMPS, FeatureGroup
from pitwall.features._news import REUSED, Change, only_one_side, updated


@dataclass(frozen=True)
class Made:
    """One group's table: rows, features, later versions among the rows, what was computed, and the seconds it took."""

    group: str
    rows: int
    features: int
    corrected: int
    how: str
    seconds: float

    def line(self) -> str:
        """Return it for people."""
        counts = f"{self.rows:,} rows, {self.features} features, {self.corrected:,} corrected versions"
        return f"{self.group}: {counts}; {self.how} ({self.seconds:.1f} s)"


class Builder:
    """One process's view of a build."""

    def __init__(self, project: Project, params: Params) -> None:
        self._project, self._params = project, params
        self._last = LastBuild(project)
        self._now: dict[str, pd.DataFrame] = {}
        self._then: dict[str, pd.DataFrame] = {}
        self._news: dict[str, pd.DataFrame] = {}

    def make(self, names: Sequence[str]) -> list[Made]:
        """Write the files of some groups."""
        return [self._write(groups()[name]) for name in names]

    def _write(self, group: FeatureGroup) -> Made:
        start = time.perf_counter()
        path = self._project.features / f"{group.name}.parquet"
        rows, how = self._rows(group)
        if how == REUSED:
            shutil.copyfile(self._last.group_file(group.name), path)
        else:
            rows.to_parquet(path, index=False, coerce_timestamps="us")
        corrected = int(rows.duplicated([*group.keys, "event_timestamp"]).sum())
        return Made(group.name, len(rows), len(group.names), corrected, how, time.perf_counter() - start)

    def _rows(self, group: FeatureGroup) -> tuple[pd.DataFrame, str]:
        if not self._last.has_group(group, self._params) or not self._last.has_tables(group.reads):
            self._read(group.reads)
            return build_group(group, Tables(self._now), self._params), "computed from nothing"
        file = self._last.group_file(group.name)
        if not any(self._is_new(name) for name in group.reads):
            return pd.read_parquet(file, columns=[*group.keys, *STAMPS]), REUSED
        self._read(group.reads)
        change = Change(Tables(self._then), Tables(self._now), self._news)
        return updated(group, pd.read_parquet(file), change, self._params)

    def _is_new(self, name: str) -> bool:
        return file_md5(self._project.tables / f"{name}.parquet") != file_md5(self._last.table_file(name))

    def _read(self, names: Sequence[str]) -> None:
        """Read tables of now and then, and what differs; a file that did not change is both."""
        for name in set(names) - set(self._now):
            self._now |= load_tables(self._project.tables, [name])
            self._then[name] = self._now[name]
            if self._last.has_tables([name]) and self._is_new(name):
                self._then[name] = pd.read_parquet(self._last.table_file(name))
                self._news[name] = only_one_side(self._then[name], self._now[name])
