"""The promotion flow: every gate judges the trained model; it becomes the champion or the verdicts say why not."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from prefect import flow, unmapped
from prefect.task_runners import ThreadPoolTaskRunner

from pitwall.domain.errors import PromotionRefused
from pitwall.workflows.promote import Decision
from tasks import data, promotion, training, validation

# Mapped gates wait for each other: one of them measures how fast the model answers.
ONE_BY_ONE: Any = ThreadPoolTaskRunner(max_workers=1)


@flow(name="promote", task_runner=ONE_BY_ONE)
def promote(
    model: str = "order-pre_race", approve: list[str] | None = None, note: str = "", version: int | None = None
) -> dict[str, Any]:
    """Judge a model and promote it; a refusal fails the run, and the champion stays.

    Args:
        model: a model, or a template that it answers.
        approve: names of those who approve, for the policies `one` and `two` of params.yaml.
        note: why they approve.
        version: an older one to judge instead of the one that is trained now.
    """
    name = training.resolved(model)
    decision = judge_alone(name, approve or [], note, version)
    if not decision.promoted:
        raise PromotionRefused(name, decision.verdicts)
    return decision.row()


def judge_alone(name: str, approvers: Sequence[str], note: str, version: int | None) -> Decision:
    """Return what became of a model while nobody else changes the project; what it was trained on is kept for a repetition."""
    with data.exclusive(f"promote {name}"):
        training.close_killed_runs()
        data.keep()
        return judge_and_promote(name, approvers, note, version)


def judge_and_promote(name: str, approvers: Sequence[str] = (), note: str = "", version: int | None = None) -> Decision:
    """Return what became of a trained model, or of an older version: all gates are asked, each in a task of its own."""
    candidacy = validation.chosen(validation.register(name), version)
    asked = validation.check.map(validation.all_gates(), unmapped(candidacy))
    verdicts = [verdict for each in asked.result() for verdict in each]
    return promotion.decide(candidacy, verdicts, approvers, note)


if __name__ == "__main__":
    from flows._run import run_as_command

    sys.exit(run_as_command(promote, "flows.promote", "model", "note", "version", repeated=["approve"]))
