"""The flow that lets every gate judge a version that is registered, as a job of the pages (`flows.promote` is the command): a refusal is a result, and the champion stays.

gates → promotion
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prefect import flow

from flows.promote import ONE_BY_ONE, judge_alone
from tasks import ordering


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
    return ordering.decided(judge_alone(model, approve, note, version))
