"""Say why a fetched snapshot is refused: table, column, the forms found, three examples, and what to do about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from pitwall.sources.machinery.admission.set_aside import Lines
from pitwall.sources.machinery.reading.schema import FORMATS

EXAMPLES = 3
SHOWN = 4  # kinds of limits told in full
WIDTH = 90
KEYS = (
    "raceId",
    "driverId",
    "session",
    "lap",
    "LapNumber",
    "constructorId",
    "year",
    "season",
    "round",
    "constructor",
    "driver",
)
HOLDERS = {
    "raceId": "races",
    "driverId": "drivers (or practice_only_drivers)",
    "constructorId": "constructors",
    "circuitId": "circuits",
    "statusId": "status",
}
_ADVICE = {
    " this name": "write the {column}'s name as the results do, or its reference or id",
    "unknown id": "add the missing ids to {holder}, or correct them here",
    "wrong number of columns": "put values that hold a comma into quotes, or export the file again",
    "repeated key": "keep one line of each",
    ": outside": "correct the values, or their unit",
    ": not ": "write {column} as {expected}{null}",
}
EXPECTED = {"a date": "a date like 2024-07-28", "a lap time": "a lap time like 1:27.452", "given": "some text"}
REFERENCES = ("races", "drivers", "practice_only_drivers", "constructors", "circuits", "status")


@dataclass(frozen=True)
class Excess:
    """One limit that is exceeded: the table, what is too much by (seasons, races), in words, and the lines set aside."""

    table: str
    by: str
    what: str
    lines: pd.DataFrame


def refusal(found: Sequence[Excess], lines: Lines, location: str | None) -> str:
    """Return the message about limits that are exceeded: the first of each kind in full, how many more there are.

    Args:
        found: the limits.
        lines: of the whole snapshot.
        location: where it was fetched from.
    """
    kinds = Counter((each.table, each.by) for each in found)
    first = {(each.table, each.by): each for each in reversed(found)}
    parts, told = [], set()
    for kind in list(kinds)[:SHOWN]:
        more = f" (and of {kinds[kind] - 1} more {kind[1]})" if kinds[kind] > 1 else ""
        why = _why(first[kind].table, first[kind].lines)
        parts.append(f"{kind[0]}: {first[kind].what}{more}. {'' if why in told else why}".rstrip())
        told.add(why)
    if len(kinds) > SHOWN:
        parts.append(f"More is exceeded in {', '.join(sorted({table for table, _ in list(kinds)[SHOWN:]}))}.")
    parts += _causes(found, lines)
    parts.append(f"Nothing was kept. Correct {location or 'the source'} and fetch again.")
    return "\n".join(parts)


def _why(table: str, aside: pd.DataFrame) -> str:
    """Return the commonest reason with the values found, examples and advice."""
    counts = aside["reason"].value_counts()
    reason = str(counts.index[0])
    because = aside[aside["reason"] == reason]
    column, colon, rest = reason.partition(": ")
    column = column if colon else ""
    others = f" ({counts.iloc[0]} of them)" if len(counts) > 1 else ""
    examples = "; ".join(_example(row, column) for row in because["row"].head(EXAMPLES))
    advice = next((text for part, text in _ADVICE.items() if part in reason), "correct these lines")
    null = ", or leave it empty where it is not known" if _nullable(table, column) else ""
    expected = rest.removeprefix("not ")
    names = {"column": column, "expected": EXPECTED.get(expected, expected), "null": null}
    told = advice.format(**names, holder=HOLDERS.get(column, "its table"))
    return f"Reason{others}: {reason}{_forms(because, column)}. Examples: {examples}. What to do: {told}."


def _nullable(table: str, column: str) -> bool:
    return {**FORMATS["both"].files, **FORMATS["user"].files}[table].columns.get(column, "").endswith("?")


def _forms(aside: pd.DataFrame, column: str) -> str:
    """Return the commonest values of the column."""
    if not column:
        return ""
    values = pd.Series([row.get(column) for row in aside["row"]], dtype=object).map(_value).value_counts()
    shown = ", ".join(f"{value} ({count} line{'s' * (count > 1)})" for value, count in values.head(EXAMPLES).items())
    more = f", and {len(values) - EXAMPLES:,} other values" if len(values) > EXAMPLES else ""
    return f"; found {shown}{more}"


def _example(row: dict[str, str | None], column: str) -> str:
    if "line" in row:
        return f"line {str(row['line'])[:WIDTH]!r}"
    names = [name for name in KEYS if name in row and name != column][:3]
    told = " ".join(f"{name} {_value(row[name])}" for name in [*names, *([column] if column in row else [])])
    return told or str(row)[:WIDTH]


def _value(value: object) -> str:
    return "nothing" if value is None else repr(value if not isinstance(value, str) else value[:WIDTH])


def _causes(found: Sequence[Excess], lines: Lines) -> list[str]:
    """Return what was set aside of the tables that others point to, where an id of theirs is missed."""
    missed = any(each.lines["reason"].str.endswith("unknown id").any() for each in found)
    told = {each.table for each in found}
    causes = lines.aside[lines.aside["table"].isin([each for each in REFERENCES if each not in told])]
    if not missed or causes.empty:
        return []
    first = causes.iloc[0]
    of = causes[causes["table"] == first["table"]]
    return [
        f"Look first at {first['table']}, of which {len(of)} lines are set aside, and their ids with them: {_why(str(first['table']), of)}"
    ]
