"""Scores of answers about a number: how far the mean lies off, how good the whole distribution is, how often it covers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from pitwall.domain.numbers import Interval
from pitwall.ml.families._family import Calibration, Metric, by_name
from pitwall.ml.families.shared.events import wilson
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks, race_blocks

MEAN, MEDIAN = "mean", "q50"
QUANTILES = {
    "q025": 0.025, "q05": 0.05, "q10": 0.1, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q90": 0.9, "q95": 0.95, "q975": 0.975,
}  # fmt: skip
COLUMNS = (MEAN, *QUANTILES)
CENTRAL = {"coverage_80": (0.8, "q10", "q90"), "coverage_95": (0.95, "q025", "q975")}


def _over_rows(of_rows: Callable[[pd.DataFrame], np.ndarray]) -> Callable[[pd.DataFrame, RaceBlocks], np.ndarray]:
    """Return the mean over the rows of each race of a value per row."""

    def per_block(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
        total = np.bincount(blocks.race, of_rows(rows), minlength=blocks.count)
        return np.asarray(total / blocks.mask.sum(axis=1))

    return per_block


def _absolute(rows: pd.DataFrame) -> np.ndarray:
    """Return how far the median lies off: the answer that makes this error smallest."""
    return np.asarray((rows[MEDIAN] - rows["label"]).abs(), dtype=np.float64)


def _crps(rows: pd.DataFrame) -> np.ndarray:
    """Return twice the mean pinball loss over the quantiles, weighted by the share of levels that each stands for.

    With all levels that is the continuous ranked probability score, in the unit of the number.
    """
    levels = np.array(list(QUANTILES.values()))
    middle = (levels[1:] + levels[:-1]) / 2
    weights = np.diff(np.concatenate([[0.0], middle, [1.0]]))
    y = rows["label"].to_numpy(dtype=np.float64)[:, None]
    error = y - rows[list(QUANTILES)].to_numpy(dtype=np.float64)
    return np.asarray(2 * (np.maximum(levels * error, (levels - 1) * error) * weights).sum(axis=1))


def inside(rows: pd.DataFrame, low: str, high: str) -> np.ndarray:
    """Return 1.0 where the number lies between two quantiles, else 0.0."""
    return np.asarray(rows["label"].between(rows[low], rows[high]).to_numpy(dtype=np.float64))


def _covers(low: str, high: str) -> Callable[[pd.DataFrame], np.ndarray]:
    return lambda rows: inside(rows, low, high)


def _coverage_sums(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    quantities = [*(inside(rows, low, high) for _, low, high in CENTRAL.values()), np.ones(len(rows))]
    return np.column_stack([np.bincount(blocks.race, values, minlength=blocks.count) for values in quantities])


def _largest_miss(sums: np.ndarray, _races: int) -> np.ndarray:
    """Return how far the worse of the central intervals covers more or less than it says."""
    covered = sums[:, :-1] / sums[:, -1:]
    return np.asarray(np.abs(covered - np.array([level for level, _, _ in CENTRAL.values()])).max(axis=1))


def _coverage(rows: pd.DataFrame, confidence: float) -> Interval:
    """Return how often the 80 % interval covers, with an interval robust to races (ratio of sums over races)."""
    from scipy.special import ndtri

    _, low, high = CENTRAL["coverage_80"]
    blocks = race_blocks(rows["race_id"].to_numpy())
    hit = np.bincount(blocks.race, inside(rows, low, high), minlength=blocks.count)
    size = blocks.mask.sum(axis=1)
    share = float(hit.sum() / size.sum())
    residual = hit - share * size
    adjust = blocks.count / max(blocks.count - 1, 1)
    half = float(ndtri(0.5 + confidence / 2) * np.sqrt(adjust * (residual**2).sum()) / size.sum())
    return Interval(share, share - half, share + half, blocks.count)


def _levels(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how often the number lies below each quantile, beside how often it should."""
    level, n = np.array(list(QUANTILES.values())), np.full(len(QUANTILES), float(len(rows)))
    below = rows[list(QUANTILES)].to_numpy(dtype=np.float64) >= rows["label"].to_numpy(dtype=np.float64)[:, None]
    observed = below.mean(axis=0)
    band_low, band_high = wilson(observed, n)
    columns = {"low": level, "high": level, "n": n.astype(np.int64), "forecast": level, "observed": observed}
    return pd.DataFrame({**columns, "band_low": band_low, "band_high": band_high})


METRICS = by_name(
    Metric("mae", "s", per_block=_over_rows(_absolute), margin_share=0.1),
    Metric("crps", "s", per_block=_over_rows(_crps), margin_share=0.1),
    *(
        Metric(name, "share", per_block=_over_rows(_covers(low, high)), target=level)
        for name, (level, low, high) in CENTRAL.items()
    ),
    Metric("coverage_error", "share", sums=_coverage_sums, statistic=_largest_miss),
)
CALIBRATION = Calibration(
    error="coverage_error",
    limit="coverage",
    few=_coverage,
    few_name="coverage of the 80 % interval",
    few_unit="coverage",
    target=CENTRAL["coverage_80"][0],
    column="80 % interval covers",
    meaning="Of numbers with an interval of 80 %, 80 % should lie in it. Fewer is too bold, more too timid; the calibration error "
    "is that of the 80 or the 95 % interval, whichever is larger.",
    table=_levels,
    axes=("level of the quantile", "share of numbers below it"),
    shows="levels of the quantiles against the share of numbers below them",
)
