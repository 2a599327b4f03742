"""The two data stages as plain functions: `ingest` keeps a raw snapshot, `tables` makes the canonical tables.

They know neither DVC nor Prefect. Their reports are small and print themselves as lines for people.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pitwall.domain.errors import SourceError
from pitwall.domain.params import Params, Section
from pitwall.domain.plugins import pick
from pitwall.domain.project import Project
from pitwall.sources import chosen_sources
from pitwall.sources._snapshots import Snapshot, fetch_candidate, snapshots, take_snapshot
from pitwall.sources._source import Source


@dataclass(frozen=True)
class IngestReport:
    """What an ingest did: the newest snapshot, whether it is new, and the rows of its files."""

    source: str
    snapshot: str
    is_news: bool
    rows: dict[str, int]

    def lines(self) -> list[str]:
        """Return the report for people."""
        if not self.is_news:
            return [f"{self.source}: no news, {self.snapshot} is still the newest snapshot"]
        return [
            f"{self.source}: kept snapshot {self.snapshot}, {sum(self.rows.values()):,} rows in {len(self.rows)} files"
        ]


@dataclass(frozen=True)
class TablesReport:
    """What the tables stage made: snapshots read, rows per table, corrections, and rows set aside by reason."""

    source: str
    snapshots: int
    rows: dict[str, int]
    corrected: int
    gone: int
    quarantined: dict[str, int] = field(default_factory=dict)
    assumed: dict[str, int] = field(default_factory=dict)
    called_off: Mapping[str, str] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Return the report for people."""
        head = f"{self.source}: {sum(self.rows.values()):,} rows in {len(self.rows)} tables from {self.snapshots} snapshot(s)"
        lines = [head, *(f"  {name:<22} {count:>8,}" for name, count in self.rows.items())]
        if self.corrected or self.gone:
            lines.append(f"corrected later: {self.corrected:,}; gone from the newest one, kept: {self.gone:,}")
        lines += [f"called off: {label} {name}" for label, name in self.called_off.items()]
        lines += [f"{what:<62} {count:>6,}" for what, count in self.assumed.items()]
        lines.append(f"set aside in quarantine.parquet: {sum(self.quarantined.values()):,}")
        return lines + [f"  {reason:<60} {count:>6,}" for reason, count in self.quarantined.items()]


def ingest(
    project: Project, params: Params, name: str, now: datetime | None = None, *, accept_removals: bool = False
) -> IngestReport:
    """Fetch from one source of params.yaml and keep a snapshot in `data/raw/<name>` if there is news.

    Args:
        project: where to.
        params: name the source and its settings.
        name: the source.
        now: the instant of the fetch; the clock's when None.
        accept_removals: keep it although races with results, or many planned ones, are gone from it.

    Raises:
        UnknownName: params.yaml does not name that source.
        SourceError: the fetch or a check failed; earlier snapshots stay usable.
    """
    source = pick("source in params.yaml", name, {source.name: source for source in chosen_sources(params)})
    settings = source.settings(params)
    known = snapshots(project.raw / source.name, source.world(settings))
    previous = known[-1] if known else None
    taken = take_snapshot(
        source,
        source.location(params),
        settings,
        project.raw,
        now=now or datetime.now(UTC),
        previous=previous,
        vet=lambda fresh, before: vet(source, fresh, before, accept_removals=accept_removals),
    )
    newest = taken or previous
    assert newest is not None
    rows = {name: int(entry["rows"]) for name, entry in newest.files.items()}
    return IngestReport(source.name, newest.name, taken is not None, rows)


def vet(source: Source, fresh: Snapshot, before: Snapshot | None, *, accept_removals: bool = False) -> Collection[int]:
    """Hold a fresh snapshot against itself and the one before it; return the ids of races whose removal is accepted.

    Raises:
        SourceError: it must not be kept; says why and what to do.
    """
    if not source.brings_results:
        return ()
    from pitwall.sources._continuity import check_continuity, check_whole

    check_whole(fresh)
    return check_continuity(fresh, before, accept_removals=accept_removals) if before else ()


def try_fetch(project: Project, source: Source, location: str | None, settings: Section) -> dict[str, int]:
    """Fetch from a source into a temporary folder with every check of `ingest`, and return {file: rows}.

    Raises:
        SourceError: `ingest` would refuse what is there.
    """
    known = snapshots(project.raw / source.name, source.world(settings))
    with tempfile.TemporaryDirectory() as folder:
        fresh = fetch_candidate(source, location, settings, Path(folder), now=datetime.now(UTC))
        vet(source, fresh, known[-1] if known else None)
    return {name: int(entry["rows"]) for name, entry in fresh.files.items()}


def tables(project: Project, params: Params) -> TablesReport:
    """Make `data/tables/*.parquet` and `quarantine.parquet` from the snapshots of the sources of params.yaml.

    Raises:
        SourceError: no snapshot, or one was edited.
        TableError: a table breaks its schema.
    """
    from pitwall.domain.tables import save_tables
    from pitwall.sources._tables import build_tables

    results, *others = chosen_sources(params)
    known, laps = (
        _kept(project, params, results),
        [each for source in others for each in _kept(project, params, source)],
    )
    build = build_tables(known, params.time, laps)
    save_tables(build.tables, project.tables)
    build.quarantine.to_parquet(project.tables / "quarantine.parquet", index=False)
    reasons = (build.quarantine["table"] + ": " + build.quarantine["reason"]).value_counts()
    return TablesReport(
        " and ".join(source.name for source in [results, *others]),
        len(known) + len(laps),
        {str(name): int(rows) for name, rows in zip(build.counts["table"], build.counts["rows"], strict=True)},
        int(build.counts["corrected"].sum()),
        int(build.counts["gone"].sum()),
        {str(reason): int(count) for reason, count in reasons.sort_index().items()},
        dict(build.assumed),
        dict(build.called_off),
    )


def _kept(project: Project, params: Params, source: Source) -> list[Snapshot]:
    """Return the snapshots of a source in use, at least one."""
    known = snapshots(project.raw / source.name, source.world(source.settings(params)))
    if not known:
        raise SourceError(
            f"there is no raw snapshot of {source.name}; fetch one with `dvc repro ingest@{source.name}`."
        )
    return known
