"""Score predictions tables for a template, with intervals: the rows of backtests, reports and run pages.

A row is `{template, stage, model, role, metric, season, value, low, high, n}` (SEAMS: backtest rows); `season` is an int or
`all`. Role `model` of a predictions table is `ours` in a row. Metrics of the answer as a whole stand under the name of the
model instead of a template. Which metrics there are, and what they read, is the family's to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import StageError, UnknownName, UsageError
from pitwall.domain.numbers import Interval
from pitwall.domain.params import GateParams
from pitwall.domain.tables import Tables
from pitwall.ml.data.starters import at
from pitwall.ml.evaluation.bootstrap import CONFIDENCE, mean_interval, paired_difference, statistic_interval
from pitwall.ml.families import Family, Metric
from pitwall.ml.families.predictions import by_estimator
from pitwall.ml.families.shared.calling import WEIGHT
from pitwall.ml.models import model
from pitwall.ml.rows.machinery.race_blocks import race_blocks
from pitwall.ml.templates import Template, answered_by

Row = dict[str, Any]
ROLES = {"model": "ours", "contender": "contender", "baseline": "baseline", "truth": "truth", "market": "market"}


def family_of(template: Template) -> Family:
    """Return the family of the model that answers a template."""
    return model(template.model).answers


def metric_of(template: Template, name: str) -> Metric:
    """Return a metric of a template's family.

    Raises:
        UnknownName: the family has no such metric; offers the nearest one.
    """
    family = family_of(template)
    if name not in family.metrics:
        raise UnknownName(f"metric of the {family.name} family", name, family.metrics)
    return family.metrics[name]


def labels_for(template: Template, predictions: pd.DataFrame, label: pd.Series) -> pd.Series:
    """Return the label of each row as float (a class as it is), null where it is not known.

    Where an event comes true for a known number of cars, a car without a result in a race that was run counts as False.
    """
    found = at(label, predictions, model(template.model).kind.key)
    if isinstance(label.dtype, pd.CategoricalDtype):
        return pd.Series(found, name="label")
    values = np.asarray(found.astype("float64"))
    if template.cars is not None:
        run = predictions["race_id"].isin(label.index.get_level_values("race_id")).to_numpy()
        values = np.where(run, np.nan_to_num(values), np.nan)
    return pd.Series(values, index=predictions.index, name="label")


def scored(template: Template, predictions: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the rows of one estimator whose label is known, with what the family's metrics read and `label`."""
    family = family_of(template)
    label = labels_for(template, predictions, template.label(tables))
    rows = predictions.drop(columns=family.columns(predictions.columns))
    said = family.scored(template.answer(predictions), predictions)
    weights = [] if template.call is None else [template.call.weights(predictions["race_id"], tables)]
    kept = pd.concat([rows, said, *weights], axis=1).assign(label=label)[label.notna()]
    return kept.astype({"label": family.label_type}).reset_index(drop=True)


def labelled_once(template: Template, tables: Tables) -> Template:
    """Return the template with its labels found already, and what it calls by: every model is asked about the same races."""
    known = template.label(tables)
    return replace(template, label=lambda _: known, call=template.call and template.call.once(tables))


def called(template: Template, predictions: pd.DataFrame, tables: Tables) -> pd.Series | None:
    """Return the name of the class that is called of each row; None where the question has no rule of its own for that."""
    family = family_of(template)
    if template.call is None or family.classes is None:
        return None
    weights = template.call.weights(predictions["race_id"], tables)
    names = [name.removeprefix(WEIGHT) for name in weights]
    said = family.scored(template.answer(predictions), predictions)
    blank = pd.Categorical([names[0]] * len(said), names, ordered=True)  # what came true decides nothing here
    rows = pd.concat([said, weights], axis=1).assign(label=blank)
    return pd.Series(np.array(names)[family.classes.said(rows)], index=predictions.index, name="called")


