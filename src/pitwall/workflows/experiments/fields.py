"""The sections of a run's manifest as lines of a field and its value, for a screen and for a page."""

from __future__ import annotations

from typing import Any

from pitwall.tracking.manifest import SECTIONS, RunManifest

MANY = 12  # entries of a list or mapping that are shown in a table
WIDE = 100

Lines = list[tuple[str, str]]


def sections(manifest: RunManifest) -> list[tuple[str, Lines]]:
    """Return (section, its lines) in the manifest's order; a section that holds nothing says so."""
    return [(name, section_lines(getattr(manifest, name)) or [("", "none")]) for name in SECTIONS]


def section_lines(section: Any) -> Lines:
    """Return the fields of a section by dotted name, each with its value as one line shows it."""
    return [(name, short(value)) for name, value in _lines(section)]


def short(value: Any) -> str:
    """Return a value as one line shows it; what is long says how long it is."""
    if isinstance(value, dict) and set(value) == {"sha256", "bytes", "type"}:
        return f"{value['type']}, {value['bytes']:,} bytes, sha256 {value['sha256'][:12]}"
    if isinstance(value, (dict, list)) and len(value) > MANY:
        return f"{len(value)} entries (see --json)"
    texts = isinstance(value, list) and all(isinstance(each, str) for each in value)
    text = ", ".join(value) if texts else str(value)
    return text if len(text) <= WIDE else f"{text[: WIDE - 4]} ..."


def _lines(section: Any, above: str = "") -> list[tuple[str, Any]]:
    """Return the fields of a section by dotted name; a mapping with many entries is one line."""
    if isinstance(section, list):
        return [(str(number), value) for number, value in enumerate(section, 1)]
    if not isinstance(section, dict):
        return [(above, section)]
    found: list[tuple[str, Any]] = []
    for key, value in section.items():
        nested = isinstance(value, dict) and 0 < len(value) <= MANY and "sha256" not in value
        found += _lines(value, f"{above}{key}.") if nested else [(f"{above}{key}", value)]
    return found
