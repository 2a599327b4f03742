"""The promotion flow: every gate judges the trained model; it becomes the champion or the verdicts say why not."""

from __future__ import annotations

import sys
from typing import Any

from prefect import flow, unmapped
from prefect.task_runners import ThreadPoolTaskRunner

from pitwall.domain.errors import PromotionRefused
from tasks import data, promotion, training, validation

# Mapped gates wait for each other: one of them measures how fast the model answers.
ONE_BY_ONE: Any = ThreadPoolTaskRunner(max_workers=1)


@flow(name="promote", task_runner=ONE_BY_ONE)
def promote(model: str = "order-pre_race") -> dict[str, Any]:
    """Judge a model and promote it; a refusal fails the run, and the champion stays."""
    name = training.resolved(model)
    with data.exclusive(f"promote {name}"):
        training.close_killed_runs()
        decision = judge_and_promote(name)
    if not decision.promoted:
        raise PromotionRefused(name, decision.verdicts)
    return decision.row()


def judge_and_promote(name: str) -> promotion.Decision:
    """Return what became of a trained model: all gates are asked, each in a task of its own."""
    candidacy = validation.register(name)
    asked = validation.check.map(validation.all_gates(), unmapped(candidacy))
    return promotion.decide(candidacy, [verdict for verdicts in asked.result() for verdict in verdicts])


if __name__ == "__main__":
    from flows._run import run_as_command

    sys.exit(run_as_command(promote, "flows.promote", "model"))
