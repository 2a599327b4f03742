"""The task of forecasting: the champion answers, the answer is stored and shown on the flow run."""

from __future__ import annotations

from pathlib import Path

from prefect import runtime, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from pitwall.domain.clock import now
from pitwall.workflows import forecast as workflow
from pitwall.workflows.championship import predict_championship, present_season
from pitwall.workflows.schedule import in_time
from pitwall.workflows.verdicts import score_and_tell
from tasks._here import workspace


def models_in_time() -> list[str]:
    """Return the models whose session of the next race has not begun."""
    return in_time.models_in_time(workspace(), now())


@task(cache_policy=NO_CACHE, task_run_name="forecast-{name}")
def forecast(
    name: str, race: str | None = None, entries: str | None = None, grid: str | None = None, replay: bool = False
) -> str:
    """Forecast a race with the champion; return where it is stored, from the project root."""
    here = workspace()
    what_if = workflow.WhatIf(Path(entries) if entries else None, Path(grid) if grid else None)
    origin = here.provenance(str(runtime.flow_run.id))
    stored = workflow.forecast(here, name, race, what_if, replay=replay, provenance=origin)
    made = stored.made
    rows = [{**row.keys, **row.names, **row.answers} for row in made.rows]
    title = f"{made.race_name} {made.race}, {made.model} version {made.version}. {' '.join(made.labels)}"
    create_table_artifact(rows, key=f"forecast-{name}".replace("_", "-"), description=title)
    return stored.path.relative_to(here.project.root).as_posix()


@task(cache_policy=NO_CACHE)
def score_record() -> int:
    """Score the forecasts of the track record whose results are known now; return how many rows that adds."""
    return len(score_and_tell(workspace()).rows)


@task(cache_policy=NO_CACHE)
def titles() -> str:
    """Forecast both titles of the present season, enter them into the track record and let servers tell them; return the season."""
    here = workspace()
    season = present_season(here)
    if season is None:
        return ""
    predict_championship(here, season, provenance=here.provenance(str(runtime.flow_run.id)))
    return str(season)
