"""Numbers that are told by quantiles: how far the median lies off, how good the whole distribution is, how often it covers.

`levels` names the columns of a family's quantiles, {column: level} from the lowest to the highest, the median among them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pitwall.domain.numbers import Interval
from pitwall.ml.families._family import Calibration, Metric, by_name
from pitwall.ml.families.shared.events import wilson
from pitwall.ml.families.shared.rows import OfRows, over_rows
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks, race_blocks

Levels = Mapping[str, float]
SHARES = {"coverage_80": 0.8, "coverage_95": 0.95}  # of numbers that a central interval should hold


def metrics(levels: Levels, unit: str) -> dict[str, Metric]:
    """Return the scores of a number: mae, crps, coverage_80, coverage_95, coverage_error.

    Args:
        levels: see above.
        unit: of the number.
    """
    ends = {name: _ends(levels, share) for name, share in SHARES.items()}
    median = _column(levels, 0.5)

    def absolute(rows: pd.DataFrame) -> np.ndarray:
        """Return how far the median lies off: the answer that makes this error smallest."""
        return np.asarray((rows[median] - rows["label"]).abs(), dtype=np.float64)

    def crps(rows: pd.DataFrame) -> np.ndarray:
        return pinball(rows[list(levels)].to_numpy(dtype=np.float64), levels, rows["label"].to_numpy(dtype=np.float64))

    def sums(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
        quantities = [*(inside(rows, *each) for each in ends.values()), np.ones(len(rows))]
        return np.column_stack([np.bincount(blocks.race, values, minlength=blocks.count) for values in quantities])

    return by_name(
        Metric("mae", unit, per_block=over_rows(absolute), margin_share=0.1),
        Metric("crps", unit, per_block=over_rows(crps), margin_share=0.1),
        *(
            Metric(name, "share", per_block=over_rows(_covers(*ends[name])), target=share)
            for name, share in SHARES.items()
        ),
        Metric("coverage_error", "share", sums=sums, statistic=largest_miss),
    )


def calibration(levels: Levels) -> Calibration:
    """Return how the calibration of a number is judged: by how often its intervals hold it."""
    low, high = _ends(levels, SHARES["coverage_80"])
    return Calibration(
        error="coverage_error",
        limit="coverage",
        few=lambda rows, confidence: coverage(inside(rows, low, high), rows, confidence),
        few_name="coverage of the 80 % interval",
        few_unit="coverage",
        target=SHARES["coverage_80"],
        column="80 % interval covers",
        meaning="Of numbers with an interval of 80 %, 80 % should lie in it. Fewer is too bold, more too timid; the calibration error "
        "is that of the 80 or the 95 % interval, whichever is larger.",
        table=lambda rows: _below(rows, levels),
        axes=("level of the quantile", "share of numbers below it"),
        shows="levels of the quantiles against the share of numbers below them",
    )


def pinball(quantiles: np.ndarray, levels: Levels, value: np.ndarray) -> np.ndarray:
    """Return twice the mean pinball loss over the quantiles, weighted by the share of levels that each stands for.

    With all levels that is the continuous ranked probability score, in the unit of the number.

    Args:
        quantiles: rows x levels.
        levels: see above.
        value: what came true, one per row.
    """
    level = np.array(list(levels.values()))
    middle = (level[1:] + level[:-1]) / 2
    weights = np.diff(np.concatenate([[0.0], middle, [1.0]]))
    error = value[:, None] - quantiles
    return np.asarray(2 * (np.maximum(level * error, (level - 1) * error) * weights).sum(axis=1))


def inside(rows: pd.DataFrame, low: str, high: str) -> np.ndarray:
    """Return 1.0 where the number lies between two quantiles, else 0.0."""
    return np.asarray(rows["label"].between(rows[low], rows[high]).to_numpy(dtype=np.float64))


def _ends(levels: Levels, share: float) -> tuple[str, str]:
    """Return the columns between which the middle share of numbers should lie."""
    return _column(levels, (1 - share) / 2), _column(levels, (1 + share) / 2)


def _column(levels: Levels, level: float) -> str:
    return min(levels, key=lambda name: abs(levels[name] - level))


def _covers(low: str, high: str) -> OfRows:
    return lambda rows: inside(rows, low, high)


def largest_miss(sums: np.ndarray, _races: int) -> np.ndarray:
    """Return how far the worse of the central intervals covers more or less than it says."""
    covered = sums[:, :-1] / sums[:, -1:]
    return np.asarray(np.abs(covered - np.array(list(SHARES.values()))).max(axis=1))


def coverage(hits: np.ndarray, rows: pd.DataFrame, confidence: float) -> Interval:
    """Return how often an interval covers, with an interval robust to races (ratio of sums over races).

    Args:
        hits: 1.0 where it covers, else 0.0; between them where that is known with a chance only.
        rows: with `race_id`.
        confidence: of the interval.
    """
    from scipy.special import ndtri

    blocks = race_blocks(rows["race_id"].to_numpy())
    hit = np.bincount(blocks.race, hits, minlength=blocks.count)
    size = blocks.mask.sum(axis=1)
    share = float(hit.sum() / size.sum())
    residual = hit - share * size
    adjust = blocks.count / max(blocks.count - 1, 1)
    half = float(ndtri(0.5 + confidence / 2) * np.sqrt(adjust * (residual**2).sum()) / size.sum())
    return Interval(share, share - half, share + half, blocks.count)


def _below(rows: pd.DataFrame, levels: Levels) -> pd.DataFrame:
    """Return how often the number lies below each quantile, beside how often it should."""
    level, n = np.array(list(levels.values())), np.full(len(levels), float(len(rows)))
    below = rows[list(levels)].to_numpy(dtype=np.float64) >= rows["label"].to_numpy(dtype=np.float64)[:, None]
    observed = below.mean(axis=0)
    band_low, band_high = wilson(observed, n)
    columns = {"low": level, "high": level, "n": n.astype(np.int64), "forecast": level, "observed": observed}
    return pd.DataFrame({**columns, "band_low": band_low, "band_high": band_high})
