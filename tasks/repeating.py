"""Tasks that repeat the training of a shared bundle: opened once more as a stranger's, trained again where the data are."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from pitwall.domain.access.permissions import Owner
from pitwall.domain.access.sharing import Badge
from pitwall.workflows.hub import shelf
from pitwall.workflows.hub.receiving import Received
from pitwall.workflows.hub.verifying.verify import train_again
from tasks._here import workspace


@task(cache_policy=NO_CACHE, task_run_name="open")
def open_again(bundle: str) -> Received:
    """Verify a bundle from its zip to its model."""
    project = workspace().project
    return shelf.verify_again(project, shelf.find(project, bundle))


@task(cache_policy=NO_CACHE, task_run_name="repeat")
def repeat(bundle: Received, by: str) -> Badge:
    """Train its model again and keep what came out as its badge."""
    return train_again(workspace(), bundle, by=Owner(by))


def row(bundle: Received, badge: Badge) -> dict[str, Any]:
    """Return what the page of the job shows."""
    return {"name": bundle.about.name, "bundle": bundle.hash, "outcome": badge.outcome, "said": badge.said}
