"""Approvals: who says that a version may answer, and why. Rows of the history, given before a promotion or with it.

An approval is of one version. It is spent by the promotion that it led to and void once the version is archived. A name is
a claim: nothing here proves who typed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pitwall.domain.errors import UsageError
from pitwall.domain.params import PromotionParams
from pitwall.domain.ports import History, ModelVersion, Registry
from pitwall.domain.records.aliases import TRAINER_TAG
from pitwall.domain.refs import Verdict
from pitwall.ml.registry._rows import Row, finish, record

APPROVERS = {"auto": 0, "one": 1, "two": 2}
GATE = "approval"


@dataclass(frozen=True)
class Approval:
    """Who approves a promotion, and why. Empty under the policy `auto`."""

    names: tuple[str, ...] = ()
    note: str = ""


def approve(registry: Registry, history: History, version: ModelVersion, *, by: str, note: str) -> Row:
    """Record that a person approves a version; return the row of the history.

    Raises:
        UsageError: the name or the note is empty.
    """
    if not by.strip() or not note.strip():
        raise UsageError("an approval needs the name of a person and a note that says why.")
    with history.locked():
        finish(registry, history)
        return record(registry, history, "approved", _content(version, by, note))


def take_down(registry: Registry, history: History, version: ModelVersion, approval: Approval) -> None:
    """Record the approvals that came with a promotion, each person once; call it while holding the lock."""
    given = {same(row["by"]) for row in valid(history.rows(version.model), version.version)}
    for name in approval.names:
        if name.strip() and approval.note.strip() and same(name) not in given:
            given.add(same(name))
            record(registry, history, "approved", _content(version, name, approval.note))


def valid(rows: Iterable[Mapping[str, Any]], version: int) -> list[Mapping[str, Any]]:
    """Return the approvals of a version of one model that still count, the oldest first, each person once."""
    found: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        if str(version) in row.get("stages", {}):
            found = {} if row["stages"][str(version)] in {"champion", "archived"} else found
        elif row["kind"] == "approved" and row["version"] == version:
            found.setdefault(same(row["by"]), row)
    return list(found.values())


def judge_approvals(
    policy: PromotionParams, version: ModelVersion, given: Iterable[Mapping[str, Any]]
) -> list[Verdict]:
    """Return a failed verdict where the policy asks for more than was given, else none.

    Who trained a version, as far as its tag says, may be one of two who approve it but not the only one.
    """
    needed = APPROVERS[policy.approval]
    names = [row["by"] for row in given]
    missing = []
    if len(names) < needed:
        missing.append(f"{needed} different names are needed, {len(names)} given with a note")
    trainer = version.tags.get(TRAINER_TAG, "")
    if needed and {same(name) for name in names} == {same(trainer)}:
        missing.append(f"{trainer} trained this version and cannot be the only one to approve it")
    if not missing:
        return []
    command = f"pitwall registry approve {version.model} --version {version.version} --by NAME --note TEXT"
    reason = f"promotion.approval is {policy.approval!r}: {' and '.join(missing)}; `{command}`"
    return [Verdict(GATE, False, float(len(names)), float(needed), "names", reason)]


def same(name: str) -> str:
    """Return what two spellings of a person's name share."""
    return " ".join(name.split()).casefold()


def _content(version: ModelVersion, by: str, note: str) -> dict[str, Any]:
    return {"model": version.model, "version": version.version, "by": " ".join(by.split()), "why": note.strip()}
