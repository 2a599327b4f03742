"""Look at a project: every model with a champion, the data, what was served, what was missed, and which of it is an alarm.

Nothing is changed and nobody is told; `telling` does that, and `page` shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pitwall.domain import clock
from pitwall.domain.errors import PitwallError
from pitwall.domain.records.aliases import CHAMPION
from pitwall.domain.records.track_record import MISSED, instant
from pitwall.domain.tables import load_tables
from pitwall.ml.data.calendar import READS
from pitwall.ml.registry.champion_tenures import reigns
from pitwall.ml.registry.improvement import main_template
from pitwall.workflows.monitoring import alarms, skew, staleness
from pitwall.workflows.monitoring.drift import drift
from pitwall.workflows.monitoring.found import ModelWatch, Watch
from pitwall.workflows.monitoring.pages.shelf import page_before
from pitwall.workflows.monitoring.running import running
from pitwall.workflows.monitoring.scores import declared, scores
from pitwall.workflows.workspace import Workspace

Row = dict[str, Any]
WEEK = timedelta(days=7)


def watch(workspace: Workspace, now: datetime | None = None) -> Watch:
    """Return what is found as of an instant.

    Args:
        workspace: of the project.
        now: the instant that is replayed; that of `pitwall.domain.clock` when None.
    """
    asked = now or clock.replayed()
    at = asked or clock.wall()
    rows = [row for row in workspace.record.rows() if row["at"] <= instant(at)]
    calendar = load_tables(workspace.project.tables, list(READS)).known(asked)
    before = page_before(workspace.project, at)
    names = [name for name in workspace.registry.models() if workspace.registry.alias(name, CHAMPION) is not None]
    models = tuple(_model(workspace, name, rows, asked, len(names)) for name in names)
    data = staleness.data(calendar, workspace.params, asked)
    replayed, missed = skew.skew(workspace, at), _missed(rows, before or at - WEEK)
    found = [
        *(alarm for model in models for alarm in alarms.of_model(model, workspace.params)),
        *staleness.alarms(data, workspace.params.gates.overdue_days),
        *skew.alarms(replayed),
        *alarms.of_missed(missed),
    ]
    head = rows[-1]["hash"] if rows else ""
    return Watch(
        at=at,
        replayed=asked is not None,
        since=before,
        fresh=staleness.fresh(calendar, workspace.params, before, at),
        models=models,
        data=data,
        skew=replayed,
        missed=missed,
        alarms=tuple(found),
        origin={**workspace.provenance(), "record": head, "record rows": str(len(rows))},
    )


def _model(workspace: Workspace, name: str, rows: Sequence[Row], asked: datetime | None, models: int) -> ModelWatch:
    job, champion = workspace.job(name), workspace.registry.alias(name, CHAMPION)
    assert champion is not None
    recipe = staleness.recipe_of(workspace, name, champion.version)
    report, why = None, ""
    try:
        report = drift(workspace, name, asked)
    except PitwallError as error:
        why = str(error)
    past = [reign for reign in reigns(workspace.history.rows(name)) if reign.version == champion.version]
    return ModelWatch(
        name=name,
        version=champion.version,
        role=champion.tags.get("role", "unknown"),
        estimator=recipe.estimator if recipe else champion.tags.get("estimator", "unknown"),
        promoted=past[-1].since if past else "",
        scores=scores(rows, name, main_template(job).name, declared(workspace.params.duel, models)),
        age=staleness.age(workspace, name, recipe, staleness.label_tables(workspace, name, asked)),
        served=staleness.served(workspace, name),
        drift=report,
        undrifted=why,
        test=running(workspace, rows, name),
    )


def _missed(rows: Sequence[Row], since: datetime) -> tuple[tuple[str, str], ...]:
    """Return (race, model) of the forecasts that were found missing after an instant."""
    found = [row for row in rows if row["kind"] == MISSED and datetime.fromisoformat(row["at"]) > since]
    return tuple((row["race"], row["model"]) for row in found)
