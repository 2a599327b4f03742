"""Scores of a predictions table: one value per race for everything that is compared, pooled values for calibration.

A race is the unit (see `pitwall.ml.evaluation.bootstrap`), so log loss, hit rate, Brier score, overlap, Spearman correlation and
the error of places are computed per race and then averaged. Calibration is a property of many cars together.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd

from pitwall.domain.errors import StageError
from pitwall.ml.evaluation.bootstrap import CONFIDENCE, Interval, statistic_interval
from pitwall.ml.families.order.plackett_luce import expected_place, ranks
from pitwall.ml.families.predictions import position_matrix
from pitwall.ml.rows.race_blocks import Fields, fields_of

FLOOR = 1e-9  # a probability below this costs 20.7 nats and no more
BINS = 10
ORDER_METRICS = ("spearman", "position_mae")
LOWER_IS_BETTER = {
    "log_loss": True,
    "brier": True,
    "ece": True,
    "position_mae": True,
    "mae": True,
    "hit_rate": False,
    "overlap": False,
    "spearman": False,
}


def race_scores(predictions: pd.DataFrame, probability: pd.Series, label: pd.Series) -> pd.DataFrame:
    """Return one row per race (index race_id) with season, log_loss, hit_rate, brier and overlap.

    Args:
        predictions: rows of one model, with race_id and season.
        probability: P(event) per row.
        label: whether it came true, bool per row; the same number of cars for every model.

    log_loss is -ln P averaged over the cars for which the event came true (for the winner: -ln P(winner)); hit_rate is the chance that the most probable car is one of them, ties shared; overlap is
    the share of the k most probable cars for which it came true, k being their number.
    """
    fields = fields_of(predictions["race_id"].to_numpy())
    p = fields.pad(probability.to_numpy(dtype=np.float64), 0.0)
    true = fields.mask & fields.pad(label.to_numpy(dtype=bool), False).astype(bool)
    count = true.sum(axis=1)
    if (count == 0).any():
        raise StageError("the event came true for no car of a race; score only races that were run.")
    best = fields.mask & (p == np.where(fields.mask, p, -1.0).max(axis=1, keepdims=True))
    place = np.argsort(np.argsort(np.where(fields.mask, -p, np.inf), axis=1, kind="stable"), axis=1, kind="stable")
    error = np.where(fields.mask, (p - true) ** 2, 0.0)
    columns = {
        "season": predictions["season"].to_numpy()[fields.rows[:, 0]],
        "log_loss": np.where(true, -np.log(np.clip(p, FLOOR, 1.0)), 0.0).sum(axis=1) / count,
        "hit_rate": (best & true).sum(axis=1) / best.sum(axis=1),
        "brier": error.sum(axis=1) / fields.mask.sum(axis=1),
        "overlap": (true & (place < count[:, None])).sum(axis=1) / count,
    }
    return pd.DataFrame(columns, index=_race_index(predictions, fields)).sort_index()


def order_scores(predictions: pd.DataFrame, place: pd.Series) -> pd.DataFrame:
    """Return one row per race (index race_id) with season, spearman and position_mae of the expected order.

    Args:
        predictions: rows of one model.
        place: the true place per row.

    The forecast is the order of expected places; position_mae is the mean distance between forecast and true rank.
    """
    fields = fields_of(predictions["race_id"].to_numpy())
    forecast = ranks(expected_place(position_matrix(predictions)), fields).astype(np.float64)
    truth = ranks(place.to_numpy(dtype=np.float64), fields).astype(np.float64)
    cars = fields.mask.sum(axis=1)
    distance = fields.pad(forecast, 0.0) - fields.pad(truth, 0.0)
    columns = {
        "season": predictions["season"].to_numpy()[fields.rows[:, 0]],
        "spearman": 1.0 - 6.0 * (distance**2).sum(axis=1) / np.maximum(cars * (cars**2 - 1), 1),
        "position_mae": np.abs(distance).sum(axis=1) / cars,
    }
    return pd.DataFrame(columns, index=_race_index(predictions, fields)).sort_index()


def calibration_table(probability: np.ndarray, label: np.ndarray, bins: int = BINS) -> pd.DataFrame:
    """Return one row per equal-width bin: low, high, n, mean forecast, observed share and its 95 % Wilson band."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    which = np.clip(np.digitize(probability, edges[1:-1], right=False), 0, bins - 1)
    n = np.bincount(which, minlength=bins).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        forecast = np.bincount(which, probability, minlength=bins) / n
        observed = np.bincount(which, label.astype(np.float64), minlength=bins) / n
        centre = (observed + 1.92 / n) / (1 + 3.84 / n)
        half = 1.96 * np.sqrt(observed * (1 - observed) / n + 0.96 / n**2) / (1 + 3.84 / n)
    return pd.DataFrame(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "n": n.astype(np.int64),
            "forecast": forecast,
            "observed": observed,
            "band_low": centre - half,
            "band_high": centre + half,
        }
    )


def ece(probability: np.ndarray, label: np.ndarray, bins: int = BINS) -> float:
    """Return the expected calibration error: mean |observed - forecast| over equal-width bins, weighted by cars."""
    table = calibration_table(probability, label, bins)
    filled = table[table["n"] > 0]
    return float((filled["n"] * (filled["observed"] - filled["forecast"]).abs()).sum() / filled["n"].sum())


def ece_interval(
    race: np.ndarray, probability: np.ndarray, label: np.ndarray, draws: int, seed: int, *, bins: int = BINS
) -> Interval:
    """Return the expected calibration error with its race-block interval."""
    fields = fields_of(race)
    which = np.clip((probability * bins).astype(np.int64), 0, bins - 1)
    sums = np.zeros((fields.count, bins + 1))
    np.add.at(sums, (fields.race, which), label.astype(np.float64) - probability)
    sums[:, bins] = np.bincount(fields.race, minlength=fields.count)
    return statistic_interval(sums, _ece_of_sums, draws, seed)


def _ece_of_sums(sums: np.ndarray, _races: int) -> np.ndarray:
    return np.asarray(np.abs(sums[:, :-1]).sum(axis=1) / sums[:, -1])


def calibration_slope(
    race: np.ndarray, probability: np.ndarray, label: np.ndarray, confidence: float = CONFIDENCE
) -> Interval:
    """Return the slope of a logistic regression of the label on logit(p), with an interval robust to races.

    A perfectly calibrated forecast has slope 1; below 1 it is too bold, above 1 too timid. Cars of one race are a
    cluster (sandwich variance with the number of races over itself less one).
    """
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    design = np.column_stack([np.ones(len(p)), np.log(p / (1 - p))])
    y = label.astype(np.float64)
    beta = np.array([0.0, 1.0])
    for _ in range(50):
        fitted = 1 / (1 + np.exp(-design @ beta))
        bread = np.linalg.pinv((design * (fitted * (1 - fitted))[:, None]).T @ design + 1e-9 * np.eye(2))
        step = bread @ (design.T @ (y - fitted))
        beta = beta + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-10:
            break
    fields = fields_of(race)
    scores = np.zeros((fields.count, 2))
    np.add.at(scores, fields.race, design * (y - fitted)[:, None])
    adjust = fields.count / max(fields.count - 1, 1)
    error = float(np.sqrt((bread @ (scores.T @ scores) @ bread * adjust)[1, 1]))
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * error
    return Interval(float(beta[1]), float(beta[1]) - half, float(beta[1]) + half, fields.count)


def _race_index(predictions: pd.DataFrame, fields: Fields) -> pd.Index:
    return pd.Index(predictions["race_id"].to_numpy()[fields.rows[:, 0]], name="race_id")
