"""Scores of yes-or-no answers. An event may come true for many rows of a race, or for none."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.ml.families._family import Classes, Counted, Metric, by_name
from pitwall.ml.families.binary.f1_optimal import F1_OPTIMAL
from pitwall.ml.families.shared.calling import weighted
from pitwall.ml.families.shared.events import BRIER, ECE, FLOOR, padded
from pitwall.ml.families.shared.ranking import PR_AUC
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks

NAMES = ("yes", "no")


def _log_loss(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    """Return the mean of -ln of the probability of what happened over the rows of each race, in nats."""
    p, true = padded(rows, blocks)
    said = np.where(true, p, 1.0 - p)
    loss = np.where(blocks.mask, -np.log(np.clip(said, FLOOR, 1.0)), 0.0)
    return np.asarray(loss.sum(axis=1) / blocks.mask.sum(axis=1))


def _pairs(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    """Return what the area under the curve of any sample of races is made of, races x (2 races + 2).

    Column k of the first block: how many rows with the event of this race stand above rows without it of race k (ties count half);
    then which race this is, and its rows with and without the event.
    """
    p, true = rows["probability"].to_numpy(dtype=np.float64), rows["label"].to_numpy(dtype=bool)
    races = blocks.count
    above = np.zeros((races, races))
    happened, race = np.flatnonzero(true), blocks.race
    for other in range(races):
        below = np.sort(p[(race == other) & ~true])
        wins = (np.searchsorted(below, p[happened], "left") + np.searchsorted(below, p[happened], "right")) / 2
        above[:, other] = np.bincount(race[happened], wins, minlength=races)
    with_event = np.bincount(race[true], minlength=races).astype(np.float64)
    without = np.bincount(race[~true], minlength=races).astype(np.float64)
    return np.column_stack([above, np.eye(races), with_event, without])


def _area(sums: np.ndarray, races: int) -> np.ndarray:
    """Return the area under the curve: how often a row with the event stands above one without it; .5 where one kind lacks."""
    distinct = (sums.shape[1] - 2) // 2
    wins = (sums[:, :distinct] * sums[:, distinct : 2 * distinct]).sum(axis=1)
    pairs = sums[:, -2] * sums[:, -1]
    return np.asarray(np.divide(wins, pairs, out=np.full(len(sums), 0.5), where=pairs > 0))


def _squares(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    p, y = rows["probability"].to_numpy(dtype=np.float64), rows["label"].to_numpy().astype(np.float64)
    quantities = ((p - y) ** 2, y, np.ones(len(y)))
    return np.column_stack([np.bincount(blocks.race, values, minlength=blocks.count) for values in quantities])


def _skill(sums: np.ndarray, _races: int) -> np.ndarray:
    """Return the share of the Brier score of the sample's own rate that is saved; 0 where nothing varies."""
    rate = sums[:, 1] / sums[:, 2]
    base = sums[:, 2] * rate * (1 - rate)
    return np.asarray(np.divide(base - sums[:, 0], base, out=np.zeros(len(sums)), where=base > 0))


def _said(rows: pd.DataFrame) -> np.ndarray:
    """Return whether yes is called: of what is more likely than not, where a question has no other rule."""
    p = rows["probability"].to_numpy(dtype=np.float64)
    yes, no = weighted(rows, np.column_stack([p, 1.0 - p]), NAMES).T
    return np.asarray(yes > no)


def _true(rows: pd.DataFrame) -> np.ndarray:
    return np.asarray(rows["label"].to_numpy(dtype=bool))


def _confusions(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    """Return per race how often yes was said and true, said and false, not said and true, not said and false."""
    said, true = _said(rows), _true(rows)
    cases = (said & true, said & ~true, ~said & true, ~said & ~true)
    return np.column_stack([np.bincount(blocks.race, case, minlength=blocks.count) for case in cases])


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return shares; 0 of nothing."""
    return np.asarray(np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0))


def _precision(sums: np.ndarray, _races: int) -> np.ndarray:
    """Return how much of what yes was said of came true; 0 where it was never said."""
    hits, alarms, _, _ = sums.T
    return _share(hits, hits + alarms)


def _recall(sums: np.ndarray, _races: int) -> np.ndarray:
    """Return of how much of what came true yes was said; 0 where nothing did."""
    hits, _, misses, _ = sums.T
    return _share(hits, hits + misses)


def _f1(sums: np.ndarray, _races: int) -> np.ndarray:
    """Return the harmonic mean of precision and recall of yes; 0 where it was neither said nor true."""
    hits, alarms, misses, _ = sums.T
    return _share(2 * hits, 2 * hits + alarms + misses)


def _macro_f1(sums: np.ndarray, races: int) -> np.ndarray:
    """Return the mean of the F1 of yes and the F1 of no; an F1 is 0 where the answer was neither given nor right."""
    of_no = sums[:, [3, 2, 1, 0]]  # what is missed of yes is a false alarm of no
    return np.asarray((_f1(sums, races) + _f1(of_no, races)) / 2)


def _accuracy(sums: np.ndarray, _races: int) -> np.ndarray:
    """Return the share of rows of which the right one of yes and no was said."""
    hits, _, _, passed = sums.T
    return _share(hits + passed, sums.sum(axis=1))


CLASSES = Classes(
    names=lambda _rows: NAMES,
    said=lambda rows: np.where(_said(rows), 0, 1),
    true=lambda rows: np.where(_true(rows), 0, 1),
    chances=lambda rows: {"yes": rows["probability"].to_numpy(dtype=np.float64)},
    rule="Yes is said of what is more likely than not; a question whose answer is seldom yes may never be answered so.",
)
METRICS = by_name(
    Metric("log_loss", "nats", per_block=_log_loss, margin_share=0.2),
    BRIER,
    Metric("brier_skill", "share", higher_is_better=True, sums=_squares, statistic=_skill),
    Metric("auc", "area", higher_is_better=True, sums=_pairs, statistic=_area),
    PR_AUC,
    Metric("precision", "share", higher_is_better=True, sums=_confusions, statistic=_precision),
    Metric("recall", "share", higher_is_better=True, sums=_confusions, statistic=_recall),
    Metric("f1", "F1", higher_is_better=True, sums=_confusions, statistic=_f1),
    Metric("macro_f1", "F1", higher_is_better=True, sums=_confusions, statistic=_macro_f1),
    F1_OPTIMAL,
    ECE,
)
COUNTED = Counted(
    by_name(
        Metric("accuracy", "share", higher_is_better=True, sums=_confusions, statistic=_accuracy),
        *(METRICS[name] for name in ("precision", "recall", "f1")),
    ),
    "Yes counts as said above a chance of .5, or where the question's own rule calls it. Where yes is seldom, saying no to all is accurate.",
)
