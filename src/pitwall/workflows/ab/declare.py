"""Begin and end a test of two versions: the challenger's alias, the row of the track record, and what servers read of it.

The row is what counts. Servers and aliases follow it: where an alias was moved meanwhile, by a promotion, a rollback or a person, the test
has ended, and `settle` writes down why.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pitwall.domain import clock
from pitwall.domain.errors import UsageError
from pitwall.domain.ports import ModelVersion
from pitwall.domain.records.ab_races import declared, running
from pitwall.domain.records.ab_rows import DeclaredTest, start_row, stop_row
from pitwall.domain.records.aliases import CANDIDATE, CHALLENGER, CHAMPION, STAGING, stage_of
from pitwall.domain.when import CUTOFF_COLUMN
from pitwall.ml.registry import moves
from pitwall.ml.registry.champion_tenures import reigns
from pitwall.ml.registry.improvement import main_template
from pitwall.ml.registry.references import find_version
from pitwall.workflows.ab.design import design_for
from pitwall.workflows.serving.export import export_version, publish_test
from pitwall.workflows.workspace import Workspace

NOBODY = "policy:ab"
SALT_BYTES = 8


@dataclass(frozen=True)
class Wish:
    """Which test is wished for.

    Attributes:
        champion: a version number or an alias; the standing champion when empty.
        challenger: likewise; the version that holds the alias, else the candidate, when empty.
        split: share of the races that the challenger answers; 0 for a shadow.
        by: who begins it.
        note: why.
    """

    champion: str = ""
    challenger: str = ""
    split: float = 0.0
    by: str = ""
    note: str = ""


def start(workspace: Workspace, name: str, wish: Wish, now: datetime | None = None) -> DeclaredTest:
    """Declare a test, let the challenger run from now on, and return the test.

    Args:
        workspace: of the project.
        name: a model, or a template that it answers.
        wish: the versions, the split, and who begins it.
        now: the instant that is replayed; that of `pitwall.domain.clock` when None.

    Raises:
        UsageError: another test of the model runs, the first version is not the champion, both are one, the split is no share, or the
            model answers within races.
        UnknownName: there is no such version.
        IllegalMove: from where the second version stands it cannot become challenger.
        ServingError: servers could not answer with it.
    """
    now = now or clock.replayed()
    job = workspace.job(name)
    with workspace.exclusive("pitwall ab start"):
        settle(workspace, job.name, now)
        _refuse(workspace, job.name, job.stage, wish.split)
        champion, challenger = _versions(workspace, job.name, wish)
        question = main_template(job)
        design = design_for(workspace.params, question)
        export_version(workspace, challenger)  # first: who cannot answer is no challenger
        if stage_of(challenger, workspace.registry.aliases(job.name)) != CHALLENGER:
            note = wish.note or f"beside champion version {champion.version}, split {wish.split:g}"
            _move(workspace, challenger, CHALLENGER, wish.by, note)
        test = DeclaredTest(
            model=job.name,
            champion=champion.version,
            challenger=challenger.version,
            split=wish.split,
            question=question.name,
            metric=question.loss,
            bound=design.bound,
            alpha=design.alpha,
            salt=secrets.token_hex(SALT_BYTES),
            at="",
        )
        workspace.record.add([start_row(test, wish.by, wish.note)], now)
        made = running(workspace.record.rows(), job.name)
        assert made is not None
        publish_test(workspace, job.name)
    return made


def stop(
    workspace: Workspace, name: str, *, by: str, note: str, now: datetime | None = None
) -> tuple[DeclaredTest | None, ModelVersion | None]:
    """End the test of a model and take the challenger out of the running; return the test, and the version that ran.

    Args:
        workspace: of the project.
        name: a model, or a template that it answers.
        by: who ends it.
        note: why.
        now: the instant that is replayed; that of `pitwall.domain.clock` when None.

    Raises:
        UsageError: nothing runs beside the champion.
    """
    now = now or clock.replayed()
    job = workspace.job(name)
    with workspace.exclusive("pitwall ab stop"):
        test = settle(workspace, job.name, now)
        challenger = workspace.registry.alias(job.name, CHALLENGER)
        if test is None and challenger is None:
            raise UsageError(f"no test of {job.name} runs; `pitwall ab status {job.name}` shows those that did.")
        if test is not None:
            workspace.record.add([stop_row(test, by, note)], now)
        if challenger is not None:
            _move(workspace, challenger, STAGING, by, note)
        publish_test(workspace, job.name)
    ended = [each for each in declared(workspace.record.rows(), job.name) if test and each.hash == test.hash]
    return (ended[0] if ended else None), challenger


def settle(workspace: Workspace, model: str, now: datetime | None = None) -> DeclaredTest | None:
    """Return the test of a model that runs; one whose versions are no longer champion and challenger has ended, which is written down.

    Args:
        workspace: of the project.
        model: registered name.
        now: the instant that is replayed; that of `pitwall.domain.clock` when None.
    """
    test = running(workspace.record.rows(), model)
    if test is None:
        return None
    why = _moved(workspace, test)
    if not why:
        return test
    workspace.record.add([stop_row(test, NOBODY, why)], now or clock.replayed())
    held = workspace.registry.alias(model, CHALLENGER)
    if held is not None and held.version == test.challenger:
        _move(workspace, held, STAGING, NOBODY, f"the test has ended: {why}")
    publish_test(workspace, model)
    return None


def _versions(workspace: Workspace, model: str, wish: Wish) -> tuple[ModelVersion, ModelVersion]:
    registry = workspace.registry
    standing = registry.alias(model, CHAMPION)
    if standing is None:
        raise UsageError(f"{model} has no champion to test against; `pitwall promote {model}`.")
    champion = find_version(registry, workspace.params, f"{model}@{wish.champion or CHAMPION}")
    if champion.version != standing.version:
        raise UsageError(
            f"version {champion.version} of {model} is not the champion, version {standing.version} is: a test on races to come has the "
            f"champion as its first side. Two other versions are compared in hindsight by `pitwall ab rehearse {model} V1 V2`."
        )
    held = registry.alias(model, CHALLENGER)
    challenger = find_version(registry, workspace.params, f"{model}@{wish.challenger or _waiting(held)}")
    if challenger.version == champion.version:
        raise UsageError(
            f"version {champion.version} of {model} cannot be tested against itself; name another challenger."
        )
    return champion, challenger


def _waiting(held: ModelVersion | None) -> str:
    return CANDIDATE if held is None else CHALLENGER


def _refuse(workspace: Workspace, model: str, stage: str, split: float) -> None:
    if not 0 <= split <= 1:
        raise UsageError(
            f"the split is {split:g}; it is the share of the races that the challenger answers, from 0 to 1."
        )
    if stage not in CUTOFF_COLUMN:
        raise UsageError(
            f"{model} answers within races, where no forecast is in time: it has no races that could count."
        )
    test = running(workspace.record.rows(), model)
    if test is not None:
        raise UsageError(
            f"a test of {model} runs since {test.at}: version {test.champion} against version {test.challenger}, split {test.split:g} "
            f"(row {test.row} of the track record). End it first: `pitwall ab stop {model}`."
        )


def _moved(workspace: Workspace, test: DeclaredTest) -> str:
    """Say why a test has ended by what was moved; empty where nothing was."""
    held: Mapping[str, Any] = workspace.registry.aliases(test.model)
    if held.get(CHAMPION) != test.champion:
        past = reigns(workspace.history.rows(test.model))
        how = f" ({past[-1].kind} by {past[-1].by})" if past and past[-1].version == held.get(CHAMPION) else ""
        return f"version {held.get(CHAMPION, 'none')} is the champion now{how}"
    if held.get(CHALLENGER) != test.challenger:
        other = held.get(CHALLENGER)
        return f"version {test.challenger} is the challenger no more{f', version {other} is' if other else ''}"
    return ""


def _move(workspace: Workspace, version: ModelVersion, stage: str, by: str, note: str) -> None:
    moves.move(workspace.registry, workspace.history, version, stage, by=by, note=note or "a test of two versions")
