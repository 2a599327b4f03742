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
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.cache import LastBuild
from pitwall.features.machinery.group import FeatureGroup
from pitwall.features.machinery.news import REUSED, Change, only_one_side, updated


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
        self._hashes: dict[str, str | None] = {}

    def make(self, names: Sequence[str]) -> list[Made]:
        """Write the files of some groups."""
        return [self._write(groups()[name]) for name in names]

    def is_reusable(self, group: FeatureGroup) -> bool:
        """Return whether the last build made the group's table from the same tables."""
        return self._is_kept(group) and not any(self._is_new(name) for name in group.reads)

    def _write(self, group: FeatureGroup) -> Made:
        start = time.perf_counter()
        path = self._project.features / f"{group.name}.parquet"
        if self.is_reusable(group):
            how = REUSED
            shutil.copyfile(self._last.group_file(group.name), path)
        else:
            rows, how = self._rows(group)
            rows.to_parquet(path, index=False, coerce_timestamps="us")
        stamps = pd.read_parquet(path, columns=[*group.keys, "event_timestamp"])
        corrected = int(stamps.duplicated().sum())
        return Made(group.name, len(stamps), len(group.names), corrected, how, time.perf_counter() - start)

    def _rows(self, group: FeatureGroup) -> tuple[pd.DataFrame, str]:
        self._read(group.reads)
        if not self._is_kept(group):
            return build_group(group, Tables(self._now), self._params), "computed from nothing"
        built = pd.read_parquet(self._last.group_file(group.name))
        return updated(group, built, Change(Tables(self._then), Tables(self._now), self._news), self._params)

    def _is_kept(self, group: FeatureGroup) -> bool:
        return self._last.has_group(group, self._params) and self._last.has_tables(group.reads)

    def _is_new(self, name: str) -> bool:
        return self._last.md5_of_table(name) != self._md5(name)

    def _md5(self, name: str) -> str | None:
        path = self._project.tables / f"{name}.parquet"
        if name not in self._hashes:
            self._hashes[name] = file_md5(path) if path.is_file() else None
        return self._hashes[name]

    def _read(self, names: Sequence[str]) -> None:
        """Read tables of now and then, and what differs; a file that did not change is both."""
        for name in set(names) - set(self._now):
            self._now |= load_tables(self._project.tables, [name])
            self._then[name] = self._now[name]
            if self._last.has_tables([name]) and self._is_new(name):
                self._then[name] = pd.read_parquet(self._last.table_file(name))
                self._news[name] = only_one_side(self._then[name], self._now[name])
