"""Who was champion when, read from the history alone: the registry knows only who is champion now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

CROWNING = ("baseline", "promoted", "outside", "rolled_back")


@dataclass(frozen=True)
class Reign:
    """A version as champion, from the row `seq` on (None in histories that are not chained yet).

    Attributes:
        since: ISO text in UTC.
        until: when the next reign began; None for the present champion.
    """

    version: int
    kind: str
    since: str
    by: str
    why: str
    seq: int | None
    until: str | None = None

    def row(self) -> dict[str, Any]:
        """Return the reign as JSON."""
        return asdict(self)


def reigns(rows: Iterable[Mapping[str, Any]]) -> list[Reign]:
    """Return all reigns of one model, the first one first."""
    found = [row for row in rows if row["kind"] in CROWNING]
    ends = [*(row["at"] for row in found), None][1:]
    return [
        Reign(row["version"], row["kind"], row["at"], row["by"], row["why"], row.get("seq"), end)
        for row, end in zip(found, ends, strict=True)
    ]


def champion_at(rows: Iterable[Mapping[str, Any]], instant: datetime) -> Reign | None:
    """Return who was champion of one model at an instant; None before the first."""
    past = [reign for reign in reigns(rows) if datetime.fromisoformat(reign.since) <= instant]
    return past[-1] if past else None


def succession(rows: Iterable[Mapping[str, Any]]) -> list[int]:
    """Return the champions that a rollback can go back through, the present one last.

    A promotion adds one; a rollback removes those that it went back over.
    """
    line: list[int] = []
    for reign in reigns(rows):
        if reign.kind == "rolled_back":
            kept = line[: line.index(reign.version)] if reign.version in line else line[:-1]
        else:
            kept = [version for version in line if version != reign.version]
        line = [*kept, reign.version]
    return line
