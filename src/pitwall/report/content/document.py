"""A document as data: sections of blocks in one order, kept as JSON, written as Markdown or as a page.

A model card, the report of a backtest, a forecast and a graph of lineage are each one: what chooses the content knows no markup.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from pitwall.domain.errors import UsageError
from pitwall.report.content.blocks import Block, Facts, Fold, Note, Picture, Table, Text

UNKNOWN, FOLD = "unknown", "fold"
_KINDS: dict[str, type[Text] | type[Note] | type[Facts] | type[Table] | type[Picture]] = {
    kind.__name__.lower(): kind for kind in (Text, Note, Facts, Table, Picture)
}


@dataclass(frozen=True)
class Section:
    """One heading and what stands below it.

    Attributes:
        name: the heading; a section without one begins with its blocks.
        blocks: in order.
        link: what the list of contents calls it, its name when empty.
        level: of the heading, below the title, which is 1.
    """

    name: str
    blocks: tuple[Block, ...]
    link: str = ""
    level: int = 2


@dataclass(frozen=True)
class Document:
    """Title, a line below it, sections; `kind` says what it is to those who see the title alone."""

    title: str
    summary: str
    sections: tuple[Section, ...]
    kind: str = ""

    def exchange(self, *sections: Section) -> Self:
        """Return the document with these sections in place of those of the same names."""
        new = {section.name: section for section in sections}
        return replace(self, sections=tuple(new.get(section.name, section) for section in self.sections))

    def blocks(self) -> Iterator[Block]:
        """Yield all blocks, those that are folded away too."""
        for section in self.sections:
            yield from _unfolded(section.blocks)

    def pictures(self) -> list[Picture]:
        """Return all pictures."""
        return [block for block in self.blocks() if isinstance(block, Picture)]


def rows_of(sections: Sequence[Section]) -> list[dict[str, Any]]:
    """Return sections as JSON, pictures as base64 text.

    Raises:
        UsageError: a block is made for a page only.
    """
    return [{"name": each.name, "blocks": [_row(block) for block in each.blocks]} for each in sections]


def sections_of(rows: Sequence[Mapping[str, Any]]) -> tuple[Section, ...]:
    """Return the sections of their JSON."""
    return tuple(Section(each["name"], tuple(_block(row) for row in each["blocks"])) for each in rows)


def facts(**values: object) -> Facts:
    """Return facts with names in words (`frame_hash` becomes `frame hash`); what is missing says that it is unknown."""
    return Facts(tuple((name.replace("_", " "), told(value)) for name, value in values.items()))


def told(value: object) -> str:
    """Return a value as people read it.

    Example:
        >>> told(None), told([2023, 2024]), told("")
        ('unknown', '2023, 2024', 'unknown')
    """
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value)) or UNKNOWN
    return UNKNOWN if value is None or value == "" else str(value)


def _unfolded(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Fold):
            yield from _unfolded(block.blocks)


def _row(block: Block) -> dict[str, Any]:
    kind = type(block).__name__.lower()
    if kind not in _KINDS and not isinstance(block, Fold):
        raise UsageError(
            f"a block of the kind {kind} is for pages only; a document that is kept has {', '.join(_KINDS)}."
        )
    if isinstance(block, Fold):
        return {"kind": kind, **vars(block), "blocks": [_row(each) for each in block.blocks]}
    values = {name: base64.b64encode(v).decode() if isinstance(v, bytes) else v for name, v in vars(block).items()}
    return {"kind": kind, **values}


def _block(row: Mapping[str, Any]) -> Block:
    if row["kind"] == FOLD:
        return Fold(row["title"], tuple(_block(each) for each in row["blocks"]), row["small"], row["open"])
    values = {name: _frozen(value) for name, value in row.items() if name != "kind"}
    if "png" in values:
        values["png"] = base64.b64decode(values["png"])
    return _KINDS[row["kind"]](**values)


def _frozen(value: Any) -> Any:
    """Return lists, as JSON has them, as tuples."""
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value
