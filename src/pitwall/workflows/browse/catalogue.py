"""The catalogue of features with what the project's data have of them: how many rows, how many of them without a value."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from inspect import getsource

from pitwall.domain.plugins import pick
from pitwall.domain.project import Project
from pitwall.features import feature_sets, groups
from pitwall.features.machinery.catalogue.unavailable import Unavailable, unavailable
from pitwall.features.machinery.group import FeatureGroup

SHORT = 8


@dataclass(frozen=True)
class GroupLine:
    """A group of features.

    Attributes:
        group: what it is.
        sets: the feature sets that hold it.
        rows: built of it; None where it was not built yet.
        nulls: {feature: share of its rows without a value}; empty where it has no rows.
        version: the beginning of a hash of the code that computes it.
    """

    group: FeatureGroup
    sets: tuple[str, ...]
    rows: int | None
    nulls: Mapping[str, float]
    version: str


def groups_of(project: Project) -> list[GroupLine]:
    """Return all groups by name, each with what was built of it; the files' own statistics are read, not their rows."""
    return [_line(project, group) for _, group in sorted(groups().items())]


def group_of(project: Project, name: str) -> GroupLine:
    """Return one group.

    Raises:
        UnknownName: there is none of that name; says the nearest one.
    """
    return _line(project, pick("feature group", name, groups()))


def absent(project: Project) -> tuple[Unavailable, ...]:
    """Return the features that the project's data cannot support, each with the reason and what it would take."""
    return unavailable(project)


def _line(project: Project, group: FeatureGroup) -> GroupLine:
    rows, nulls = _built(project, group)
    sets = tuple(name for name, members in feature_sets().items() if group in members and name != "all")
    code = getsource(group.compute)
    return GroupLine(group, sets, rows, nulls, hashlib.sha256(code.encode()).hexdigest()[:SHORT])


def _built(project: Project, group: FeatureGroup) -> tuple[int | None, dict[str, float]]:
    import pyarrow.parquet as pq

    path = project.features / f"{group.name}.parquet"
    if not path.is_file():
        return None, {}
    told = pq.read_metadata(path)
    counts = dict.fromkeys(group.names, 0)
    for part in range(told.num_row_groups):
        for place in range(told.num_columns):
            column = told.row_group(part).column(place)
            if column.path_in_schema in counts and column.statistics is not None:
                counts[column.path_in_schema] += column.statistics.null_count or 0
    rows = int(told.num_rows)
    return rows, {name: count / rows for name, count in counts.items()} if rows else {}
