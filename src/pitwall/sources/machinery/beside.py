"""The sources that stand beside: their snapshots, their tables, and what these decide or say otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from pitwall.domain.errors import SourceError
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.tables import Tables
from pitwall.sources import beside_sources, chosen_sources
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.machinery.comparing.differences import COMPARED, differences
from pitwall.sources.machinery.comparing.matching import match
from pitwall.sources.machinery.comparing.precedence import COMPARE, GROUPS, Decided, Other, rules
from pitwall.sources.machinery.snapshots.store import Snapshot, snapshots
from pitwall.sources.machinery.source import Source


def kept(project: Project, params: Params, source: Source) -> list[Snapshot]:
    """Return the snapshots of a source in use, at least one.

    Raises:
        SourceError: there is none.
    """
    known = snapshots(project.raw / source.name, source.world(source.settings(params)))
    if not known:
        raise SourceError(
            f"there is no raw snapshot of {source.name}; fetch one with `dvc repro ingest@{source.name}`."
        )
    return known


def others_of(project: Project, params: Params, results: Sequence[Snapshot]) -> list[Other]:
    """Return the sources that decide a table, with their tables; one that is only compared costs nothing.

    Args:
        project: whose snapshots.
        params: name the sources.
        results: the snapshots of the source that the project lives on, to whose races laps belong.
    """
    found = []
    for source in beside_sources(params):
        if decides := rules(source.name, source.beside(params) or COMPARE):
            found.append(Other(source.name, decides, tables_of(project, params, source, results)))
    return found


def tables_of(
    project: Project, params: Params, source: Source, results: Sequence[Snapshot]
) -> Mapping[str, pd.DataFrame]:
    """Return the tables that a source gives by itself; one of laps on the races of the results."""
    own = kept(project, params, source)
    if source.brings_results:
        return build_tables(own, params.time, (), params.teams).tables
    return build_tables(results, params.time, own, params.teams).tables


def disagreements(project: Project, params: Params, name: str | None = None) -> dict[str, Compared]:
    """Return, by source beside, where it disagrees with the one that the project lives on.

    Args:
        project: whose data.
        params: name the sources.
        name: one of the sources beside; all of them when None.

    Raises:
        UnknownName: no such source stands beside.
        SourceError: none does, or there is no snapshot.
    """
    from pitwall.domain.plugins import pick

    beside = {source.name: source for source in beside_sources(params)}
    if not beside:
        raise SourceError(
            "no source stands beside the one that the project lives on; add one with `pitwall data use NAME --beside compare`."
        )
    wanted = [pick("source beside", name, beside)] if name else list(beside.values())
    results, *laps = chosen_sources(params)
    known = kept(project, params, results)
    own_laps = [each for source in laps if source.role != "user" for each in kept(project, params, source)]
    ours = Tables(build_tables(known, params.time, own_laps, params.teams).tables).as_of()
    return {each.name: _compared(ours, project, params, each, known) for each in wanted}


class Compared:
    """The disagreements with one source: the lines, and what of it was not found here."""

    def __init__(self, lines: pd.DataFrame, unknown: Mapping[str, list[str]]) -> None:
        self.lines, self.unknown = lines, dict(unknown)

    def counts(self) -> list[dict[str, object]]:
        """Return how many there are by table, column and season."""
        grouped = self.lines.groupby(["table", "column", "season"]).size()
        return [
            {"table": table, "column": column, "season": int(season), "rows": int(rows)}
            for (table, column, season), rows in grouped.items()
        ]


def _compared(ours: Tables, project: Project, params: Params, source: Source, results: Sequence[Snapshot]) -> Compared:
    theirs = Tables(tables_of(project, params, source, results)).as_of()
    found = match(ours, theirs)
    names = COMPARED if source.brings_results else GROUPS["laps"][:2]
    return Compared(differences(ours, theirs, found, names), found.unknown)


def decided_lines(decided: Iterable[Decided]) -> list[str]:
    """Return for people which source gave what."""
    return [
        f"{each.table} of {each.season}: stays as it is, {each.source} lacks {each.lacks} of its races"
        if each.lacks
        else f"{each.table} of {each.season}: {each.rows:,} rows of {each.source}, instead of {each.instead_of:,}"
        for each in decided
    ]
