"""Scores of finishing orders: of a question about the first few, and of the order as a whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from pitwall.domain.errors import StageError
from pitwall.ml.families._family import Counted, Metric, by_name
from pitwall.ml.families.order.answer import position_matrix
from pitwall.ml.families.order.plackett_luce import expected_place, ranks
from pitwall.ml.families.shared.events import BRIER, ECE, FLOOR, padded
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks

FIRST = 3  # cars that a forecast names, for `top3_hit`
NEAR = 2  # places, for `within_2`


def _happened(true: np.ndarray) -> np.ndarray:
    """Return the number of cars of each race for which the event came true; some car always wins, stands there, scores."""
    count = true.sum(axis=1)
    if (count == 0).any():
        raise StageError("the event came true for no car of a race; score only races that were run.")
    return np.asarray(count)


def _log_loss(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    """Return -ln P averaged over the cars for which the event came true (for the winner: -ln P(winner)), in nats."""
    p, true = padded(rows, blocks)
    return np.asarray(np.where(true, -np.log(np.clip(p, FLOOR, 1.0)), 0.0).sum(axis=1) / _happened(true))


def _hit_rate(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    """Return the chance that the most probable car is one of those for which the event came true, ties shared."""
    p, true = padded(rows, blocks)
    _happened(true)
    best = blocks.mask & (p == np.where(blocks.mask, p, -1.0).max(axis=1, keepdims=True))
    return np.asarray((best & true).sum(axis=1) / best.sum(axis=1))


def _top3_hit(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    """Return whether a car for which the event came true is among the three most probable ones."""
    p, true = padded(rows, blocks)
    _happened(true)
    ordered = np.argsort(np.where(blocks.mask, -p, np.inf), axis=1, kind="stable")[:, :FIRST]
    return np.asarray(np.take_along_axis(true, ordered, axis=1).any(axis=1).astype(np.float64))


def _overlap(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    """Return the share of the k most probable cars for which the event came true, k being their number."""
    p, true = padded(rows, blocks)
    count = _happened(true)
    ordered = np.argsort(np.where(blocks.mask, -p, np.inf), axis=1, kind="stable")
    place = np.argsort(ordered, axis=1, kind="stable")
    return np.asarray((true & (place < count[:, None])).sum(axis=1) / count)


def _both_ranks(rows: pd.DataFrame, blocks: RaceBlocks) -> tuple[np.ndarray, np.ndarray]:
    """Return the distance between forecast and true rank, races x width, and the number of cars of each race.

    The forecast is the order of expected places.
    """
    forecast = ranks(expected_place(position_matrix(rows)), blocks).astype(np.float64)
    truth = ranks(rows["place"].to_numpy(dtype=np.float64), blocks).astype(np.float64)
    return blocks.pad(forecast, 0.0) - blocks.pad(truth, 0.0), blocks.mask.sum(axis=1)


def _spearman(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    distance, cars = _both_ranks(rows, blocks)
    return np.asarray(1.0 - 6.0 * (distance**2).sum(axis=1) / np.maximum(cars * (cars**2 - 1), 1))


def _position_mae(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    distance, cars = _both_ranks(rows, blocks)
    return np.asarray(np.abs(distance).sum(axis=1) / cars)


def _within_2(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    distance, cars = _both_ranks(rows, blocks)
    return np.asarray((blocks.mask & (np.abs(distance) <= NEAR)).sum(axis=1) / cars)


METRICS = by_name(
    Metric("log_loss", "nats", per_block=_log_loss),
    Metric("hit_rate", "share", higher_is_better=True, per_block=_hit_rate),
    BRIER,
    Metric("pole_hit", "share", higher_is_better=True, per_block=_hit_rate),
    Metric("top3_hit", "share", higher_is_better=True, per_block=_top3_hit),
    Metric("overlap", "share", higher_is_better=True, per_block=_overlap),
    ECE,
)
WHOLE = by_name(
    Metric("spearman", "correlation", higher_is_better=True, per_block=_spearman),
    Metric("position_mae", "places", per_block=_position_mae),
    Metric("within_2", "share", higher_is_better=True, per_block=_within_2),
)
COUNTED = Counted(
    by_name(replace(METRICS["hit_rate"], name="accuracy"), replace(METRICS["overlap"], name="f1", unit="F1")),
    "Accuracy: how often the most probable car is one of those that it comes true for. F1: of the most probable cars, as many as it comes "
    "true for, the share that is right; precision and recall are the same number.",
)
