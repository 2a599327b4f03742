"""How a manifest says that it does not know: in one text, with the reason."""

from __future__ import annotations

PREFIX = "unknown: "


def unknown(reason: str) -> str:
    """Return `unknown: reason`."""
    return f"{PREFIX}{reason}"


def is_unknown(value: object) -> bool:
    """Tell whether a field of a manifest says that it is unknown."""
    return isinstance(value, str) and value.startswith(PREFIX)
