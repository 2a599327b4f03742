"""Has the world moved since a champion learned? Its rows and its forecasts, brought to `pitwall.monitoring.drift`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from pitwall.domain import clock
from pitwall.domain.errors import ForecastError, StageError, UsageError
from pitwall.domain.racing.rule_changes import RULE_CHANGES
from pitwall.domain.records.aliases import CHAMPION
from pitwall.domain.sections.monitoring import MonitoringParams
from pitwall.domain.tables import load_tables
from pitwall.features import groups
from pitwall.features.machinery.catalogue.profile import spread
from pitwall.ml.data.calendar import run_races
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.ml.rows import feature_columns
from pitwall.ml.training.splits import completed_seasons
from pitwall.ml.training.training_job import TrainingJob
from pitwall.monitoring.drift import DriftReport, Plan, Settings, feature_drift, plan_of, question_drift
from pitwall.workflows.monitoring.said import said
from pitwall.workflows.workspace import Workspace

SEASONS, FEWEST = 5, 2  # of the reference: at most, at least
OWN = "own features"  # of a frame that no shipped group has
CALENDAR = ["races", "results"]
IGNORED = "params.yaml names it in models.{}.monitoring.ignore"


class NothingYet(StageError):
    """No race was run since the champion learned, as between two seasons: there is nothing to hold against anything."""


def drift(workspace: Workspace, name: str, now: datetime | None = None) -> DriftReport:
    """Return what has moved since the champion of a model learned.

    Args:
        workspace: of the project.
        name: a model, or a template that it answers.
        now: the instant of a look back: only races with results by then are watched; that of `pitwall.domain.clock` when None.

    Raises:
        ForecastError: the model has no champion.
        StageError: there is no frame, or there are fewer than two seasons to be held against.
        NothingYet: no race was run since.
        UsageError: params.yaml says that the model is not monitored.
    """
    now, job = now or clock.replayed(), workspace.job(name)
    own = job.settings.monitoring
    if own is not None and not own.enabled:
        raise UsageError(
            f"params.yaml says `monitoring: {{enabled: false}}` of {job.model}; take that out to look for drift."
        )
    settings = job.params.monitoring.of_model(own)
    rows = _known(job, now)
    reference = _reference(job, learned(workspace, job), rows, now)
    plan = plan_of(
        rows,
        reference,
        openers=settings.opener_races,
        declared=settings.declared(RULE_CHANGES),
        learning=settings.learning_races,
    )
    if not plan.watched_labels:
        raise NothingYet(f"no race was run since the champion of {job.name} learned: nothing is watched yet.")
    ignored = {each: IGNORED.format(job.model) for each in (own.ignore if own else ())}
    return _report(workspace, job, rows, plan, settings, ignored)


def _report(  # noqa: PLR0917  (what is watched, by what, and what of it is not)
    workspace: Workspace,
    job: TrainingJob,
    rows: pd.DataFrame,
    plan: Plan,
    settings: MonitoringParams,
    ignored: Mapping[str, str],
) -> DriftReport:
    owners = {feature: group.name for group in groups().values() for feature in group.names}
    own = {feature: owners.get(feature, OWN) for feature in feature_columns(rows)}
    found = feature_drift(rows, own, plan, spread, Settings(settings.alpha, settings.window, ignored))
    watched = plan.watched_labels
    questions, alarms = question_drift(said(workspace, job, watched), settings.alpha, plan.exempt)
    seasons = sorted(set(plan.races.season[plan.reference].tolist()))
    return DriftReport(
        model=job.name,
        reference=f"{seasons[0]}-{seasons[-1]} of data {job.frame_ref().md5[:12]}",
        races=watched,
        features=found.features,
        groups=found.groups,
        not_monitored=found.not_monitored,
        exempt={label: why for label, why in plan.exempt.items() if label in watched},
        calibration=questions,
        alarms=sorted([*found.alarms, *alarms], key=lambda alarm: alarm.since),
        psi_by_race=found.psi_by_race,
    )


def learned(workspace: Workspace, job: TrainingJob) -> Mapping[str, Any]:
    """Return what the recipe of the standing champion says of what it learned from.

    Raises:
        ForecastError: there is no champion.
    """
    champion = workspace.registry.alias(job.name, CHAMPION)
    if champion is None:
        raise ForecastError(f"{job.name} has no champion; train and promote one: `pitwall promote {job.name}`.")
    return Recipe.load(workspace.registry.fetch(job.name, champion.version)).facts


def _known(job: TrainingJob, now: datetime | None) -> pd.DataFrame:
    """Return the rows of the races that had results by then."""
    run = run_races(load_tables(job.project.tables, CALENDAR).known(now))
    frame = job.frame()
    return frame[frame["race_id"].isin([race.race_id for race in run])].reset_index(drop=True)


def _reference(job: TrainingJob, facts: Mapping[str, Any], rows: pd.DataFrame, now: datetime | None) -> list[int]:
    """Return the last completed seasons that a champion learned from, as they were when it did: at most five.

    A recipe that does not say what it learned from is taken to have learned from all of them.

    Raises:
        StageError: there are fewer than two.
    """
    there = rows.drop_duplicates("race_id")["season"]
    first, last = facts.get("trained_on", (int(there.min()), int(there.max())))
    whole = facts.get("races", len(there)) >= there.between(first, last).sum()
    done = completed_seasons(load_tables(job.project.tables, CALENDAR).known(now))
    seasons = [season for season in done if first <= season <= last - (not whole) and season in set(there)]
    if len(seasons) < FEWEST:
        raise StageError(
            f"the champion of {job.name} learned from {len(seasons)} completed seasons ({first} to {last}); drift is told from {FEWEST} at "
            "least: ingest more seasons and train again."
        )
    return seasons[-SEASONS:]
