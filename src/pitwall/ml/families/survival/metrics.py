"""Scores of curves of survival, and how they are calibrated. What was not seen to end counts for as long as it was watched."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.ml.families._family import Calibration, Course, Metric, by_name
from pitwall.ml.families.shared.events import FLOOR, wilson
from pitwall.ml.families.shared.quantiles import SHARES, coverage, largest_miss
from pitwall.ml.families.shared.rows import OfRows, over_rows
from pitwall.ml.families.survival.answer import STEPS, duration
from pitwall.ml.families.survival.concordance import CONCORDANCE
from pitwall.ml.families.survival.seen import Seen
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks

LEVELS = np.round(np.arange(0.1, 1.0, 0.1), 1)


def log_loss(rows: pd.DataFrame) -> np.ndarray:
    """Return -ln of the chance that was given to what was seen of each row: the sum over the steps at which it was watched."""
    return np.asarray(-np.log(np.clip(Seen.of(rows).chance, FLOOR, 1.0)))


def _inside(rows: pd.DataFrame, share: float) -> np.ndarray:
    return Seen.of(rows).within((1 - share) / 2, (1 + share) / 2)


def _covers(share: float) -> OfRows:
    return lambda rows: _inside(rows, share)


def _coverages(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    quantities = [*(_inside(rows, share) for share in SHARES.values()), np.ones(len(rows))]
    return np.column_stack([np.bincount(blocks.race, values, minlength=blocks.count) for values in quantities])


def _errors(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    """Return per race how far medians lie off the durations that ended, and how many these are."""
    seen = Seen.of(rows)
    off = np.abs(duration(seen.curve[:, 1:], 0.5) - seen.steps)
    quantities = (np.where(seen.ended, off, 0.0), seen.ended)
    return np.column_stack([np.bincount(blocks.race, values, minlength=blocks.count) for values in quantities])


def _mean_error(sums: np.ndarray, _races: int) -> np.ndarray:
    return np.asarray(np.divide(sums[:, 0], sums[:, 1], out=np.zeros(len(sums)), where=sums[:, 1] > 0))


def _over_by(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what share of durations is over where so much of its curve is, beside what it should be."""
    seen, n = Seen.of(rows), np.full(len(LEVELS), float(len(rows)))
    observed = np.array([seen.within(1.0 - level, 1.0).mean() for level in LEVELS])
    low, high = wilson(observed, n)
    columns = {"low": LEVELS, "high": LEVELS, "n": n.astype(np.int64), "forecast": LEVELS, "observed": observed}
    return pd.DataFrame({**columns, "band_low": low, "band_high": high})


def _course(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    seen = Seen.of(rows)
    watched = seen.watched()
    sums = np.zeros((blocks.count, 3 * STEPS))
    np.add.at(sums, blocks.race, np.hstack([seen.ends(), watched, np.where(watched, seen.hazards(), 0.0)]))
    return sums


COURSE = Course(STEPS, _course, "laps")
CALIBRATION = Calibration(
    error="coverage_error",
    limit="coverage",
    few=lambda rows, confidence: coverage(_inside(rows, SHARES["coverage_80"]), rows, confidence),
    few_name="coverage of the 80 % interval",
    few_unit="coverage",
    target=SHARES["coverage_80"],
    column="80 % interval covers",
    meaning="Of durations with an interval of 80 %, 80 % should end in it; one that was not seen to end counts with the chance that it "
    "does. Fewer is too bold, more too timid; the calibration error is that of the 80 or the 95 % interval, whichever is larger.",
    table=_over_by,
    axes=("share of the curve that is over", "share of durations that are"),
    shows="how much of the curves is over against the share of durations that are",
)
METRICS = by_name(
    Metric("log_loss", "nats", per_block=over_rows(log_loss)),
    CONCORDANCE,
    Metric("median_error", "laps", sums=_errors, statistic=_mean_error),
    *(Metric(name, "share", per_block=over_rows(_covers(share)), target=share) for name, share in SHARES.items()),
    Metric("coverage_error", "share", sums=_coverages, statistic=largest_miss),
)
