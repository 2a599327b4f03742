"""The contract of a data source: `check_source` passes for every plug-in of `pitwall.sources`, and for yours."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pitwall.domain.errors import SourceError
from pitwall.domain.params import Section, TimeParams
from pitwall.domain.refs import folder_hash
from pitwall.domain.tables import Tables, save_tables
from pitwall.sources._schema import FILENAMES
from pitwall.sources._snapshots import fetch_checked, snapshots, take_snapshot
from pitwall.sources._source import Source
from pitwall.sources._tables import build_tables

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


def check_source(source: Source, folder: Path, settings: Section | None = None, location: str | None = None) -> Tables:
    """Check a source from fetch to canonical tables.

    Args:
        source: the plug-in.
        folder: an empty folder to work in.
        settings: its settings; the defaults when None.
        location: where it reads from, if it needs that.

    Returns:
        The tables that it gave, schema-checked.

    Raises:
        AssertionError: says what the source breaks.
        PitwallError: the source's own refusal.
    """
    settings = settings or source.Settings()
    assert source.summary and source.attribution, f"{source.name}: say what it is and whom to credit"
    first = _fetched(source, location, settings, folder / "first")
    if source.deterministic:
        second = _fetched(source, location, settings, folder / "second")
        assert first == second, f"{source.name} calls itself deterministic but two fetches differ"
    taken = take_snapshot(source, location, settings, folder / "raw", now=NOW, previous=None)
    kept = snapshots(folder / "raw" / source.name, source.world(settings))
    assert [taken] == kept, f"{source.name}: the snapshot does not read back as it was taken"
    if source.deterministic:
        again = take_snapshot(source, location, settings, folder / "raw", now=NOW, previous=kept[-1])
        assert again is None, f"{source.name}: the same content was kept twice"
    if source.needs_location:
        _refuses_nowhere(source, settings, folder)
    build = build_tables(kept, TimeParams())
    save_tables(build.tables, folder / "tables")
    assert len(build.tables["results"]), f"{source.name}: no result survived the cleaning"
    return Tables(build.tables)


def _fetched(source: Source, location: str | None, settings: Section, folder: Path) -> str:
    folder.mkdir(parents=True)
    fetch_checked(source, location, settings, folder)
    stray = sorted(path.name for path in folder.iterdir() if path.name not in FILENAMES)
    assert not stray, f"{source.name} wrote files that are no raw table: {stray}"
    return folder_hash(folder)


def _refuses_nowhere(source: Source, settings: Section, folder: Path) -> None:
    nowhere, empty = str(folder / "nowhere"), folder / "unfilled"
    empty.mkdir()
    try:
        fetch_checked(source, nowhere, settings, empty)
    except SourceError as error:
        assert "nowhere" in str(error), f"{source.name}: the error must name the missing location"
    else:
        raise AssertionError(f"{source.name} fetched from a place that does not exist")
