"""Tasks of the data layer: the lock, the forced ingest, and the data stages as DVC reproduces them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from pitwall import wiring
from pitwall.adapters.processes.lock import project_lock
from pitwall.domain.errors import StageError
from pitwall.domain.project import find_project
from pitwall.domain.refs import DataRef


def exclusive(flow: str) -> AbstractContextManager[None]:
    """Hold the project lock for a flow; a second run waits and names the holder."""
    return project_lock(find_project(), f"flow {flow}")


def _reads_from_network(*_: Any) -> bool:
    """Only a network may answer better the next time."""
    sources = wiring.params(find_project()).sources
    return any("://" in str(settings.get("location")) for settings in sources.values())


@task(cache_policy=NO_CACHE, retries=2, retry_delay_seconds=10, retry_condition_fn=_reads_from_network)
def ingest() -> None:
    """Ask the sources for news, whatever DVC thinks: it cannot see that the world has changed."""
    wiring.data_versions(find_project()).reproduce(["ingest"], force=True)


@task(cache_policy=NO_CACHE)
def reproduce_data() -> DataRef:
    """Bring tables, features and frames up to date and return which bytes they are."""
    project = find_project()
    wiring.data_versions(project).reproduce(["frames"])
    return wiring.data_ref(project)


@task(cache_policy=NO_CACHE)
def keep() -> bool:
    """Send what models are trained on to DVC's remote, where a repetition takes it from; False if that cannot be.

    A remote out of reach costs the repetition, not the training: `pitwall reproduce` says then what is missing.
    """
    project = find_project()
    try:
        wiring.data_versions(project).push(["ingest", "tables", "frames"])
    except StageError as error:
        get_run_logger().warning("runs from these data cannot be repeated until `dvc push` succeeds: %s", error)
        return False
    return True
