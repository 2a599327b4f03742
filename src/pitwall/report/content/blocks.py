"""What a document is made of: texts, facts, tables, pictures, and what only a page can show at its best. Plain data, nothing drawn.

The blocks that have a `plain` are written by it where there is no page: no form says what the other does not.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A paragraph, or with `label` one that begins with a bold word."""

    text: str
    label: str = ""


@dataclass(frozen=True)
class Note:
    """What a reader must know to read the numbers right; it stands out."""

    text: str


@dataclass(frozen=True)
class Facts:
    """Names and values, one a line."""

    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """A table; `numbers` are the columns that are set right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A PNG with its caption; `name` is that of its file, a wide one has a row for itself."""

    name: str
    caption: str
    png: bytes
    wide: bool = False


@dataclass(frozen=True)
class Drawing:
    """Markup that this program made itself, an SVG or with `plotly` an interactive figure; the one thing that is not escaped."""

    markup: str
    plotly: bool = False


@dataclass(frozen=True)
class Fold:
    """Blocks below a line that opens and closes them; `small` stands beside the title."""

    title: str
    blocks: tuple[Block, ...]
    small: str = ""
    open: bool = False


@dataclass(frozen=True)
class Share:
    """A probability as a bar, with what the baseline says beside it."""

    value: float
    text: str
    beside: str


@dataclass(frozen=True)
class Answers:
    """What is answered about each of some things: `names` as (name, what stands small below), then texts and shares.

    Attributes:
        columns: titles, that of the names first.
        names: one a row.
        cells: one row per name, all set right.
    """

    columns: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    cells: tuple[tuple[str | Share, ...], ...]

    def plain(self) -> Table:
        """Return the answers as text, the baseline in brackets."""
        rows = zip(self.names, self.cells, strict=True)
        return Table(self.columns, tuple((name, *map(_told, cells)) for (name, _), cells in rows), self.columns[1:])


@dataclass(frozen=True)
class Heat:
    """Probabilities as shades: one row per (name, name in full), one column per outcome."""

    names: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]

    def plain(self) -> Table:
        """Return the probabilities in percent."""
        rows = zip(self.names, self.values, strict=True)
        return Table(
            ("", *self.columns), tuple((full, *map(whole, values)) for (_, full), values in rows), self.columns
        )


@dataclass(frozen=True)
class Contribution:
    """What one feature adds to a score: its name and meaning, its value in words, the amount."""

    name: str
    meaning: str
    value: str
    amount: float


@dataclass(frozen=True)
class Contributions:
    """Contributions as bars to both sides of zero; `widest` is the amount that fills one side."""

    rows: tuple[Contribution, ...]
    widest: float

    def plain(self) -> Table:
        """Return the contributions as numbers."""
        rows = tuple((row.name, row.value, f"{row.amount:+.2f}") for row in self.rows)
        return Table(("feature", "value", "adds"), rows, ("value", "adds"))


Block = Text | Note | Facts | Table | Picture | Drawing | Fold | Answers | Heat | Contributions


def whole(chance: float) -> str:
    """Return a probability in whole percent, nothing below a half."""
    return f"{100 * chance:.0f}" if chance >= 0.005 else ""


def _told(cell: str | Share) -> str:
    return f"{cell.text} ({cell.beside})" if isinstance(cell, Share) else cell
