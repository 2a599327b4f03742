"""The task of promotion: move the champion alias or take the refusal, and show the verdicts in Prefect."""

from __future__ import annotations

from collections.abc import Sequence

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from pitwall.domain.refs import Candidacy, Verdict
from pitwall.ml.registry.approvals import Approval
from pitwall.workflows import promote
from pitwall.workflows.promote import Decision
from tasks._here import workspace


@task(cache_policy=NO_CACHE, task_run_name="promote-{candidacy.model}")
def decide(candidacy: Candidacy, verdicts: list[Verdict], approvers: Sequence[str] = (), note: str = "") -> Decision:
    """Promote or refuse; either is recorded on the version, in the history and on this flow run."""
    decision = promote.decide(workspace(), candidacy, verdicts, Approval(tuple(approvers), note))
    table = [verdict.row() for verdict in decision.verdicts]
    key = f"verdicts-{candidacy.model}".replace("_", "-")
    create_table_artifact(table, key=key, description=decision.outcome)
    return decision
