"""A model card as data: sections of texts, facts, tables and pictures, in one order, to and from JSON.

Markdown and the web page are two ways to write the same blocks, so neither can say what the other does not.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

SCHEMA = 1
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Text:
    """A paragraph, or with `label` one that begins with a bold word."""

    text: str
    label: str = ""


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


Block = Text | Facts | Table | Picture
_KINDS: dict[str, type[Text] | type[Facts] | type[Table] | type[Picture]] = {
    kind.__name__.lower(): kind for kind in (Text, Facts, Table, Picture)
}


@dataclass(frozen=True)
class Section:
    """One heading and what stands below it."""

    name: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Card:
    """The card of one registered version; `content` is the hash of its model folder."""

    model: str
    version: int
    content: str
    summary: str
    sections: tuple[Section, ...]

    def exchange(self, *sections: Section) -> Card:
        """Return the card with these sections in place of those of the same names."""
        new = {section.name: section for section in sections}
        return replace(self, sections=tuple(new.get(section.name, section) for section in self.sections))

    def pictures(self) -> list[Picture]:
        """Return all pictures."""
        return [block for section in self.sections for block in section.blocks if isinstance(block, Picture)]

    def to_dict(self) -> dict[str, Any]:
        """Return the card as JSON, pictures as base64 text."""
        sections = [{"name": each.name, "blocks": [_row(block) for block in each.blocks]} for each in self.sections]
        return {"schema": SCHEMA, **vars(self), "sections": sections}


def from_dict(content: Mapping[str, Any]) -> Card:
    """Return the card of its JSON."""
    sections = tuple(
        Section(each["name"], tuple(_block(row) for row in each["blocks"])) for each in content["sections"]
    )
    return Card(content["model"], content["version"], content["content"], content["summary"], sections)


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


def _row(block: Block) -> dict[str, Any]:
    values = {name: base64.b64encode(v).decode() if isinstance(v, bytes) else v for name, v in vars(block).items()}
    return {"kind": type(block).__name__.lower(), **values}


def _block(row: Mapping[str, Any]) -> Block:
    values = {name: _frozen(value) for name, value in row.items() if name != "kind"}
    if "png" in values:
        values["png"] = base64.b64decode(values["png"])
    return _KINDS[row["kind"]](**values)


def _frozen(value: Any) -> Any:
    """Return lists, as JSON has them, as tuples."""
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value
