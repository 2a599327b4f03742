"""The text of a number and of its interval: the value, and in brackets how far from it the truth may lie. All tables and pages write it so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

Show = Callable[[float], str]


class Measured(Protocol):
    """A value with its interval over `n` blocks, as a bootstrap gives it."""

    @property
    def value(self) -> float: ...  # noqa: D102

    @property
    def low(self) -> float: ...  # noqa: D102

    @property
    def high(self) -> float: ...  # noqa: D102

    @property
    def n(self) -> int: ...  # noqa: D102


def digits(places: int, sign: str = "") -> Show:
    """Return what writes a number with so many decimals; with the sign `+`, positive ones carry it too."""
    return f"{{:{sign}.{places}f}}".format


THREE = digits(3)


def interval(
    found: Measured | Mapping[str, Any] | None,
    show: Show = THREE,
    *,
    until: str = " to ",
    name: str = "",
    more: str = "",
) -> str:
    """Return a value with its interval, nothing for none.

    Args:
        found: what has `value`, `low` and `high`; a row of a report has them as keys.
        show: how one number is written.
        until: between the ends.
        name: in a row with several values, that of this one: `closed`, `closed_low` and `closed_high`; nothing where the row lacks it.
        more: what else stands in the brackets.

    Example:
        >>> interval({"value": 0.5, "low": 0.25, "high": 1})
        '0.500 (0.250 to 1.000)'
    """
    if found is None:
        return ""
    if isinstance(found, Mapping):
        keys = (name, f"{name}_low", f"{name}_high") if name else ("value", "low", "high")
        if name and name not in found:
            return ""
        value, low, high = (found[key] for key in keys)
    else:
        value, low, high = found.value, found.low, found.high
    return f"{show(value)} ({span(low, high, show, until=until)}{more})"


def span(low: float, high: float, show: Show = THREE, *, until: str = " to ") -> str:
    """Return both ends of an interval."""
    return f"{show(low)}{until}{show(high)}"


def number(value: float | None) -> str:
    """Return three significant digits, large numbers in full; nothing for none.

    Example:
        >>> number(0.12345), number(4017.0), number(None)
        ('0.123', '4,017', '')
    """
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def percent(value: float) -> str:
    """Return a share in whole percent."""
    return f"{value:.0%}"


def short(value: float) -> str:
    """Return three decimals without the leading zero, as scores are written where width is dear."""
    return f"{value:.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.3f}"
