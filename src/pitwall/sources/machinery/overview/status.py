"""What the project holds of its sources: snapshots, what the newest one changed, tables, and what was set aside or assumed."""

from __future__ import annotations

import json
from typing import Any

from pitwall.domain.errors import SourceError
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.sources import beside_sources, chosen_sources
from pitwall.sources.machinery.overview.changes import changes
from pitwall.sources.machinery.snapshots.store import snapshots
from pitwall.sources.machinery.source import Source
from pitwall.sources.machinery.stage import NOTES


def data_status(project: Project, params: Params, rows: int = 0) -> dict[str, Any]:
    """Return the state of the data for JSON.

    Args:
        project: whose data.
        params: its parameters.
        rows: so many of the lines set aside are shown for each reason.

    Returns:
        sources (location, snapshots, and `changed` by the newest one or `trouble` with them), tables (rows of each), quarantine
        (lines by reason), examples (of them), assumed (values by what they were read as), new_teams, and outdated: snapshots
        came or went after the tables were made.
    """
    named = [*chosen_sources(params), *beside_sources(params)]
    sources = {source.name: _source(project, params, source) for source in named}
    notes = project.tables / NOTES
    said = json.loads(notes.read_text(encoding="utf-8")) if notes.is_file() else {}
    folders = [project.raw / name for name in sources if (project.raw / name).is_dir()]
    made = notes.stat().st_mtime if said else None
    return {
        "sources": sources,
        "outdated": made is not None and any(folder.stat().st_mtime > made for folder in folders),
        "tables": _tables(project),
        **_quarantine(project, rows),
        "assumed": said.get("assumed", {}),
        "new_teams": said.get("new_teams", []),
        **({"decided": said["decided"]} if "decided" in said else {}),
    }


def _source(project: Project, params: Params, source: Source) -> dict[str, Any]:
    home = project.raw / source.name
    told: dict[str, Any] = {
        "location": source.location(params) or source.published,
        **({"beside": beside} if (beside := source.beside(params)) is not None else {}),
        "snapshots": sorted(path.name for path in home.glob("[0-9]*")),
    }
    try:
        known = snapshots(home, source.world(source.settings(params)))
    except SourceError as error:
        return {**told, "trouble": str(error)}
    if len(known) > 1:
        told["changed"] = {"since": known[-2].name, **changes(known[-2], known[-1]).row()}
    return told


def _tables(project: Project) -> dict[str, int]:
    """Return rows per table, from the parquet footers."""
    import pyarrow.parquet as pq

    files = sorted(project.tables.glob("*.parquet")) if project.tables.is_dir() else []
    return {path.stem: int(pq.read_metadata(path).num_rows) for path in files if path.stem != "quarantine"}


def _quarantine(project: Project, rows: int) -> dict[str, Any]:
    """Return how many lines were set aside by reason, and the first of each as they were read."""
    import pandas as pd

    path = project.tables / "quarantine.parquet"
    if not path.is_file():
        return {"quarantine": {}, "examples": {}}
    kept = pd.read_parquet(path)
    reasons = (kept["table"] + ": " + kept["reason"]).rename("why")
    counts = {str(reason): int(count) for reason, count in reasons.value_counts().sort_index().items()}
    first = {str(why): [json.loads(row) for row in group.head(rows)] for why, group in kept["row"].groupby(reasons)}
    return {"quarantine": counts, "examples": first if rows else {}}
