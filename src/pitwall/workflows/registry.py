"""See, compare and move model versions: names become versions here, for the command line and the notebook alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pitwall.domain.ports import ModelVersion
from pitwall.domain.records.chain import Break
from pitwall.domain.refs import Promotion
from pitwall.ml.cards.build import current
from pitwall.ml.cards.card import Card
from pitwall.ml.evaluation.classes import rule
from pitwall.ml.registry import approvals, compare, describe, moves, outside, references, rollback, who_served
from pitwall.ml.templates import answered_by
from pitwall.tracking.documentation.required import refuse_undocumented
from pitwall.workflows.ab.declare import settle
from pitwall.workflows.serving.export import publish
from pitwall.workflows.workspace import Workspace


def find_version(workspace: Workspace, reference: str) -> ModelVersion:
    """Return the version of `NAME@ALIAS` or `NAME@VERSION`; a bare name is its champion.

    Raises:
        UnknownName: no such model, alias or version, or nobody holds the alias now.
    """
    return references.find_version(workspace.registry, workspace.params, reference)


def version_of(workspace: Workspace, name: str, which: int | str) -> ModelVersion:
    """Return a version of a model, or of the model that answers a template, by number or alias."""
    return find_version(workspace, f"{workspace.job(name).name}@{which}")


def list_versions(workspace: Workspace, name: str) -> list[describe.Described]:
    """Return all versions of a model, oldest first, scored on the same results."""
    return describe.list_versions(workspace.job(name), workspace.registry)


def show(workspace: Workspace, version: ModelVersion) -> tuple[describe.Described, dict[str, Any]]:
    """Return what there is to know of a version, and what was decided about it."""
    found = describe.describe(workspace.job(version.model), workspace.registry, version)
    return found, describe.decisions(workspace.registry, workspace.history, version)


def counting_rules(version: ModelVersion) -> list[str]:
    """Return by which rules accuracy and F1 of a version's model are counted, or why they are not, in words."""
    model, _, _ = version.model.rpartition("-")
    return list(dict.fromkeys(rule(template) for template in answered_by(model)))


def compare_versions(workspace: Workspace, name: str, versions: Sequence[ModelVersion]) -> list[compare.Difference]:
    """Compare two versions of a model on the races that both were judged on; a difference is second - first."""
    first, second = versions
    return compare.compare(workspace.job(name), workspace.registry, first, second)


def approve(workspace: Workspace, version: ModelVersion, *, by: str, note: str) -> dict[str, Any]:
    """Record that a person approves a version, and return the row of the history.

    Raises:
        UsageError: the name or the note is empty.
        Undocumented: params.yaml asks for a documentation of its experiment, and sections of it are not written.
    """
    refuse_undocumented(workspace.params.promotion, workspace.runs, version)
    return approvals.approve(workspace.registry, workspace.history, version, by=by, note=note)


def move(workspace: Workspace, version: ModelVersion, state: str, *, by: str, note: str) -> dict[str, Any]:
    """Move a version to a lifecycle state that needs no gates, and return the row of the history.

    Args:
        workspace: of the project.
        version: the version to move.
        state: its new lifecycle state, in any of the words of `pitwall.domain.records.aliases`.
        by: who moves it.
        note: why.

    Raises:
        UnknownName: no such state.
        IllegalMove: from where the version stands it cannot go there.
        UsageError: the name or the note is empty.
    """
    row = moves.move(workspace.registry, workspace.history, version, state, by=by, note=note)
    settle(workspace, version.model)
    return row


def roll_back(workspace: Workspace, name: str, *, to: int | None = None, by: str, note: str) -> Promotion:
    """Make the last champion, or the earlier one `to`, the champion again; see `pitwall.ml.registry.rollback`."""
    job = workspace.job(name)
    moved = rollback.rollback(workspace.registry, workspace.history, job.name, to=to, by=by, note=note)
    settle(workspace, job.name)
    publish(workspace, job.name, races=False)
    return moved


def rows(workspace: Workspace, name: str | None = None) -> list[dict[str, Any]]:
    """Return the rows of the history, oldest first, of one model or of all."""
    return workspace.history.rows(workspace.job(name).name if name else None)


def verify(workspace: Workspace) -> list[Break]:
    """Return what was changed in the history since it was written, and champions that it does not know."""
    return [*workspace.history.verify(), *outside.outside_moves(workspace.registry, workspace.history)]


def served_by(workspace: Workspace, name: str, race: str, at: str | None = None) -> who_served.Answer:
    """Return which version was champion at an instant, and which one's forecast was stored for a race by then.

    Args:
        workspace: of the project.
        name: a model, or a template that it answers.
        race: season and round, e.g. 2024-06.
        at: an instant with its time zone; now when None.
    """
    instant = who_served.instant_of(at) if at else None
    return who_served.who_served(workspace.project, workspace.history, workspace.job(name).name, race, instant)


def card(workspace: Workspace, reference: str) -> Card:
    """Return the card of a version, written if it has none yet, with its history as it stands now."""
    version = find_version(workspace, reference)
    return current(workspace.job(version.model), workspace, version)
