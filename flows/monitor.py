"""The flow that watches: what happened since the last page, one page, alarms to the sinks; a drift may start a training that ends at a candidate.

scores, drift, skew, age of every champion → page of the week → alarms → training, where that is wished
"""

from __future__ import annotations

import sys
from typing import Any

from prefect import flow

from flows.train import evaluate_if_stale, train_model
from pitwall.domain.clock import replaying
from tasks import data, monitoring, scheduling, training


@flow(name="monitor")
def monitor(now: str = "", retrain: bool | None = None) -> dict[str, Any]:
    """Look at everything that runs and tell of it; nothing is promoted.

    Args:
        now: the past instant to replay; the present one when empty.
        retrain: let a new alarm of drift start a training; as params.yaml says when None.
    """
    began = scheduling.present()
    with replaying(now), data.exclusive("monitor"):
        found = monitoring.look()
        scheduling.plan("monitor", began)
        wished = monitoring.retrains() if retrain is None else retrain
        trained = [train_again(name) for name in found["drifted"]] if wished else []
        return {**found, "trained": trained}


def train_again(name: str) -> dict[str, Any]:
    """Train a model whose world has moved; the new version is a candidate, and the gates decide at the next weekend."""
    training.close_killed_runs()
    data.reproduce_data()
    data.keep()
    run = train_model(name)
    evaluate_if_stale()
    return {"model": name, "version": run.version}


if __name__ == "__main__":
    from flows._run import run_as_command

    sys.exit(run_as_command(monitor, "flows.monitor", "now"))
