"""Small texts of pages: instants, ages, and what replaces a number that nobody knows."""

from __future__ import annotations

from datetime import datetime

from pitwall.domain.clock import wall

MINUTE, HOUR, DAY = 60, 3600, 86_400
NOTHING = "-"


def instant(text: str) -> str:
    """Return an ISO instant as people write it.

    Example:
        >>> instant("2026-09-11T10:30:00+00:00")
        '2026-09-11 10:30 UTC'
    """
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M} UTC"


def age(seconds: float | None) -> str:
    """Return a span of time in its largest unit.

    Example:
        >>> age(42), age(7300), age(None)
        ('42 s', '2 h', 'unknown')
    """
    if seconds is None:
        return "unknown"
    for unit, name in ((DAY, "days"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"


def ago(text: str) -> str:
    """Return how long ago an ISO instant was."""
    return f"{age((wall() - datetime.fromisoformat(text)).total_seconds())} ago"


def points(change: float) -> str:
    """Return a change of a chance in percentage points.

    Example:
        >>> points(0.0312), points(0.0001)
        ('+3.1', '±0.0')
    """
    text = f"{100 * change:+.1f}"
    return "±0.0" if float(text) == 0 else text