def template_scores(template: Template, predictions: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the template's per-race metrics of one model: index race_id, columns season and those of `template.metrics`.

    Metrics that have no value of one race (an area under a curve) are not among them.

    Raises:
        UnknownName: its family lacks a metric.
        UsageError: its main loss cannot be compared race by race.
        StageError: no row is left to score.
    """
    check_loss(template)
    return _race_metrics(template, scored(template, predictions, tables))


def race_metrics(template: Template) -> tuple[str, ...]:
    """Return the template's metrics that have a value of one race, in its order."""
    return tuple(name for name in template.metrics if metric_of(template, name).per_block)


def check_loss(template: Template) -> None:
    """Raise UsageError unless the main loss has a value of one race and is better when lower; UnknownName if the family lacks it."""
    loss = metric_of(template, template.loss)
    if loss.per_block is None or loss.better != "lower":
        fit = ", ".join(
            name for name, each in family_of(template).metrics.items() if each.per_block and each.better == "lower"
        )
        raise UsageError(
            f"{template.loss} cannot be the main loss of {template.name}: gains are means over races of a loss that is better when "
            f"lower. The {family_of(template).name} family has {fit}."
        )


def _race_metrics(template: Template, rows: pd.DataFrame) -> pd.DataFrame:
    return per_race(rows, [metric_of(template, name) for name in race_metrics(template)])


def per_race(rows: pd.DataFrame, metrics: Sequence[Metric]) -> pd.DataFrame:
    """Return one row per race (index race_id) with season and the metrics that have a value of one race.

    Raises:
        StageError: no row is left to score.
    """
    if rows.empty:
        raise StageError(
            "nothing to score: no row that was predicted has a label. Score races that were run and recorded."
        )
    blocks = race_blocks(rows["race_id"].to_numpy())
    columns = {"season": rows["season"].to_numpy()[blocks.rows[:, 0]]}
    columns |= {metric.name: metric.per_block(rows, blocks) for metric in metrics if metric.per_block}
    index = pd.Index(rows["race_id"].to_numpy()[blocks.rows[:, 0]], name="race_id")
    return pd.DataFrame(columns, index=index).sort_index()


def pooled(metric: Metric, rows: pd.DataFrame, draws: int, seed: int, confidence: float = CONFIDENCE) -> Interval:
    """Return a metric that is a statistic of sums over races, with its race-block interval.

    Args:
        metric: with `sums` and `statistic`.
        rows: scored rows of one estimator.
        draws: of races.
        seed: of the draws.
        confidence: of the interval.
    """
    assert metric.statistic is not None
    return statistic_interval(race_sums(metric, rows), metric.statistic, draws, seed, confidence)


def race_sums(metric: Metric, rows: pd.DataFrame) -> np.ndarray:
    """Return the quantities of scored rows that a metric is a statistic of, races x quantities."""
    assert metric.sums is not None
    return metric.sums(rows, race_blocks(rows["race_id"].to_numpy()))


def metric_interval(metric: Metric, rows: pd.DataFrame, gates: GateParams, seed: int) -> Interval:
    """Return any metric of scored rows with its race-block interval: a mean over races, or a statistic of sums over them.

    Args:
        metric: of the family of the rows.
        rows: scored rows of one estimator.
        gates: say how many draws, and the level.
        seed: of the draws.
    """
    if metric.per_block is None:
        return pooled(metric, rows, gates.bootstrap_draws, seed, gates.confidence)
    values = per_race(rows, [metric])[metric.name].to_numpy()
    return mean_interval(values, gates.bootstrap_draws, seed, gates.confidence)


def template_rows(
    template: Template, predictions: pd.DataFrame, tables: Tables, *, stage: str, gates: GateParams, seed: int
) -> list[Row]:
    """Return the backtest rows of every model in a predictions table for one template, pooled and by season."""
    rows: list[Row] = []
    statistics = [metric_of(template, name) for name in template.metrics if name not in race_metrics(template)]
    error = metric_of(template, family_of(template).calibration.error)
    for name, own in by_estimator(predictions).items():
        head = {"template": template.name, "stage": stage, "model": name, "role": ROLES[str(own["role"].iloc[0])]}
        known = scored(template, own, tables)
        rows += _metric_rows(head, _race_metrics(template, known), gates, seed)
        for season, part in _by_season(known):
            rows += [
                _row(head, metric.name, season, pooled(metric, part, gates.bootstrap_draws, seed))
                for metric in [*statistics, error]
            ]
    return rows


def whole_rows(
    name: str, predictions: pd.DataFrame, tables: Tables, *, stage: str, gates: GateParams, seed: int
) -> list[Row]:
    """Return the backtest rows of a model's answer as a whole (for the order: Spearman, mean error of places)."""
    if not model(name).answers.whole:
        return []
    rows: list[Row] = []
    for estimator, own in by_estimator(predictions).items():
        about = model(name).written  # the answer as a whole is of one kind, whoever's model gives it
        head = {"template": about, "stage": stage, "model": estimator, "role": ROLES[str(own["role"].iloc[0])]}
        rows += _metric_rows(head, whole_scores(name, own, tables), gates, seed)
    return rows


def whole_scores(name: str, predictions: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the per-race metrics of a model's answer as a whole, of one estimator; see `with_whole`."""
    definition = model(name)
    family = definition.answers
    true = family.outcome(tables, predictions, definition.kind.key, answered_by(name)[0].told)
    known = true[family.known_by].notna()
    rows = predictions.assign(**true)[known].reset_index(drop=True)
    return per_race(rows, list(family.whole.values()))


def with_whole(of_question: pd.DataFrame | None, whole: pd.DataFrame) -> pd.DataFrame:
    """Return metrics of an answer as a whole beside those of the question that bears the model's name, if there is one."""
    return whole if of_question is None else of_question.join(whole.drop(columns="season"))


def gain(  # noqa: PLR0917  (gates say all six in order)
    template: Template, ours: pd.DataFrame, theirs: pd.DataFrame, tables: Tables, gates: GateParams, seed: int
) -> Interval:
    """Return the paired gain in the template's main loss over common races; positive means that ours is better."""
    both = paired_losses(template, ours, theirs, tables)
    draws, confidence = gates.bootstrap_draws, gates.confidence
    return paired_difference(both["ours"].to_numpy(), both["theirs"].to_numpy(), draws, seed, confidence)


def paired_losses(template: Template, ours: pd.DataFrame, theirs: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the template's main loss of two models on their common races: index race_id, columns ours and theirs."""
    asked = labelled_once(template, tables)
    left, right = (template_scores(asked, model, tables)[template.loss] for model in (ours, theirs))
    common = left.index.intersection(right.index)
    return pd.DataFrame({"ours": left[common], "theirs": right[common]})


def slope(template: Template, predictions: pd.DataFrame, tables: Tables) -> Interval:
    """Return the number by which few rows show calibration (for events the slope), of one model for a template."""
    return family_of(template).calibration.few(scored(template, predictions, tables), CONFIDENCE)


def _metric_rows(head: Row, scores: pd.DataFrame, gates: GateParams, seed: int) -> list[Row]:
    rows = []
    for season, part in _by_season(scores):
        for metric in [name for name in scores.columns if name != "season"]:
            found = mean_interval(part[metric].to_numpy(), gates.bootstrap_draws, seed, gates.confidence)
            rows.append(_row(head, metric, season, found))
    return rows


def _by_season(rows: pd.DataFrame) -> list[tuple[int | str, pd.DataFrame]]:
    seasons = [(int(season), part) for season, part in rows.groupby("season", sort=True)]
    return [("all", rows), *seasons]


def _row(head: Row, metric: str, season: int | str, found: Interval) -> Row:
    return {
        **head,
        "metric": metric,
        "season": season,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "n": found.n,
    }
