"""Texts that are too long for a run store: their beginning stays where they belong, and a file of the run holds the whole."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

PARAMS, TAGS = "params", "tags"  # kinds of texts, and the folders of a run in which whole ones are kept


def file_of(kind: str, key: str) -> str:
    """Return the file of a run that keeps a long text whole."""
    return f"{kind}/{quote(key, safe='')}.txt"


def shortened(kind: str, key: str, text: str, limit: int) -> str:
    """Return a text of at most `limit` characters: itself, or its beginning and where it is whole.

    The hash makes two long texts differ that begin alike: a parameter cannot change.
    """
    if len(text) <= limit:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    remark = f" ... ({len(text)} characters, sha256 {digest}; {_ending(kind, key)}"
    return text[: limit - len(remark)] + remark


def place_of_whole(kind: str, key: str, text: str) -> str | None:
    """Return the file of the run in which a text is whole, None where it is so itself."""
    return file_of(kind, key) if text.endswith(_ending(kind, key)) else None


def _ending(kind: str, key: str) -> str:
    return f"whole in {file_of(kind, key)})"
