"""What a format of raw files is: its files, their columns, and the names under which people have them.

The same set is passed around as `pit_stops.csv`, `pitStops.csv` and `Pit-Stops.CSV`, with `raceId` or `race_id`: a name is known by
its letters and digits alone. What is near a known name but is not one is named, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from pitwall.domain.errors import SourceError

SEASON = re.compile(r"[ _-]?(\d{4})$")
Range = tuple[float, float]


def plain(name: str) -> str:
    """Return a name by which its variants are equal: letters and digits in lower case.

    Example:
        >>> plain("pitStops") == plain("Pit-Stops") == plain("pit_stops")
        True
    """
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known name that is most like a name, None where none is near."""
    by_plain = {plain(each): each for each in known}
    near = get_close_matches(plain(name), by_plain, n=1, cutoff=cutoff)
    return by_plain[near[0]] if near else None


@dataclass(frozen=True)
class RawFile:
    """One raw file: columns that must be there, columns that may be absent, each with its kind, and ranges of values."""

    name: str
    needed: dict[str, str]
    extra: dict[str, str]
    required: bool
    ranges: dict[str, Range] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, str]:
        """Return every column that is read, with its kind."""
        return {**self.needed, **self.extra}

    def nullable(self, column: str) -> bool:
        """Return whether a value of a column may be missing."""
        return self.columns[column].endswith("?")

    def known(self, header: Sequence[str]) -> dict[str, str]:
        """Return {column: its name in a header} of the columns that a header has, under whatever variant of the name."""
        by_plain: dict[str, str] = {}
        for name in header:
            by_plain.setdefault(plain(name), name)
        found = {column: column if column in header else by_plain.get(plain(column)) for column in self.columns}
        return {column: name for column, name in found.items() if name is not None}

    def near(self, column: str, header: Sequence[str]) -> str | None:
        """Return the name in a header that seems to be a missing column's, None where none does."""
        return nearest(column, set(header) - set(self.known(header).values()), cutoff=0.75)

    def check_header(self, name: str, header: Sequence[str]) -> None:
        """Refuse a header that lacks a needed column, with the nearest name that is there.

        Args:
            name: what the file is called, for messages.
            header: its columns.

        Raises:
            SourceError: the header is empty, is a line of data, is separated by something else, names a column twice, or lacks one.
        """
        if not any(cell.strip() for cell in header):
            raise SourceError(f"{name} is empty; fetch it again.")
        known = self.known(header)
        if not known:
            self._refuse_other_form(name, header)
        plains = [plain(cell) for cell in header]
        for column, first in known.items():
            twice = [cell for cell, each in zip(header, plains, strict=True) if each == plain(column)]
            if len(twice) > 1 and (twice.count(column) != 1):
                others = "" if len(set(twice)) == 1 else f" ({', '.join(map(repr, twice))})"
                raise SourceError(f"{name} has two columns called {first!r}{others}; keep one of them.")
        for column in self.needed:
            if column not in known:
                near = nearest(column, set(header) - set(known.values()))
                hint = f"; did {near!r} take its place? Rename it" if near else "; add it"
                raise SourceError(
                    f"{name} lacks the column {column!r} (found: {', '.join(header)}){hint}. "
                    f"Needed: {', '.join(self.needed)}."
                )

    def _refuse_other_form(self, name: str, header: Sequence[str]) -> None:
        """Refuse a first line in which no column is known, saying what it seems to be."""
        line = ",".join(header)
        if line.casefold().startswith("sep="):
            raise SourceError(f"{name} starts with the line {line!r} of a spreadsheet; remove it.")
        for separator, what in ((";", "';'"), ("\t", "tabs"), ("|", "'|'")):
            if self.known(line.split(separator)):
                raise SourceError(
                    f"{name} is separated by {what}, expected commas; export it as CSV with commas between the columns and a point "
                    "in decimal numbers."
                )
        if any(cell.strip() and not re.search(r"[A-Za-z]", cell) for cell in header):
            raise SourceError(
                f"{name} has no header: its first line looks like data ({line[:80]}). Put the names of the columns there; needed: "
                f"{', '.join(self.needed)}."
            )


@dataclass(frozen=True)
class RawFormat:
    """The files that sources of one role deliver.

    Attributes:
        title: what messages call it.
        files: by table.
        suffixes: of files, the preferred one first.
        by_season: tables that may be split by season.
    """

    title: str
    files: Mapping[str, RawFile]
    suffixes: tuple[str, ...]
    by_season: tuple[str, ...] = ()

    def stem(self, file: str) -> str | None:
        """Return what a file is called in this format, without its suffix; None where it is no file of it.

        Example:
            >>> from pitwall.sources.machinery.reading.schema import FORMATS
            >>> FORMATS["results"].stem("pitStops.CSV")
            'pit_stops'
        """
        suffix = self.suffix(file)
        return None if suffix is None else self._known(file[: -len(suffix)])

    def suffix(self, file: str) -> str | None:
        """Return a file's suffix as this format writes it, None where it reads no such files."""
        longest = sorted(self.suffixes, key=len, reverse=True)
        return next((suffix for suffix in longest if file.casefold().endswith(suffix)), None)

    def table(self, file: str) -> str | None:
        """Return the table that a file holds (a part of), None where it is no file of this format."""
        stem = self.stem(file)
        return None if stem is None else self._table(stem)

    def file(self, table: str) -> str:
        """Return how a table's file is called, for messages."""
        return f"{table}{'_<season>' if table in self.by_season else ''}{self.suffixes[0]}"

    @property
    def example(self) -> str:
        """Return the first files, for messages."""
        return ", ".join(self.file(name) for name in list(self.files)[:2])

    @property
    def required(self) -> list[str]:
        """Return the tables that must be there."""
        return [name for name, raw in self.files.items() if raw.required]

    def _known(self, stem: str) -> str | None:
        by_plain = {plain(name): name for name in self.files}
        if plain(stem) in by_plain:
            return by_plain[plain(stem)]
        season, table = SEASON.search(stem), by_plain.get(plain(SEASON.sub("", stem)))
        return f"{table}_{season[1]}" if season and table in self.by_season else None

    def _table(self, stem: str) -> str:
        return stem if stem in self.files else SEASON.sub("", stem)
