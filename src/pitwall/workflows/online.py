"""Fill the online store for the races to come, and hold what it served against the offline join."""

from __future__ import annotations

import pandas as pd

from pitwall.domain import clock
from pitwall.domain.errors import FeatureError
from pitwall.domain.ports import Served
from pitwall.domain.racing.data_world import world
from pitwall.domain.tables import load_tables
from pitwall.domain.when import CUTOFF_COLUMN
from pitwall.ml.data.calendar import READS, next_race
from pitwall.ml.forecasting.input_log import read_served
from pitwall.ml.forecasting.skew import SkewReport, replay
from pitwall.ml.models import model
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
        sets = dict.fromkeys(model(name).feature_set for name in workspace.params.models)
        due = _due(workspace) if until is None else [(service, until) for service in sets]
        return [workspace.features.materialise(cutoff, service) for service, cutoff in due]


def materialise_next(workspace: Workspace, name: str) -> Served | None:
    """Let the online store serve the next race's cut-off at a model's stage; None without a next race, or a stage before it."""
    job = workspace.job(name)
    if job.stage not in CUTOFF_COLUMN:
        return None
    race = next_race(load_tables(workspace.project.tables, list(READS)), job.stage, job.params, clock.replayed())
    return None if race is None else workspace.features.materialise(race.cutoff, job.definition.feature_set)


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
    """Return feature set and cut-off of the next race for each model of params.yaml at each stage before it, the earliest first."""
    params = workspace.params
    tables = load_tables(workspace.project.tables, list(READS))
    wanted = [
        (model(name).feature_set, stage)
        for name, settings in params.models.items()
        for stage in settings.stages
        if stage in CUTOFF_COLUMN
    ]
    races = [(service, next_race(tables, stage, params, clock.replayed())) for service, stage in dict.fromkeys(wanted)]
    due = [(service, race.cutoff) for service, race in races if race is not None]
    if not due:
        raise FeatureError("the data hold no race to come; say as of when: `--until TIME`.")
    return sorted(due, key=lambda pair: pair[1])
