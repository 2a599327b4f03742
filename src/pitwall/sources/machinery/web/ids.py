"""Whole numbers for what a source calls by names: given in order of first appearance, kept with each snapshot, and never given twice.

The table is the file `ids.csv` of the snapshot (kind, ref, id). A next snapshot starts from it, so that a driver keeps the number whatever is
added before them.
"""

from __future__ import annotations

import csv
from pathlib import Path

FILE = "ids.csv"


class Ids:
    """The table of one source: (kind, ref) to id."""

    def __init__(self, known: dict[tuple[str, str], int] | None = None) -> None:
        self._ids = dict(known or {})
        self._next: dict[str, int] = {}
        for (kind, _), number in self._ids.items():
            self._next[kind] = max(self._next.get(kind, 1), number + 1)

    @classmethod
    def of(cls, snapshot: Path | None) -> Ids:
        """Return the table that a snapshot holds, an empty one without a snapshot."""
        if snapshot is None or not (snapshot / FILE).is_file():
            return cls()
        with (snapshot / FILE).open(encoding="utf-8", newline="") as stream:
            return cls({(row["kind"], row["ref"]): int(row["id"]) for row in csv.DictReader(stream)})

    def give(self, kind: str, ref: str, number: int) -> int:
        """Take over the number that the publisher itself gives; where it is taken already, another one."""
        if (kind, ref) not in self._ids and number not in {n for (k, _), n in self._ids.items() if k == kind}:
            self._ids[kind, ref] = number
            self._next[kind] = max(self._next.get(kind, 1), number + 1)
        return self.number(kind, ref)

    def number(self, kind: str, ref: str) -> int:
        """Return the number of a name, the next free one where it is new."""
        if (kind, ref) not in self._ids:
            self._ids[kind, ref] = self._next.get(kind, 1)
            self._next[kind] = self._ids[kind, ref] + 1
        return self._ids[kind, ref]

    def lines(self) -> list[dict[str, object]]:
        """Return the lines of the file, in order."""
        return [
            {"kind": kind, "ref": ref, "id": number}
            for (kind, ref), number in sorted(self._ids.items(), key=lambda item: (item[0][0], item[1]))
        ]
