"""Tasks of the backtest: one per season, which fills the cache, and one that scores and writes the report from it."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from pitwall.workflows import backtest
from tasks._here import workspace


def stages(templates: list[str]) -> list[str]:
    """Return the stages at which the model of some questions is trained; that of the first model of params.yaml without any."""
    return backtest.stages(workspace(), templates)


def seasons_of(chosen: list[str], seasons: list[int] | None, templates: list[str]) -> list[int]:
    """Return the seasons that a backtest of some stages scores; refuse those without results."""
    return list(backtest.plans(workspace(), chosen, seasons, templates)[0].seasons)


@task(cache_policy=NO_CACHE, task_run_name="backtest-{stage}-{season}")
def season(stage: str, season: int, seasons: list[int], templates: list[str]) -> dict[str, Any]:
    """Fit every estimator for one season in a process of its own; the results stay in the cache."""
    (plan,) = backtest.plans(workspace(), [stage], seasons, templates, make_frames=False)
    return backtest.fit_season(plan, season)


@task(cache_policy=NO_CACHE)
def report(chosen: list[str], seasons: list[int], templates: list[str], seconds: float) -> str:
    """Score what the seasons left in the cache; write numbers, page and picture; return the folder from the root."""
    here = workspace()
    plans = backtest.plans(here, chosen, seasons, templates, make_frames=False)
    done = backtest.run(here, plans, spent=seconds)
    folder = backtest.write_report(here, done)
    pooled = [row for row in done.result["rows"] if row["season"] == "all"]
    create_table_artifact(pooled, key="backtest", description=f"Backtest of {plans[0].span}")
    return folder.relative_to(here.project.root).as_posix()


@task(cache_policy=NO_CACHE)
def evaluate() -> None:
    """Write the backtest table and its plots."""
    backtest.evaluate(workspace())
