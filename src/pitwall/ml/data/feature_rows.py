"""The rows of feature groups, and features joined to rows that are asked about, each as known then.

Groups of the session, or of a user's model, are built here and kept; those of the project are read from its files, and joined by the
feature store.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from pitwall.domain.errors import FeatureError, UsageError
from pitwall.domain.params import load_params
from pitwall.domain.ports import FeatureReader
from pitwall.domain.project import Project
from pitwall.domain.tables import load_tables
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.group import STAMPS, FeatureGroup
from pitwall.features.machinery.known import as_known
from pitwall.ml.data.feature_plan import FeaturePlan


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


def joined(
    spine: pd.DataFrame, wanted: FeaturePlan, reader: FeatureReader, rows: FeatureRows, *, inclusive: bool = False
) -> pd.DataFrame:
    """Return the rows with the features of a plan, in its order.

    Args:
        spine: ids and cut-off.
        wanted: which features of which groups.
        reader: joins what is stored.
        rows: of groups that no store holds.
        inclusive: also what happened at the cut-off itself.

    Raises:
        UsageError: the rows lack an id that a group is known by.
    """
    if lacking := sorted(wanted.keys - set(spine.columns)):
        by = [group.name for group in wanted.groups if not set(group.keys) <= set(spine.columns)]
        raise UsageError(
            f"the features of {', '.join(by)} are known by {', '.join(lacking)}, which these rows do not have; leave them out."
        )
    frame = spine
    if wanted.stored:
        frame = reader.historical(spine, [group.name for group in wanted.stored], inclusive=inclusive)
    for group in wanted.custom:
        found = rows.known(spine, group, inclusive=inclusive)
        frame = frame.assign(**{name: found[name].to_numpy() for name in group.names})
    return frame[[*spine.columns, *wanted.features]].copy()
