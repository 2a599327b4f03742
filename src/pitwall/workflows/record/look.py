"""Look at the track record: verify it, or an exported one, and write it into a file of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pitwall.domain.errors import UsageError
from pitwall.domain.files import write_atomically
from pitwall.domain.records.chain import Break, Row
from pitwall.domain.records.track_record import REPLAYED, rows_of
from pitwall.domain.records.track_record import verify as verify_lines
from pitwall.workflows.workspace import Workspace

HEAD = re.compile(r"(?:\d+ )?([0-9a-f]{64})")


@dataclass(frozen=True)
class Looked:
    """How many rows there are, how many of them a replay wrote, the newest hash (empty where there is no row), and what is wrong."""

    rows: int
    head: str
    breaks: tuple[Break, ...]
    replayed: int = 0


def verify(workspace: Workspace, head: str = "", noted: str = "") -> Looked:
    """Check the project's record, the stored forecasts, and what the registry remembers.

    Args:
        workspace: of the project.
        head: one that was kept elsewhere; none when empty.
        noted: when it was written down.

    Raises:
        UsageError: `head` is no hash, or `noted` is no instant.
    """
    found = workspace.record.verify(_hash(head), _noted(head, noted))
    return _looked(workspace.record.rows(), found)


def verify_file(path: Path, head: str = "", noted: str = "") -> Looked:
    """Check an exported record, without its project.

    Raises:
        UsageError: there is no such file, `head` is no hash, or `noted` is no instant.
    """
    try:
        *lines, torn = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); name a file of `pitwall record export`.") from None
    tail = [Break(None, f"the last line is torn, it was never finished: {torn[:60]!r}")] if torn else []
    return _looked(rows_of(lines), [*verify_lines(lines, _hash(head), _noted(head, noted)), *tail])


def export(workspace: Workspace, path: Path) -> Looked:
    """Write the record into a file; what is wrong with it goes along and is told."""
    write_atomically(path, "".join(f"{line}\n" for line in workspace.record.lines()))
    return verify(workspace)


def _looked(rows: Sequence[Row], found: Sequence[Break]) -> Looked:
    newest = str(rows[-1]["hash"]) if rows else ""
    return Looked(len(rows), newest, tuple(found), sum(bool(row.get(REPLAYED)) for row in rows))


def _hash(head: str) -> str:
    if not head:
        return ""
    found = HEAD.fullmatch(head.strip())
    if found is None:
        raise UsageError(f"{head!r} is no head; it is 64 letters of 0-9 and a-f, as `pitwall record head` prints.")
    return found[1]


def _noted(head: str, noted: str) -> datetime | None:
    if not noted:
        return None
    if not head:
        raise UsageError("--noted says when a head was written down: name it with --head.")
    try:
        found = datetime.fromisoformat(noted)
    except ValueError:
        raise UsageError(f"{noted!r} is no instant; write e.g. 2024-05-05T19:00Z.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
