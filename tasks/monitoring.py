"""The task of watching: the look, its page and alarms, and its summary on the flow run."""

from __future__ import annotations

from typing import Any

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from pitwall.report.content.markdown import to_markdown
from pitwall.workflows.monitoring.pages.week import summary
from pitwall.workflows.monitoring.telling import tell
from pitwall.workflows.monitoring.watch import watch
from tasks._here import workspace


def retrains() -> bool:
    """Return whether params.yaml lets a drift start a training."""
    return workspace().params.monitoring.retrain


@task(cache_policy=NO_CACHE)
def look() -> dict[str, Any]:
    """Look, write the page of the week, tell the sinks; return the verdict, the page, and which models have newly drifted."""
    here = workspace()
    found = watch(here)
    told = tell(here, found)
    page = told.page.relative_to(here.project.root).as_posix()
    text = to_markdown(summary(found), pictures=False)
    create_markdown_artifact(f"{text}\n{page}\n", key="monitoring", description=found.verdict)
    get_run_logger().info("%s: %s", page, found.verdict)
    known = set(here.registry.models())
    drifted = [name for name in told.drifted if name in known]
    return {"verdict": found.verdict, "page": page, "alarms": [each.text for each in found.alarms], "drifted": drifted}
