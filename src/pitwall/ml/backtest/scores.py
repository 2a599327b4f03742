"""Score a backtest: rows per season and pooled, paired differences, slices, importance. All from predictions tables.

Rows have the shape of `pitwall.ml.evaluation.scoring`. Beside models of events stand two that know nothing, `always_yes` and
`always_no`: they show what a Brier score is worth when an event is rare. They are no distribution over a race, so no log loss
is given for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from pitwall.domain.params import GateParams, Params
from pitwall.domain.tables import Tables
from pitwall.ml.backtest import market as markets
from pitwall.ml.backtest.engine import Forecasts
from pitwall.ml.backtest.regret import regret_rows
from pitwall.ml.backtest.under_way import marked
from pitwall.ml.evaluation.bootstrap import mean_interval, paired_difference
from pitwall.ml.evaluation.importance import importance_rows
from pitwall.ml.evaluation.scoring import (
    ROLES,
    Row,
    family_of,
    labelled_once,
    race_metrics,
    slope,
    template_rows,
    template_scores,
    whole_rows,
    whole_scores,
    with_whole,
)
from pitwall.ml.evaluation.slices import race_slices
from pitwall.ml.families import metric as known_metric
from pitwall.ml.families.predictions import WHO, by_estimator
from pitwall.ml.templates import Template

CONSTANT_METRICS = (
    *("brier", "hit_rate", "auc", "pr_auc", "brier_skill"),
    *("precision", "recall", "f1", "macro_f1", "f1_optimal"),
)
Scores = dict[str, dict[str, pd.DataFrame]]


@dataclass(frozen=True)
class Scored:
    """One stage's scores.

    Attributes:
        forecasts: what was scored.
        rows: backtest rows; those of a season under way carry `partial`.
        paired: gains of ours over each other model; positive means that ours is better.
        slices: the same by kind of race, ours and the baseline to beat.
        importance: loss that a shuffled feature group costs ours.
        calibration: of each model by template: the slope, or what its family shows it by.
        regret: expected loss beyond the truth's, where the truth is known.
        per_race: {template: {model: metrics by race_id}}.
        notes: what a reader must know of a market's row.
    """

    forecasts: Forecasts
    rows: list[Row]
    paired: list[Row]
    slices: list[Row]
    importance: list[Row]
    calibration: list[Row]
    regret: list[Row]
    per_race: Scores
    notes: tuple[str, ...] = ()


def score(forecasts: Forecasts, market: markets.Market | None = None) -> Scored:
    """Score the forecasts of one plan, beside a market's odds where there are some."""
    plan = forecasts.plan
    gates, seed = plan.job.params.gates, plan.job.params.seed
    tables = _of_seasons(plan.tables, set(plan.seasons))
    models = by_estimator(forecasts.predictions)
    # labels are found in all tables: what is known of one race may stand in another season (when a list ends, say)
    questions = [labelled_once(each, plan.tables) for each in plan.templates]
    per_race: Scores = {
        each.name: {name: template_scores(each, own, tables) for name, own in models.items()} for each in questions
    }
    family = plan.job.definition.answers
    if family.whole:
        asked = per_race.get(plan.job.model, {})
        per_race[plan.job.model] = {
            name: with_whole(asked.get(name), whole_scores(plan.job.model, own, tables)) for name, own in models.items()
        }
    rows = whole_rows(plan.job.model, forecasts.predictions, tables, stage=plan.stage, gates=gates, seed=seed)
    roles = {name: ROLES[str(own["role"].iloc[0])] for name, own in models.items()}
    importance: list[Row] = []
    regret: list[Row] = []
    calibration: list[Row] = []
    notes: list[str] = []
    for each in questions:
        rows += template_rows(each, forecasts.predictions, tables, stage=plan.stage, gates=gates, seed=seed)
        rows += _constant_rows(each, models[plan.ours.name], tables, stage=plan.stage, gates=gates, seed=seed)
        importance += importance_rows(
            each, models[plan.ours.name], forecasts.shuffled, tables, stage=plan.stage, gates=gates, seed=seed
        )
        calibration += [
            {
                "template": each.name,
                "stage": plan.stage,
                "model": name,
                "metric": family.calibration.few_unit,
                **slope(each, own, tables).row(),
            }
            for name, own in models.items()
        ]
        if forecasts.truth is not None:
            against = plan.baseline(each)
            regret += regret_rows(
                each, models, roles, against, forecasts.truth, stage=plan.stage, gates=gates, seed=seed
            )
        if (
            market is not None
            and (quoted := markets.priced(market, each, plan.tables, plan.stage, models[plan.ours.name])) is not None
        ):
            notes += markets.notes(each, quoted)
            if len(quoted.said):
                priced = markets.answered(each)
                rows += template_rows(priced, quoted.said, tables, stage=plan.stage, gates=gates, seed=seed)
                per_race[each.name][markets.NAME] = template_scores(priced, quoted.said, tables)
                roles[markets.NAME] = markets.ROLE
    paired, slices = _paired(forecasts, per_race, roles), _slices(forecasts, per_race)
    rows, paired, importance, regret = (marked(each, plan.parts) for each in (rows, paired, importance, regret))
    return Scored(forecasts, rows, paired, slices, importance, calibration, regret, per_race, tuple(notes))


