"""Score predictions tables for a template, with intervals: the rows of backtests, reports and run pages.

A row is `{template, stage, model, role, metric, season, value, low, high, n}` (SEAMS: backtest rows); `season` is an int or
`all`. Role `model` of a predictions table is `ours` in a row. Metrics of the order as a whole stand under the name of the
model instead of a template.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.params import GateParams
from pitwall.domain.tables import Tables
from pitwall.ml.evaluation.bootstrap import Interval, mean_interval, paired_difference
from pitwall.ml.evaluation.metrics import ORDER_METRICS, calibration_slope, ece_interval, order_scores, race_scores
from pitwall.ml.families.predictions import by_model, place_columns
from pitwall.ml.templates import Template
from pitwall.ml.templates._template import KEY, starters

Row = dict[str, Any]
ROLES = {"model": "ours", "contender": "contender", "baseline": "baseline", "truth": "truth"}


def labels_for(predictions: pd.DataFrame, label: pd.Series) -> pd.Series:
    """Return the label of each row; a car without a result in a race that was run counts as False, others as null."""
    found = label.reindex(pd.MultiIndex.from_frame(predictions[KEY]))
    run = predictions["race_id"].isin(label.index.get_level_values("race_id")).to_numpy()
    values = np.where(run, found.astype("float64").fillna(0.0).to_numpy(), np.nan)
    return pd.Series(values, index=predictions.index, name="label")


def scored(template: Template, predictions: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the cars of run races of one model, with `probability` and `label` instead of the places."""
    label = labels_for(predictions, template.label(tables))
    cars = predictions.drop(columns=place_columns(predictions))
    rows = cars.assign(probability=template.probability(predictions), label=label)
    kept = rows[label.notna()].astype({"label": "bool"})
    return kept.reset_index(drop=True)


def labelled_once(template: Template, tables: Tables) -> Template:
    """Return the template with its labels found already: every model is asked about the same races."""
    known = template.label(tables)
    return replace(template, label=lambda _: known)


def template_scores(template: Template, predictions: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return the template's per-race metrics of one model: index race_id, columns season and `template.metrics`."""
    return _race_metrics(template, scored(template, predictions, tables))


def _race_metrics(template: Template, cars: pd.DataFrame) -> pd.DataFrame:
    return race_scores(cars, cars["probability"], cars["label"])[["season", *template.metrics]]


def template_rows(
    template: Template, predictions: pd.DataFrame, tables: Tables, *, stage: str, gates: GateParams, seed: int
) -> list[Row]:
    """Return the backtest rows of every model in a predictions table for one template, pooled and by season."""
    rows: list[Row] = []
    for name, own in by_model(predictions).items():
        head = {"template": template.name, "stage": stage, "model": name, "role": ROLES[str(own["role"].iloc[0])]}
        cars = scored(template, own, tables)
        rows += _metric_rows(head, _race_metrics(template, cars), gates, seed)
        for season, part in _by_season(cars):
            found = ece_interval(
                part["race_id"].to_numpy(),
                part["probability"].to_numpy(),
                part["label"].to_numpy(),
                gates.bootstrap_draws,
                seed,
            )
            rows.append(_row(head, "ece", season, found))
    return rows


def order_rows(
    model: str, predictions: pd.DataFrame, tables: Tables, *, stage: str, gates: GateParams, seed: int
) -> list[Row]:
    """Return the backtest rows of the order as a whole (Spearman, mean error of places)."""
    rows: list[Row] = []
    for name, own in by_model(predictions).items():
        head = {"template": model, "stage": stage, "model": name, "role": ROLES[str(own["role"].iloc[0])]}
        rows += _metric_rows(head, whole_order_scores(own, tables), gates, seed)
    return rows


def whole_order_scores(predictions: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return Spearman correlation and position MAE per race of one model."""
    place = starters(tables)["place"].reindex(pd.MultiIndex.from_frame(predictions[KEY])).to_numpy()
    rows = predictions[~np.isnan(place.astype("float64"))].reset_index(drop=True)
    return order_scores(rows, pd.Series(place[~np.isnan(place.astype("float64"))]))[["season", *ORDER_METRICS]]


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
    """Return the calibration slope of one model for a template."""
    rows = scored(template, predictions, tables)
    return calibration_slope(rows["race_id"].to_numpy(), rows["probability"].to_numpy(), rows["label"].to_numpy())


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
