"""Tasks of the data layer: the lock, the forced ingest, and the data steps as DVC reproduces them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from pitwall.domain.errors import StageError
from pitwall.domain.refs import DataRef
from pitwall.workflows import data, sources
from tasks._here import workspace


def exclusive(flow: str) -> AbstractContextManager[None]:
    """Hold the project lock for a flow; a second run waits and names the holder."""
    return workspace().exclusive(f"flow {flow}")


def _reads_from_network(*_: Any) -> bool:
    """Only a network may answer better the next time."""
    return sources.read_from_network(workspace())


@task(cache_policy=NO_CACHE, retries=2, retry_delay_seconds=10, retry_condition_fn=_reads_from_network)
def ingest() -> None:
    """Ask the sources for news, whatever DVC thinks: it cannot see that the world has changed."""
    data.fetch(workspace())


@task(cache_policy=NO_CACHE)
def reproduce_data() -> DataRef:
    """Bring tables, features and frames up to date and return which bytes they are."""
    return data.reproduce(workspace())


@task(cache_policy=NO_CACHE)
def keep() -> bool:
    """Send what models are trained on to DVC's remote, where a repetition takes it from; False if that cannot be.

    A remote out of reach costs the repetition, not the training: `pitwall reproduce` says then what is missing.
    """
    try:
        data.keep(workspace())
    except StageError as error:
        get_run_logger().warning("runs from these data cannot be repeated until `dvc push` succeeds: %s", error)
        return False
    return True


@task(cache_policy=NO_CACHE, task_run_name="is-stale-{step}")
def is_stale(step: str) -> bool:
    """Ask DVC whether a step would run again."""
    return data.is_stale(workspace(), step)


@task(cache_policy=NO_CACHE, task_run_name="record-{step}")
def record(step: str) -> None:
    """Tell DVC that a step was run here, so that `dvc repro` has nothing to do."""
    data.record(workspace(), step)
