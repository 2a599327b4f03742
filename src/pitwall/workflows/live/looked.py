"""What a server says of a race that is followed: from the file of its watcher, with refusals in the words of the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pitwall.domain.project import Project
from pitwall.workflows.live.published import END, Follower, Line, head, last_lines, published
from pitwall.workflows.serving.refusals import Refused, unknown

PER_LAP = "per_lap"
DO = "publish it: `pitwall live --race RACE --publish`"


def follow(project: Project, race: str | None, source: str | None, every: str, after: str) -> Follower:
    """Return what reads a published race.

    Args:
        project: whose watchers publish.
        race: label; the one that was published last when None.
        source: that it must come from; any when None.
        every: how often answers must come at least: `per_lap` or `per_sector`.
        after: the id of the last line that was read; empty of a new reader.

    Raises:
        Refused: it was not published, or in another way.
    """
    path = _path(project, race)
    facts = head(path).said
    if source not in {None, facts["source"]}:
        raise _other("source", str(source), facts["source"], path.stem)
    if every != PER_LAP and facts["every"] == PER_LAP:
        raise _other("frequency", every, facts["every"], path.stem)
    return Follower(path, after)


def newest(project: Project, race: str) -> dict[str, Any]:
    """Return the newest answer of a race, for how long nothing has come since, and whether more may.

    Raises:
        Refused: it was not published, or nothing was said of it yet.
    """
    path = _path(project, race)
    answer, last = last_lines(path)
    if answer is None or last is None:
        raise Refused(
            "state",
            "nothing was said yet",
            found=f"a watcher of {path.stem} that has no answer",
            expected="its first lap",
            do="ask again in a minute",
        )
    return {
        "id": answer.id,
        "at": answer.at,
        "age_s": round(last.age_s, 3),
        "ended": _why(last),
        "answer": dict(answer.said),
    }


def _why(last: Line) -> str | None:
    return str(last.said["why"]) if last.kind == END else None


def _path(project: Project, race: str | None) -> Path:
    there = published(project)
    if race is None and there:
        return list(there.values())[-1]
    if race not in there:
        raise unknown("live race", race or "", there, DO)
    return there[race]


def _other(what: str, asked: str, found: str, race: str) -> Refused:
    return Refused(
        "state", f"another {what}", found=f"{race} as {found}", expected=asked, do=f"leave {what} out, or {DO}"
    )
