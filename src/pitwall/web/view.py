"""What the function of a page returns: something to show, where to go next, or a file to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pitwall.web.blocks import Part


@dataclass(frozen=True)
class View:
    """What a page shows.

    Attributes:
        title: of the page.
        summary: a line below it.
        parts: with blocks of the report and of `pitwall.web.blocks`.
        template: of `templates`, one that extends page.html.
        values: what else that template is given.
        status: of HTTP; another one where a form is shown again because of what was in it.
    """

    title: str
    summary: str = ""
    parts: tuple[Part, ...] = ()
    template: str = "page.html"
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class Next:
    """The page that is shown after an action, and what it says; `session` is the text of a session that begins, or empty for one that ends."""

    to: str
    said: str = ""
    session: str | None = None


@dataclass(frozen=True)
class File:
    """A file to keep instead of a page: its bytes, or where it lies."""

    name: str
    content: bytes | Path
    media: str
