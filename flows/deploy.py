"""The flow that deploys a draft: a version under the user's name, judged by every gate; it answers from then on, or the verdicts say why not.

name → gates → promotion
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from prefect import flow

from flows.promote import ONE_BY_ONE, judge_and_promote
from tasks import data, ordering


@flow(name="deploy", task_runner=ONE_BY_ONE)
def deploy_draft(draft: str, name: str, approve: Sequence[str] = (), note: str = "") -> dict[str, Any]:
    """Register a draft under a name and promote it if the gates let it; a refusal is a result, the version stays a candidate.

    Args:
        draft: what was trained.
        name: of the model from now on.
        approve: names of those who approve, for the policies `one` and `two` of params.yaml.
        note: why they approve.
    """
    ordering.begun()
    with data.exclusive(f"deploy {name}"):
        decision = judge_and_promote(ordering.name(draft, name), approve, note)
    return ordering.decided(decision)


if __name__ == "__main__":
    from flows._run import run_as_command

    sys.exit(run_as_command(deploy_draft, "flows.deploy", "draft", "name", "note", repeated=["approve"]))
