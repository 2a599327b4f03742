"""The task of planning: the runs that wait on the Prefect server are those of the calendar as it is known now."""

from __future__ import annotations

import os
from datetime import datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from pitwall.adapters.prefect.api import PrefectApi
from pitwall.domain.clock import replayed, wall
from pitwall.workflows.schedule import agenda
from pitwall.workflows.schedule.missed import Done
from tasks._here import workspace


def present() -> datetime:
    """Return the present instant: what a flow that begins now looks at the world from."""
    return wall()


@task(cache_policy=NO_CACHE)
def plan(flow: str, began: datetime) -> int:
    """Plan the runs of the calendar, cancel the late ones that this run covers; return how many are to come.

    Where nothing is deployed, as on a server that lives as long as one run, nothing is planned; nor by a replay, whose calendar is over.
    """
    if replayed() is not None:
        return 0
    runs = PrefectApi(os.environ["PREFECT_API_URL"])
    if not runs.deployments():
        return 0
    agenda.drop_covered(runs, Done(flow, began))
    return len(agenda.follow(workspace(), runs, present()).to_come)
