"""The stage `features`: canonical tables in, one parquet file per feature group out."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from pitwall.domain.errors import UnknownName
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.tables import load_tables
from pitwall.features import groups
from pitwall.features._build import build_group

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FeatureReport:
    """What the stage made: rows, features and later versions per group."""

    rows: dict[str, int]
    features: dict[str, int]
    corrected: dict[str, int]

    def lines(self) -> list[str]:
        """Return the report as text, one line per group."""
        return [
            f"{name}: {rows} rows, {self.features[name]} features, {self.corrected[name]} corrected versions"
            for name, rows in self.rows.items()
        ]


def build_features(project: Project, params: Params) -> FeatureReport:
    """Build `data/features/<group>.parquet` of every group; files of groups that are gone are removed.

    Raises:
        UnknownName: params.yaml has settings of a group that does not exist.
        FeatureError: a group returned a wrong table.
        TableError: a canonical table is missing.
    """
    found = groups()
    for name in params.features:
        if name not in found:
            raise UnknownName("feature group", name, found)
    tables = load_tables(project.tables, sorted({table for group in found.values() for table in group.reads}))
    project.features.mkdir(parents=True, exist_ok=True)
    report = FeatureReport({}, {}, {})
    for name, group in found.items():
        frame = build_group(group, tables, params)
        frame.to_parquet(project.features / f"{name}.parquet", index=False, coerce_timestamps="us")
        report.rows[name], report.features[name] = len(frame), len(group.names)
        report.corrected[name] = int(frame.duplicated([*group.keys, "event_timestamp"]).sum())
        log.info("features of %s: %d rows", name, len(frame))
    for stale in project.features.glob("*.parquet"):
        if stale.stem not in found:
            stale.unlink()
    return report
