"""Which models can still forecast the next race before their session starts."""

from __future__ import annotations

import logging
from datetime import datetime

from pitwall.domain import clock
from pitwall.domain.tables import load_tables
from pitwall.domain.when import Stage
from pitwall.ml.data.calendar import READS, next_race
from pitwall.workflows import train
from pitwall.workflows.workspace import Workspace

log = logging.getLogger(__name__)


def models_in_time(workspace: Workspace, now: datetime) -> list[str]:
    """Return the models of params.yaml whose session of the next race has not begun; none without a next race."""
    tables = load_tables(workspace.project.tables, list(READS)).known(clock.replayed())
    race = next_race(tables, Stage.PRE_RACE, workspace.params, clock.replayed())
    ahead = {stage for stage, cutoff in race.cutoffs.items() if cutoff > now} if race else set()
    if not ahead:
        log.info(
            "nothing can be forecast in time: %s", f"{race.label} has started" if race else "there is no next race"
        )
    return [name for name in train.models(workspace) if workspace.job(name).stage in ahead]
