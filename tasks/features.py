"""The task of the feature layer."""

from __future__ import annotations

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from pitwall import wiring
from pitwall.domain.errors import FeatureError
from pitwall.domain.project import find_project
from tasks.training import job


@task(cache_policy=NO_CACHE, task_run_name="materialise-{name}")
def materialise(name: str) -> str | None:
    """Bring the online store forward to the next race's cut-off and return it.

    Without a next race there is nothing to do. Where a later stage of the same race is already served, an earlier one is
    answered from its frame, and the forecast says so.
    """
    from pitwall.domain.tables import load_tables
    from pitwall.ml.races import next_race

    project = find_project()
    race = next_race(load_tables(project.tables, ["races", "results"]), job(name).stage)
    if race is None:
        return None
    try:
        wiring.feature_reader(project).materialise(race.cutoff)
    except FeatureError as ahead:
        get_run_logger().info("%s", ahead)
        return None
    return str(race.cutoff.isoformat())
