"""A chain of rows in which each one carries the hash of the row before: what was changed afterwards can be named.

Pure functions on lines of text. A chain alone cannot show that its end was cut off or that all of it was written anew;
for that the newest hash about each model (its *head*) is kept elsewhere too, and `breaks` compares.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeGuard

GENESIS = "0" * 64
HEAD_TAG = "pitwall.history_head"  # on a registered model: the newest row about it that was carried out
NEXT_TAG = "pitwall.history_next"  # the row about it that is about to be written; empty when none is
FACTS = {"at", "kind", "model", "by", "why"}  # every row says these
BROKEN = "broken"  # the kind of a row that records breaks found when it was written

Row = dict[str, Any]


@dataclass(frozen=True)
class Break:
    """One thing that is wrong with a history, at the row `seq` (None where a line holds no row)."""

    seq: int | None
    reason: str


def canonical(row: Mapping[str, Any]) -> str:
    """Return the one text of a row: sorted keys, no spaces, ASCII."""
    return json.dumps(row, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(row: Mapping[str, Any]) -> str:
    """Return the sha256 of a row without its own hash."""
    return sha256(canonical({key: value for key, value in row.items() if key != "hash"}).encode()).hexdigest()


def sealed(row: Mapping[str, Any], seq: int, prev: str) -> Row:
    """Return the row with its number, the hash of the row before and its own; numbers that JSON lacks become words."""
    made = {**{key: _plain(value) for key, value in row.items()}, "seq": seq, "prev": prev}
    return {**made, "hash": digest(made)}


def head(row: Mapping[str, Any]) -> str:
    """Return what is remembered elsewhere of a row: its number and its hash."""
    return f"{row['seq']} {row['hash']}"


def parse(line: str) -> Row | None:
    """Return the row of a line, None where it holds none."""
    try:
        row = json.loads(line, parse_constant=_no_number)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def is_link(row: Row | None) -> TypeGuard[Row]:
    """Return whether a row has what a chain needs."""
    return row is not None and isinstance(row.get("seq"), int) and {"prev", "hash"} <= set(row)


def breaks(lines: Sequence[str]) -> list[Break]:
    """Return what is wrong between the lines of a chain: edited, replaced, deleted, reordered or foreign rows."""
    rows = [parse(line) for line in lines]
    numbers = {row["seq"] for row in rows if row is not None and is_link(row)}
    found: list[Break] = []
    last, prev = 0, GENESIS
    for number, (line, row) in enumerate(zip(lines, rows, strict=True), start=1):
        if row is None or not is_link(row):
            found.append(Break(None, f"line {number} is no row of the chain: {line[:60]!r}"))
            continue
        seq = row["seq"]
        if canonical(row) != line or digest(row) != row["hash"]:
            found.append(Break(seq, f"row {seq} ({what(row)}) was edited: its content does not give its hash"))
        found += _place(row, last, prev, numbers)
        last, prev = seq, row["hash"]
    return found


def recorded(lines: Sequence[str]) -> list[Break]:
    """Return the breaks that rows of the chain record: once found, they are never forgotten."""
    rows = [row for row in map(parse, lines) if is_link(row) and row.get("kind") == BROKEN]
    return [
        Break(row["seq"], f"row {row['seq']} records a break found at {row.get('at')}: {text}")
        for row in rows
        for text in row.get("findings", ())
    ]


def what(row: Mapping[str, Any]) -> str:
    """Return a row in a few words."""
    about = f" {row['model']} version {row.get('version')}" if row.get("model") else ""
    return f"{row.get('kind', '?')}{about}"


def _place(row: Row, last: int, prev: str, numbers: set[int]) -> list[Break]:
    seq = row["seq"]
    if seq <= last:
        return [Break(seq, f"row {seq} ({what(row)}) stands after row {last}: rows were reordered or repeated")]
    gone = [number for number in range(last + 1, seq) if number not in numbers]
    if gone:
        which = f"row {gone[0]} is" if len(gone) == 1 else f"rows {gone[0]} to {gone[-1]} are"
        return [Break(gone[0], f"{which} missing before row {seq} ({what(row)}): deleted")]
    if seq == last + 1 and row["prev"] != prev:
        return [Break(seq, f"row {seq} ({what(row)}) does not follow from row {last}: that row was replaced")]
    return []


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON")  # no row of ours holds one: `sealed` writes such numbers as words


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
