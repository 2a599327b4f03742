"""Chain the history of a project that was begun before histories were chained.

What stood there cannot be vouched for: the first row of the new chain says so and holds the hash of the old file, which is
kept beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from pitwall.domain import clock
from pitwall.domain.records.chain import GENESIS, Row, is_link, parse, sealed

MIGRATED = "migrated"
UNCHAINED = "{rows} rows of an older project are not chained: nothing shows whether they were changed; the next promotion chains them"


def is_unchained(lines: Sequence[str]) -> bool:
    """Return whether a history has rows and none of them is chained."""
    rows = [row for row in map(parse, lines) if row is not None]
    return bool(rows) and not any(is_link(row) for row in rows)


def chained(path: Path, lines: Sequence[str]) -> list[Row]:
    """Return an unchained history as a chain, after a first row that says so; the old file is copied beside it."""
    kept = path.with_name(f"{path.stem}.unchained{path.suffix}")
    content = path.read_bytes()
    kept.write_bytes(content)
    why = f"{len(lines)} rows were not chained before this one: nobody can say whether they were changed until then"
    first = {
        "kind": MIGRATED,
        "model": "",
        "at": clock.wall().isoformat(timespec="seconds"),
        "by": "pitwall",
        "why": why,
        "file": kept.name,
        "sha256": sha256(content).hexdigest(),
    }
    rows = [sealed(first, 1, GENESIS)]
    for old in (row for row in map(parse, lines) if row is not None):
        rows.append(sealed({**old, MIGRATED: True}, len(rows) + 1, rows[-1]["hash"]))
    return rows


def last_rows(rows: Iterable[Row]) -> list[Row]:
    """Return the last row about each model whose rows are all migrated: what the registry has to remember."""
    by_model: dict[str, list[Row]] = {}
    for row in rows:
        if row.get("model"):
            by_model.setdefault(row["model"], []).append(row)
    return [own[-1] for own in by_model.values() if all(row.get(MIGRATED) and is_link(row) for row in own)]
