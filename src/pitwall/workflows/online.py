"""Fill the online store for the races to come, and hold what it served against the offline join."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.errors import FeatureError
from pitwall.domain.ports import Served
from pitwall.domain.racing.data_world import world
from pitwall.domain.tables import load_tables
from pitwall.ml.data.calendar import READS, next_race
from pitwall.ml.forecasting.input_log import read_served
from pitwall.ml.forecasting.skew import SkewReport, replay
from pitwall.workflows.workspace import Workspace


def materialise(workspace: Workspace, until: pd.Timestamp | None = None) -> list[Served]:
    """Let the online store serve every model of params.yaml, and return what it then holds.

    Args:
        workspace: of the project.
        until: the cut-off (UTC); that of the next race at each stage of each model when None.

    Raises:
        FeatureError: no cut-off is given and the data hold no race to come, or the features are not built.
    """
    with workspace.exclusive("pitwall features materialise"):
        due = _due(workspace) if until is None else [(name, until) for name in workspace.params.models]
        return [workspace.features.materialise(cutoff, service) for service, cutoff in due]


def materialise_next(workspace: Workspace, name: str) -> Served | None:
    """Let the online store serve the next race's cut-off at a model's stage; None without a next race."""
    job = workspace.job(name)
    race = next_race(load_tables(workspace.project.tables, list(READS)), job.stage, job.params)
    return None if race is None else workspace.features.materialise(race.cutoff, job.model)


def skew(workspace: Workspace, since: pd.Timestamp | None = None) -> SkewReport:
    """Replay the online vectors that forecasts were made from against the offline join.

    Args:
        workspace: of the project.
        since: only what was served at this instant (UTC) or later.
    """
    served = read_served(workspace.project, since)
    with workspace.exclusive("pitwall features skew"):
        return replay(served, workspace.features, world(workspace.params))


def _due(workspace: Workspace) -> list[tuple[str, pd.Timestamp]]:
    """Return feature set and cut-off of the next race for each model and stage of params.yaml, the earliest first."""
    params = workspace.params
    tables = load_tables(workspace.project.tables, list(READS))
    wanted = [(model, stage) for model, settings in params.models.items() for stage in settings.stages]
    races = [(model, next_race(tables, stage, params)) for model, stage in wanted]
    due = [(model, race.cutoff) for model, race in races if race is not None]
    if not due:
        raise FeatureError("the data hold no race to come; say as of when: `--until TIME`.")
    return sorted(due, key=lambda pair: pair[1])
