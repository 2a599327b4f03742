"""The flow that lets every gate judge a version that is registered, as a job: a refusal is a result, and the champion stays.

gates → promotion
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from prefect import flow

from flows.promote import ONE_BY_ONE, judge_and_promote
from tasks import data, ordering, training


@flow(name="judge", task_runner=ONE_BY_ONE)
def judge_version(model: str, version: int, approve: Sequence[str] = (), note: str = "") -> dict[str, Any]:
    """Ask all gates about a version and promote it if they let it.

    Args:
        model: its registered name, with the stage.
        version: of the model.
        approve: names of those who approve, for the policies `one` and `two` of params.yaml.
        note: why they approve.
    """
    ordering.begun()
    with data.exclusive(f"judge {model}"):
        training.close_killed_runs()
        decision = judge_and_promote(model, approve, note, version)
    return ordering.decided(decision)


if __name__ == "__main__":
    from flows._run import run_as_command

    sys.exit(run_as_command(judge_version, "flows.judge", "model", "version", "note", repeated=["approve"]))
