"""The training flow: tune, judge and refit a model, register it, and tell DVC that it was done."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from prefect import flow

from pitwall.domain.refs import RunRef
from tasks import backtest, data, training


@flow(name="train")
def train(model: str = "order-pre_race", manual_step: list[str] | None = None) -> dict[str, Any]:
    """Train a model anew, whatever DVC thinks of it; nothing is promoted. `manual_step` is what was done by hand."""
    name = training.resolved(model)
    with data.exclusive(f"train {name}"):
        training.close_killed_runs()
        data.reproduce_data()
        data.keep()
        training.make_frame(name)
        run = train_model(name, manual_step or [])
        evaluate_if_stale()
        return asdict(run)


def train_model(name: str, manual_steps: Sequence[str] = ()) -> RunRef:
    """Train, publish and record one model."""
    run_id = training.open_run(name, list(manual_steps))
    with training.closing(run_id):
        recipe = training.tune(name, run_id)
        training.judge(name, run_id, recipe)
        training.refit(name, run_id, recipe)
        run = training.publish(name, run_id, recipe)
    if training.is_listed(name):
        data.record(f"train@{name}")
    return run


def evaluate_if_stale() -> None:
    """Bring the backtest up to date, once every model that it compares is there."""
    if training.all_published() and data.is_stale("evaluate"):
        backtest.evaluate()
        data.record("evaluate")


if __name__ == "__main__":
    from flows._run import run_as_command

    sys.exit(run_as_command(train, "flows.train", "model", repeated=["manual-step"]))
