"""The task of the feature layer."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE

from pitwall import wiring
from pitwall.domain.project import find_project
from tasks.training import job


@task(cache_policy=NO_CACHE, task_run_name="materialise-{name}")
def materialise(name: str) -> str | None:
    """Let the online store serve the next race's cut-off of the model's stage, and return it; None without a next race."""
    from pitwall.domain.tables import load_tables
    from pitwall.ml.data.calendar import READS, next_race

    project, work = find_project(), job(name)
    race = next_race(load_tables(project.tables, list(READS)), work.stage, work.params)
    if race is None:
        return None
    return str(wiring.feature_reader(project).materialise(race.cutoff, work.model).cutoff.isoformat())
