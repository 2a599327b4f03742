"""The task of the feature layer."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE

from pitwall.workflows import online
from tasks._here import workspace


@task(cache_policy=NO_CACHE, task_run_name="materialise-{name}")
def materialise(name: str) -> str | None:
    """Let the online store serve the next race's cut-off of the model's stage, and return it; None without a next race."""
    served = online.materialise_next(workspace(), name)
    return None if served is None else str(served.cutoff.isoformat())
