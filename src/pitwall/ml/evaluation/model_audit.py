"""The leak audit of a trained model: the feature groups that it reads, and what it said out of sample, whatever kind of answer that is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import FeatureGroup
from pitwall.ml.audit import Effort, Finding, Report, Subject, audit_groups, subject_of
from pitwall.ml.audit._target import NAME as TARGET
from pitwall.ml.audit._target import audit_target
from pitwall.ml.audit.too_good import NAME, judge_losses, judge_model
from pitwall.ml.evaluation.scoring import paired_losses
from pitwall.ml.families.order.answer import place_columns, position_matrix
from pitwall.ml.families.order.plackett_luce import expected_place
from pitwall.ml.families.predictions import by_estimator
from pitwall.ml.models import Model
from pitwall.ml.templates import answered_by

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Trained:
    """A trained model before the audit.

    Attributes:
        name: `<model>-<stage>`.
        definition: what it is.
        stage: when it forecasts.
        groups: the feature groups that it reads.
        predictions: out of sample, its own and those of the baselines.
        estimator: which of them are its own.
        tables: canonical tables with all versions.
        params: the project's parameters.
        frame: the point-in-time frame that it learned from.
    """

    name: str
    definition: Model
    stage: str
    groups: tuple[FeatureGroup, ...]
    predictions: pd.DataFrame
    estimator: str
    tables: Tables
    params: Params
    frame: pd.DataFrame


def audit_trained(trained: Trained, effort: Effort, progress: Callable[[str], None] = log.debug) -> Report:
    """Put what a model reads, and what it said out of sample, before the checks.

    Args:
        trained: the model.
        effort: how much is tried.
        progress: is told each group.
    """
    kind = trained.definition.kind
    subject = subject_of(trained.tables, trained.params, trained.stage, effort, frame=trained.frame, kind=kind)
    report = audit_groups(trained.groups, subject, progress)
    said = by_estimator(trained.predictions)
    own = said[trained.estimator]
    found = _of_places(trained, subject, own) if place_columns(own) else _of_losses(trained, said)
    asked = [(NAME, trained.name)]
    for template in answered_by(trained.definition.name):
        if template.own:
            asked.append((TARGET, trained.name))
            made = bool(trained.definition.spec["own"].get("source"))
            found += audit_target(template.label, trained.tables, trained.frame, kind, name=trained.name, made=made)
    return Report((*report.asked, *asked), (*report.found, *found), report.looked_at)


def _of_places(trained: Trained, subject: Subject, own: pd.DataFrame) -> list[Finding]:
    """Return what is too good about an order: it is held against the places."""
    key = list(trained.definition.kind.key)
    expected = own[key].assign(said=expected_place(position_matrix(own)))
    cars = subject.cars[key].merge(expected, on=key, how="left")
    return judge_model(subject, trained.name, cars["said"].to_numpy())


def _of_losses(trained: Trained, said: dict[str, pd.DataFrame]) -> list[Finding]:
    """Return what is too good about any other answer: it is held against the baseline to beat."""
    found: list[Finding] = []
    for template in answered_by(trained.definition.name):
        name = template.baseline.get(trained.stage)
        if name in said and name != trained.estimator:
            both = paired_losses(template, said[trained.estimator], said[name], trained.tables)
            rows = int(said[trained.estimator]["race_id"].isin(both.index).sum())
            found += judge_losses(trained.name, template.name, both["ours"].to_numpy(), both["theirs"].to_numpy(), rows)
    return found
