"""The rows of feature groups: those of the session are built here and kept, those of the project are read from its files."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pitwall.domain.errors import FeatureError
from pitwall.domain.params import load_params
from pitwall.domain.project import Project
from pitwall.domain.tables import load_tables
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.group import STAMPS, FeatureGroup
from pitwall.features.machinery.known import as_known


class FeatureRows:
    """Rows with all their versions, of the groups of one project and of one session."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._kept: dict[str, tuple[Any, pd.DataFrame]] = {}

    def custom(self, group: FeatureGroup) -> pd.DataFrame:
        """Return the rows of a group of the session, built once per definition and state of the tables."""
        paths = [self._project.tables / f"{table}.parquet" for table in group.reads]
        state = (group, *(path.stat().st_mtime_ns for path in paths if path.is_file()))
        if self._kept.get(group.name, (None, None))[0] != state:
            tables = load_tables(self._project.tables, list(group.reads))
            self._kept[group.name] = (state, build_group(group, tables, load_params(self._project.params)))
        return self._kept[group.name][1]

    def known(self, spine: pd.DataFrame, group: FeatureGroup, *, inclusive: bool) -> pd.DataFrame:
        """Return the features of a group of the session as known at each row's cut-off, in the spine's order."""
        return as_known(spine, group, self.custom(group), inclusive=inclusive)[group.names]

    def stamps(self, moment: pd.DataFrame, group: FeatureGroup, *, inclusive: bool) -> dict[str, pd.Timestamp]:
        """Return when the row that one moment sees happened and became known; NaT where it sees none.

        Raises:
            FeatureError: the group's file has not been built.
        """
        stored = groups().get(group.name) is group
        rows = self._read(group, moment) if stored else self.custom(group)
        found = as_known(moment, group, rows, inclusive=inclusive).iloc[0]
        return {stamp: found[stamp] for stamp in STAMPS}

    def _read(self, group: FeatureGroup, moment: pd.DataFrame) -> pd.DataFrame:
        path = self._project.features / f"{group.name}.parquet"
        if not path.is_file():
            raise FeatureError(f"the features of {group.name} are not built yet; make them with `dvc repro features`.")
        return pd.read_parquet(path, filters=[(key, "==", int(moment[key].iloc[0])) for key in group.keys])
