"""Instants of runs: milliseconds since 1970, and ISO texts in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from pitwall.domain import clock


def now() -> int:
    """Return this instant in milliseconds since 1970."""
    return int(clock.wall().timestamp() * 1000)


def instant(milliseconds: int) -> str:
    """Return an instant as ISO text in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")


def milliseconds(text: str) -> int:
    """Return an ISO text as milliseconds since 1970; one without a zone is in UTC."""
    found = datetime.fromisoformat(text)
    return round((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)
