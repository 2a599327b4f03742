"""Scores of answers about classes: how far the chances lie off, and which class was said where which came true.

Rows have `race_id`, `label` (an ordered categorical) and a column `p_<class>` for each of its categories.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.numbers import Interval
from pitwall.ml.families._family import Calibration, Classes, Counted, Metric, by_name
from pitwall.ml.families.shared.calling import weighted
from pitwall.ml.families.shared.events import CALIBRATION as OF_EVENTS
from pitwall.ml.families.shared.events import ECE, FLOOR
from pitwall.ml.families.shared.rows import over_rows
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks, race_blocks

PREFIX = "p_"


def chances(rows: pd.DataFrame) -> np.ndarray:
    """Return the chance of each class, rows x classes, in the order of the question."""
    named = rows[[f"{PREFIX}{name}" for name in rows["label"].cat.categories]]
    return np.asarray(named.to_numpy(dtype=np.float64))


def happened(rows: pd.DataFrame) -> np.ndarray:
    """Return 1.0 for the class that came true and 0.0 for the others, rows x classes."""
    return np.asarray(np.eye(len(rows["label"].cat.categories))[rows["label"].cat.codes])


def _called(rows: pd.DataFrame) -> np.ndarray:
    """Return the number of the class that is called: the likeliest where a question has no other rule, of equal ones the first."""
    return np.asarray(weighted(rows, chances(rows), rows["label"].cat.categories).argmax(axis=1))


def _said(rows: pd.DataFrame) -> np.ndarray:
    """Return 1.0 for the class that is called."""
    return np.asarray(np.eye(len(rows["label"].cat.categories))[_called(rows)])


def _log_loss(rows: pd.DataFrame) -> np.ndarray:
    """Return -ln of the chance of the class that came true, in nats."""
    true = (chances(rows) * happened(rows)).sum(axis=1)
    return np.asarray(-np.log(np.clip(true, FLOOR, 1.0)))


def _brier(rows: pd.DataFrame) -> np.ndarray:
    """Return the squared errors of the chances, summed over the classes: 0 to 2."""
    return np.asarray(((chances(rows) - happened(rows)) ** 2).sum(axis=1))


def _rps(rows: pd.DataFrame) -> np.ndarray:
    """Return the squared errors of the chances "this class or an earlier one", averaged over the borders of classes: 0 to 1.

    To miss by one class costs less than to miss by two (Epstein 1969).
    """
    error = np.cumsum(chances(rows) - happened(rows), axis=1)[:, :-1]
    return np.asarray((error**2).mean(axis=1))


def _right(rows: pd.DataFrame) -> np.ndarray:
    return np.asarray((_said(rows) * happened(rows)).sum(axis=1))


def _confusions(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    """Return the confusion matrix of each race, races x (classes that came true x classes that were said)."""
    pairs = happened(rows)[:, :, None] * _said(rows)[:, None, :]
    sums = np.zeros((blocks.count, *pairs.shape[1:]))
    np.add.at(sums, blocks.race, pairs)
    return sums.reshape(blocks.count, -1)


def _macro_f1(sums: np.ndarray, _races: int) -> np.ndarray:
    """Return the mean over the classes of the harmonic mean of precision and recall; 0 for one that is never right."""
    classes = round(np.sqrt(sums.shape[1]))
    counts = sums.reshape(len(sums), classes, classes)
    right, either = np.diagonal(counts, axis1=1, axis2=2), counts.sum(axis=1) + counts.sum(axis=2)
    return np.asarray(np.divide(2 * right, either, out=np.zeros_like(either), where=either > 0).mean(axis=1))


def _events(rows: pd.DataFrame) -> pd.DataFrame:
    """Return each row as one event per class: "it is this one", with its chance."""
    true = happened(rows)
    race = np.repeat(rows["race_id"].to_numpy(), true.shape[1])
    return pd.DataFrame({"race_id": race, "probability": chances(rows).ravel(), "label": true.ravel() > 0})


def _error_sums(rows: pd.DataFrame, _blocks: RaceBlocks) -> np.ndarray:
    assert ECE.sums is not None
    events = _events(rows)
    return ECE.sums(events, race_blocks(events["race_id"].to_numpy()))


def _slope(rows: pd.DataFrame, confidence: float) -> Interval:
    return OF_EVENTS.few(_events(rows), confidence)


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    return OF_EVENTS.table(_events(rows))


CLASSES = Classes(
    names=lambda rows: tuple(map(str, rows["label"].cat.categories)),
    said=_called,
    true=lambda rows: rows["label"].cat.codes.to_numpy(dtype=np.int64),
    chances=lambda rows: dict(zip(rows["label"].cat.categories, chances(rows).T, strict=True)),
    rule="The likeliest class is said; one that comes true seldom may never be.",
)
METRICS = by_name(
    Metric("log_loss", "nats", per_block=over_rows(_log_loss), margin_share=0.2),
    Metric("brier", "brier", per_block=over_rows(_brier), margin_share=0.1),
    Metric("rps", "rps", per_block=over_rows(_rps), margin_share=0.1),
    Metric("accuracy", "share", higher_is_better=True, per_block=over_rows(_right)),
    Metric("macro_f1", "F1", higher_is_better=True, sums=_confusions, statistic=_macro_f1),
    Metric("ece", "ECE", sums=_error_sums, statistic=ECE.statistic),
)
COUNTED = Counted(
    {name: METRICS[name] for name in ("accuracy", "macro_f1")},
    "The likeliest class counts as said, or the one that the question's own rule calls; macro F1 is the mean of the F1 of all classes.",
)
CALIBRATION = Calibration(
    error="ece",
    limit=OF_EVENTS.limit,
    few=_slope,
    few_name=OF_EVENTS.few_name,
    few_unit=OF_EVENTS.few_unit,
    target=OF_EVENTS.target,
    column=OF_EVENTS.column,
    meaning="Of classes forecast at 30 %, 30 % should come true, whichever class it is. Slope 1 is calibrated, below 1 too bold, above 1 "
    "too timid.",
    table=_table,
)
