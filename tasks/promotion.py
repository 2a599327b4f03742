"""The task of promotion: move the champion alias or take the refusal, and show the verdicts in Prefect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from pitwall import wiring
from pitwall.domain.errors import PromotionRefused
from pitwall.domain.project import find_project
from pitwall.domain.refs import Candidacy, Verdict
from tasks.training import job


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


def chosen(candidacy: Candidacy, version: int | None) -> Candidacy:
    """Return the candidacy of another version of the same model, if one is named."""
    return candidacy if version is None else replace(candidacy, version=version)


@task(cache_policy=NO_CACHE, task_run_name="promote-{candidacy.model}")
def decide(candidacy: Candidacy, verdicts: list[Verdict], approvers: Sequence[str] = (), note: str = "") -> Decision:
    """Promote or refuse; either is recorded on the version, in the history and on this flow run."""
    from pitwall.ml.cards.build import complete, stores_of
    from pitwall.ml.registry.approvals import Approval
    from pitwall.ml.registry.promotion import promote

    project = find_project()
    registry, name = wiring.registry(project), candidacy.model
    version, baseline = (registry.get(name, number) for number in (candidacy.version, candidacy.baseline))
    policy = wiring.params(project).promotion
    try:
        approval = Approval(tuple(approvers), note)
        move = promote(
            registry,
            wiring.history(project),
            version,
            baseline,
            verdicts,
            policy=policy,
            approval=approval,
            expected=candidacy.champion,
        )
        outcome = f"{name}: champion is version {move.version}, before it version {move.previous} ({move.why})"
        decision = Decision(name, version.version, True, outcome, tuple(verdicts))
    except PromotionRefused as refused:
        decision = Decision(name, version.version, False, str(refused), refused.verdicts)
    complete(job(name), stores_of(project), version, decision.verdicts, outcome=decision.outcome)
    table = [verdict.row() for verdict in decision.verdicts]
    create_table_artifact(table, key=f"verdicts-{name}".replace("_", "-"), description=decision.outcome)
    return decision
