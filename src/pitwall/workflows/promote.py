"""Promote a judged version or take the refusal; either is recorded on the version, in the history and in its card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pitwall.domain.errors import PromotionRefused
from pitwall.domain.ports import ModelVersion
from pitwall.domain.refs import Candidacy, Verdict
from pitwall.ml.cards.build import complete
from pitwall.ml.registry.approvals import APPROVERS, Approval
from pitwall.ml.registry.promotion import promote
from pitwall.tracking.documentation.required import undocumented
from pitwall.workflows.ab.declare import settle
from pitwall.workflows.judge import chosen, judge, register
from pitwall.workflows.logbook import news
from pitwall.workflows.serving.export import publish
from pitwall.workflows.workspace import Workspace


@dataclass(frozen=True)
class Decision:
    """What became of a candidate: promoted or not, in words, and on which verdicts."""

    model: str
    version: int
    promoted: bool
    outcome: str
    verdicts: tuple[Verdict, ...]

    def row(self) -> dict[str, Any]:
        """Return the decision as JSON."""
        return {**vars(self), "verdicts": [verdict.row() for verdict in self.verdicts]}


def judge_and_promote(workspace: Workspace, name: str, approval: Approval, version: int | None = None) -> Decision:
    """Return what became of a trained model, or of an older version of it: all gates are asked.

    Args:
        workspace: of the project.
        name: a model.
        approval: names and note of those who approve now.
        version: an older one to judge instead of the one that is trained now.

    Raises:
        StageError: nothing is trained.
        UnknownName: there is no such version.
    """
    candidacy = chosen(register(workspace, name), version)
    return decide(workspace, candidacy, judge(workspace, candidacy), approval)


def decide(workspace: Workspace, candidacy: Candidacy, verdicts: Sequence[Verdict], approval: Approval) -> Decision:
    """Promote or refuse, on the verdicts of all gates, and let servers answer with whoever is champion then.

    Args:
        workspace: of the project.
        candidacy: the version, its baseline, and the champion that it was compared with.
        verdicts: of all gates.
        approval: names and note of those who approve now.

    Raises:
        ServingError: what was decided stands, but servers cannot have the champion.
    """
    registry, name = workspace.registry, candidacy.model
    version, baseline = (registry.get(name, number) for number in (candidacy.version, candidacy.baseline))
    try:
        move = promote(
            registry,
            workspace.history,
            version,
            baseline,
            [*verdicts, *_undocumented(workspace, version, approval)],
            policy=workspace.params.promotion,
            approval=approval,
            expected=candidacy.champion,
        )
        outcome = f"{name}: champion is version {move.version}, before it version {move.previous} ({move.why})"
        decision = Decision(name, version.version, True, outcome, tuple(verdicts))
    except PromotionRefused as refused:
        decision = Decision(name, version.version, False, str(refused), refused.verdicts)
    complete(workspace.job(name), workspace, version, decision.verdicts, outcome=decision.outcome)
    settle(workspace, name)  # a new champion ends a test
    publish(workspace, name)
    if not decision.promoted:
        news.refused(workspace, name, version.version, decision.verdicts)
    return decision


def _undocumented(workspace: Workspace, version: ModelVersion, approval: Approval) -> list[Verdict]:
    """Return a failed verdict where a person approves what is not written up; what no person approves is not asked."""
    policy = workspace.params.promotion
    by_people = APPROVERS[policy.approval] > 0 or any(name.strip() for name in approval.names)
    return undocumented(policy, workspace.runs, version) if by_people else []
