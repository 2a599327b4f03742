"""A model card is a document about one registered version; its JSON begins with which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pitwall.report.content.document import Document, Section, rows_of, sections_of

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Card(Document):
    """The card of one registered version; `content` is the hash of its model folder."""

    model: str
    version: int
    content: str

    def to_dict(self) -> dict[str, Any]:
        """Return the card as JSON, pictures as base64 text."""
        about = {"schema": SCHEMA, "model": self.model, "version": self.version, "content": self.content}
        return {**about, "summary": self.summary, "sections": rows_of(self.sections)}


def card(model: str, version: int, content: str, summary: str, sections: tuple[Section, ...]) -> Card:
    """Return the card of a version.

    Args:
        model: registered name.
        version: its number.
        content: hash of the model folder.
        summary: the line below the title.
        sections: in order.
    """
    title = f"{model} version {version}"
    return Card(title, summary, sections, "model card", model=model, version=version, content=content)


def from_dict(content: Mapping[str, Any]) -> Card:
    """Return the card of its JSON."""
    sections = sections_of(content["sections"])
    return card(content["model"], content["version"], content["content"], content["summary"], sections)
