"""The two data stages as plain functions: `ingest` keeps a raw snapshot, `tables` makes the canonical tables.

They know neither DVC nor Prefect. Their reports are small and print themselves as lines for people.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from pitwall.domain import clock
from pitwall.domain.errors import SourceError
from pitwall.domain.params import Params
from pitwall.domain.plugins import pick
from pitwall.domain.project import Project
from pitwall.sources import beside_sources, chosen_sources
from pitwall.sources.machinery.admission.vetting import Vetted, vet
from pitwall.sources.machinery.beside import decided_lines, kept, others_of
from pitwall.sources.machinery.canonical.new_teams import new_teams, told
from pitwall.sources.machinery.comparing.precedence import Decided
from pitwall.sources.machinery.snapshots.store import Snapshot, snapshots, take_snapshot
from pitwall.sources.machinery.snapshots.surroundings import surroundings

NOTES = "notes.json"  # beside the tables: what the stage said of them and no table holds


@dataclass(frozen=True)
class IngestReport:
    """What an ingest did: the newest snapshot, whether it is new, the rows of its files, and which files it does not read."""

    source: str
    snapshot: str
    is_news: bool
    rows: dict[str, int]
    set_aside: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Return the report for people."""
        kept = f"kept snapshot {self.snapshot}, {sum(self.rows.values()):,} rows in {len(self.rows)} files"
        said = kept if self.is_news else f"no news, {self.snapshot} is still the newest snapshot"
        aside = set_aside_lines(self.set_aside) if self.is_news else []
        return [f"{self.source}: {said}", *(f"  {note}" for note in self.notes), *aside]


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
    new_teams: list[str] = field(default_factory=list)
    decided: Sequence[Decided] = ()

    def lines(self) -> list[str]:
        """Return the report for people."""
        head = f"{self.source}: {sum(self.rows.values()):,} rows in {len(self.rows)} tables from {self.snapshots} snapshot(s)"
        lines = [head, *(f"  {name:<22} {count:>8,}" for name, count in self.rows.items())]
        if self.corrected or self.gone:
            lines.append(f"corrected later: {self.corrected:,}; gone from the newest one, kept: {self.gone:,}")
        lines += [f"called off: {label} {name}" for label, name in self.called_off.items()]
        lines += [f"{what:<62} {count:>6,}" for what, count in self.assumed.items()]
        lines += [told(team) for team in self.new_teams]
        lines += decided_lines(self.decided)
        lines.append(f"set aside in quarantine.parquet: {sum(self.quarantined.values()):,}")
        return lines + [f"  {reason:<60} {count:>6,}" for reason, count in self.quarantined.items()]


def set_aside_lines(counts: Mapping[str, int]) -> list[str]:
    """Return what a snapshot sets aside, for people."""
    head = f"of these the tables will set aside: {sum(counts.values()):,}"
    return [head, *(f"  {reason:<60} {count:>6,}" for reason, count in sorted(counts.items()))]


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
        SourceError: the fetch or a check failed, or too much would be set aside; earlier snapshots stay usable.
    """
    named = [*chosen_sources(params), *beside_sources(params)]
    source = pick("source in params.yaml", name, {source.name: source for source in named})
    settings = source.settings(params)
    known = snapshots(project.raw / source.name, source.world(settings))
    previous, now = known[-1] if known else None, now or clock.now()
    _refuse_older(source.name, previous, now)
    seen, notes = Vetted(), list[str]()

    def look(fresh: Snapshot, before: Snapshot | None) -> tuple[int, ...]:
        nonlocal seen
        seen = vet(project, params, fresh, before, accept_removals=accept_removals)
        return seen.accepted_removals

    taken = take_snapshot(
        source,
        source.location(params),
        settings,
        project.raw,
        now=now,
        previous=previous,
        vet=look,
        notes=notes,
        around=surroundings(project, params, source),
    )
    newest = taken or previous
    assert newest is not None
    rows = {name: int(entry["rows"]) for name, entry in newest.files.items()}
    return IngestReport(source.name, newest.name, taken is not None, rows, seen.set_aside, tuple(notes))


def _refuse_older(name: str, previous: Snapshot | None, now: datetime) -> None:
    if clock.replayed() and previous is not None and previous.fetched_at > now:
        raise SourceError(
            f"now is {now:%Y-%m-%dT%H:%M}Z, but the newest snapshot of {name}, {previous.name}, is of a later day; a season is replayed in a "
            "project of its own, forwards (docs/replay.md)."
        )


def tables(project: Project, params: Params) -> TablesReport:
    """Make `data/tables/*.parquet`, `quarantine.parquet` and `notes.json` from the snapshots of the sources of params.yaml.

    Raises:
        SourceError: no snapshot, or one was edited.
        TableError: a table breaks its schema.
    """
    from pitwall.domain.tables import save_tables
    from pitwall.sources.machinery.canonical.tables import build_tables

    results, *others = chosen_sources(params)
    known, laps = (
        kept(project, params, results),
        [each for source in others for each in kept(project, params, source)],
    )
    beside = others_of(project, params, known)
    build = build_tables(known, params.time, laps, params.teams, beside)
    save_tables(build.tables, project.tables)
    build.quarantine.to_parquet(project.tables / "quarantine.parquet", index=False)
    newcomers = new_teams(build.tables, params.teams)
    notes: dict[str, object] = {"assumed": dict(build.assumed), "new_teams": newcomers}
    if build.decided:
        notes["decided"] = [asdict(each) for each in build.decided]
    (project.tables / NOTES).write_text(json.dumps(notes, indent=2, sort_keys=True) + "\n", encoding="utf-8")
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
        newcomers,
        build.decided,
    )
