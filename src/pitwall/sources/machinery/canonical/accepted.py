"""Say of every raw file and column what is accepted, what becomes null and what is refused, as docs/data.md prints it.

Run as `python -m pitwall.sources.machinery.canonical.accepted docs/data.md`, it renews that page's tables from the schema.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from pitwall.sources.machinery.canonical.dump import _KEYS, _POINTS_TO
from pitwall.sources.machinery.reading.format import RawFile
from pitwall.sources.machinery.reading.schema import FORMATS

BEGIN, END = "<!-- accepted: begin -->", "<!-- accepted: end -->"
KINDS = {
    "i": "whole number",
    "g": "slot",
    "f": "number",
    "x": "number, also below 0",
    "s": "text",
    "a": "driver's code of 2 to 4 letters",
    "k": "code",
    "b": "true or false",
    "d": "date",
    "c": "time of day",
    "t": "lap or session time",
    "u": "instant",
}
FORMS = {
    **dict.fromkeys("igfxt", "commas, none reads"),
    "b": "none reads",
    "d": "not certain, none reads",
    "c": "bare numbers, none reads",
    "u": "none reads",
}
TARGETS = {**_POINTS_TO, "circuitId": "circuits"}
OWN_ID = {**{table: column for column, table in TARGETS.items()}, "practice_only_drivers": "driverId"}
UNREAD = {"results": ("seasons", "constructor_results", "ids"), "laps": ("races",)}
TITLES = {
    "results": "Files of a dump (`ergast`)",
    "laps": "Files of laps (`fastf1_laps`)",
    "user": "A user's files (`user_files`)",
}
KEYS: Mapping[str, Mapping[str, tuple[str, ...] | None]] = {
    "results": _KEYS,
    "laps": {"laps": ("raceId", "driverId", "LapNumber")},
    "user": {"corner_speeds": ("season", "round", "driver", "session", "lap")},
}


def accepted() -> str:
    """Return the tables of all files as Markdown."""
    return "\n".join(line for role, title in TITLES.items() for line in _format(title, role))


def _format(title: str, role: str) -> Iterator[str]:
    yield f"### {title}"
    raw = FORMATS[role]
    for name, file in raw.files.items():
        key = KEYS[role].get(name)
        needed = "needed" if file.required else "may be absent"
        if name in UNREAD.get(role, ()):
            needed += ", kept and not read"
        once = f"; one line per {', '.join(f'`{column}`' for column in key)}" if key else ""
        yield from ("", f"**{raw.file(name)}** ({needed}{once})", "")
        yield from ("| column | accepted | becomes null | refused |", "| --- | --- | --- | --- |")
        for column in file.columns:
            yield _row(file, column)
    yield ""


def _row(file: RawFile, column: str) -> str:
    kind, nullable = file.columns[column][0], file.nullable(column)
    target = TARGETS.get(column)
    is_id = target is not None and column != OWN_ID.get(file.name)
    words = [KINDS[kind], *_range(file, column), *([f"of `{target}`"] if is_id else [])]
    if column in file.extra:
        words.append("the column may be absent")
    fails = ["a null", *([] if kind in "sak" else ["unread"]), *(["out of range"] if column in file.ranges else [])]
    lines = [] if nullable else [f"the line: {', '.join([*fails, *(['unknown id'] if is_id else [])])}"]
    whole = [f"the file: {FORMS[kind]}"] if kind in FORMS else []
    null = ", ".join(fails) if nullable else "-"
    return f"| `{column}` | {', '.join(words)} | {null} | {'; '.join([*lines, *whole]) or '-'} |"


def _range(file: RawFile, column: str) -> list[str]:
    if column not in file.ranges:
        return []
    low, high = file.ranges[column]
    return [f"{low:g} to {high:g}" if high < 10_000 else f"{low:,.0f} to {high:,.0f}"]


def renewed(page: str) -> str:
    """Return a page with the tables between its two marks renewed."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{accepted()}\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(renewed(target.read_text(encoding="utf-8")), encoding="utf-8")