def _of_seasons(tables: Tables, seasons: set[int]) -> Tables:
    """Return the tables with the races of some seasons only: labels of the others are not needed."""
    races = tables["races"][tables["races"]["season"].isin(seasons)]
    results = tables["results"][tables["results"]["race_id"].isin(races["race_id"])]
    return tables.replace(races=races, results=results)


def _constant_rows(
    template: Template, own: pd.DataFrame, tables: Tables, *, stage: str, gates: GateParams, seed: int
) -> list[Row]:
    """Return the rows of the two answers that know nothing."""
    rows: list[Row] = []
    metrics = tuple(name for name in CONSTANT_METRICS if name in template.metrics)
    if not metrics:
        return []
    for name, value in family_of(template).constants.items():
        constant = replace(
            template,
            metrics=metrics,
            loss=metrics[0],
            answer=lambda predictions, value=value: pd.Series(value, index=predictions.index),  # type: ignore[misc]
        )
        guesses = own.assign(**{WHO: name, "role": "baseline"})
        rows += template_rows(constant, guesses, tables, stage=stage, gates=gates, seed=seed)
    return rows


def _paired(forecasts: Forecasts, per_race: Scores, roles: dict[str, str]) -> list[Row]:
    """Return how much better ours is than each other model, metric by metric, over the same races."""
    plan = forecasts.plan
    rows = []
    for question, scores in per_race.items():
        for other in sorted(set(scores) - {plan.ours.name}):
            for metric in _comparable(scores[plan.ours.name].columns):
                head = {"template": question, "stage": plan.stage, "model": plan.ours.name, "role": "ours"}
                against = {"against": other, "against_role": roles[other], "metric": metric, "season": "all"}
                numbers = _gain(scores[plan.ours.name][metric], scores[other][metric], metric, plan.job.params)
                rows.append({**head, **against, **numbers})
    return rows


def _slices(forecasts: Forecasts, per_race: Scores) -> list[Row]:
    """Return the metrics of ours by kind of race, with the gain over the baseline to beat."""
    plan = forecasts.plan
    gates, seed = plan.job.params.gates, plan.job.params.seed
    rows = []
    for question in plan.templates:
        baseline = plan.baseline(question)
        ours, theirs = per_race[question.name][plan.ours.name], per_race[question.name][baseline]
        for each in race_slices(plan.tables, {int(race) for race in ours.index}):
            chosen = ours.index[ours.index.isin(each.races)]
            for metric in race_metrics(question):
                head = {"template": question.name, "stage": plan.stage, "model": plan.ours.name, "role": "ours"}
                own = mean_interval(ours.loc[chosen, metric].to_numpy(), gates.bootstrap_draws, seed, gates.confidence)
                row = {**head, "metric": metric, "kind": each.kind, "slice": each.name, **own.row(), "n": own.n}
                if baseline != plan.ours.name and _comparable([metric]):
                    gained = _gain(ours.loc[chosen, metric], theirs.loc[chosen, metric], metric, plan.job.params)
                    row |= {"against": baseline} | {
                        f"gain_{name}": gained[name] for name in ("value", "low", "high", "detectable")
                    }
                rows.append(row)
    return rows


def _gain(ours: pd.Series, theirs: pd.Series, metric: str, params: Params) -> Row:
    """Return the paired gain of ours, positive if better, whichever way the metric runs."""
    sign = -1.0 if known_metric(metric).higher_is_better else 1.0
    common = ours.index.intersection(theirs.index)
    gates: GateParams = params.gates
    found = paired_difference(
        sign * ours[common].to_numpy(),
        sign * theirs[common].to_numpy(),
        gates.bootstrap_draws,
        params.seed,
        gates.confidence,
    )
    detectable = None if len(common) < 2 else found.detectable
    return {"value": found.value, "low": found.low, "high": found.high, "n": found.n, "detectable": detectable}


def _comparable(names: Iterable[str]) -> list[str]:
    """Return the metrics by which one model can be better than another; a coverage has a right value instead."""
    return [name for name in names if name != "season" and known_metric(name).target is None]
