"""Say why a fetched snapshot is refused: table, column, the forms found, three examples, and what to do about them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pitwall.sources._schema import FORMATS
from pitwall.sources._set_aside import Lines

EXAMPLES = 3
SHOWN = 3  # limits told in full
WIDTH = 90
KEYS = ("raceId", "driverId", "session", "lap", "LapNumber", "constructorId", "year", "round")
HOLDERS = {
    "raceId": "races",
    "driverId": "drivers (or practice_only_drivers)",
    "constructorId": "constructors",
    "circuitId": "circuits",
    "statusId": "status",
}
_ADVICE = {
    "unknown id": "add the missing ids to {holder}, or correct them here",
    "wrong number of columns": "put values that hold a comma into quotes, or export the file again",
    "repeated key": "keep one line of each",
    ": outside": "correct the values, or their unit",
    ": not ": "write {column} as {expected}{null}",
}
REFERENCES = ("races", "drivers", "practice_only_drivers", "constructors", "circuits", "status")


def refusal(found: Sequence[tuple[str, str, pd.DataFrame]], lines: Lines, location: str | None) -> str:
    """Return the message about limits that are exceeded.

    Args:
        found: of each the table, what is exceeded, and the lines set aside (columns reason and row).
        lines: of the whole snapshot.
        location: where it was fetched from.
    """
    parts = [f"{table}: {what}. {_why(table, aside)}" for table, what, aside in found[:SHOWN]]
    if len(found) > SHOWN:
        parts.append(f"{len(found) - SHOWN} more limits are exceeded.")
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
    names = {"column": column, "expected": rest.removeprefix("not "), "null": null}
    told = advice.format(**names, holder=HOLDERS.get(column, "its table"))
    return f"Reason{others}: {reason}{_forms(because, column)}. Examples: {examples}. What to do: {told}."


def _nullable(table: str, column: str) -> bool:
    return FORMATS["both"].files[table].columns.get(column, "").endswith("?")


def _forms(aside: pd.DataFrame, column: str) -> str:
    """Return the commonest values of the column."""
    if not column:
        return ""
    values = pd.Series([row.get(column) for row in aside["row"]], dtype=object).map(_value).value_counts()
    shown = ", ".join(f"{value} ({count} lines)" for value, count in values.head(EXAMPLES).items())
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


def _causes(found: Sequence[tuple[str, str, pd.DataFrame]], lines: Lines) -> list[str]:
    """Return what was set aside of the tables that others point to, where an id of theirs is missed."""
    missed = any(aside["reason"].str.endswith("unknown id").any() for _, _, aside in found)
    told = {table for table, _, _ in found[:SHOWN]}
    causes = lines.aside[lines.aside["table"].isin([each for each in REFERENCES if each not in told])]
    if not missed or causes.empty:
        return []
    first = causes.iloc[0]
    of = causes[causes["table"] == first["table"]]
    return [
        f"Look first at {first['table']}, of which {len(of)} lines are set aside, and their ids with them: {_why(str(first['table']), of)}"
    ]
