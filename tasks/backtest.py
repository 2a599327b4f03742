"""Tasks of the backtest: one per season, which fills the cache, and one that scores and writes the report from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from pitwall import wiring
from pitwall.adapters.git import code_state
from pitwall.domain.project import find_project
from pitwall.ml.backtest.plan import Plan, make_plan

FOLDER = "backtest"


def stages() -> list[str]:
    """Return the stages at which params.yaml trains the order model."""
    return list(wiring.params(find_project()).models["order"].stages)


def plan_of(stage: str, seasons: list[int] | None, templates: list[str]) -> Plan:
    """Return the plan of one stage."""
    project = find_project()
    return make_plan(project, wiring.params(project), stage, seasons=seasons, templates=templates)


def seasons_of(stage: str, seasons: list[int] | None) -> list[int]:
    """Return the seasons that a backtest of the stage scores; refuse those without results."""
    return list(plan_of(stage, seasons, []).seasons)


@task(cache_policy=NO_CACHE, task_run_name="backtest-{stage}-{season}")
def season(stage: str, season: int, seasons: list[int]) -> dict[str, Any]:
    """Fit every estimator for one season in a process of its own; the results stay in the cache."""
    from pitwall.ml.backtest.engine import forecast_seasons

    plan = plan_of(stage, seasons, [])
    made = forecast_seasons(replace(plan, seasons=(season,)), workers=1)
    return {"stage": stage, "season": season, "seconds": round(sum(made.seconds.values()), 2), "cached": made.cached}


@task(cache_policy=NO_CACHE)
def report(chosen: list[str], seasons: list[int], templates: list[str], seconds: float) -> str:
    """Score what the seasons left in the cache; write numbers, page and picture; return the folder from the root."""
    import json

    from pitwall.ml.backtest.engine import forecast_seasons, shared_workers
    from pitwall.ml.backtest.regret import with_truth
    from pitwall.ml.backtest.rendering.figures import write_summary
    from pitwall.ml.backtest.rendering.page import write_page
    from pitwall.ml.backtest.result import payload
    from pitwall.ml.backtest.scores import score
    from pitwall.ml.backtest.under_way import record

    project = find_project()
    with shared_workers() as opened:
        plans = [plan_of(stage, seasons, templates) for stage in chosen]
        made = [with_truth(forecast_seasons(plan, workers=opened), opened.pool) for plan in plans]
    scored = [score(each) for each in made]
    for each in made:
        record(each)
    result = payload(scored, commit=code_state(project.root).commit, seconds=seconds)
    folder = project.reports / FOLDER
    write_page(scored, result, folder / "report.html")
    write_summary(scored, folder / "summary.png")
    (folder / "backtest.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    pooled = [row for row in result["rows"] if row["season"] == "all"]
    create_table_artifact(pooled, key="backtest", description=f"Backtest of {plans[0].span}")
    return folder.relative_to(project.root).as_posix()
