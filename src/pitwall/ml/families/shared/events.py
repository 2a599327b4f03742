"""Events that come true or do not, each with a probability: scores per race, calibration over many rows.

Rows have race_id, `probability` and `label` (bool). A race is the unit of everything that is compared, so scores are computed per race
and then averaged. Calibration is a property of many rows together.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd

from pitwall.domain.numbers import Interval
from pitwall.ml.families._family import Calibration, Metric
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks, race_blocks

FLOOR = 1e-9  # a probability below this costs 20.7 nats and no more
BINS = 10
CONFIDENCE = 0.95


def scored(answer: pd.Series, _predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the column that metrics of events read."""
    return answer.to_frame("probability")


def percent(value: float, _unit: str = "") -> str:
    """Return a probability in percent with one decimal."""
    return f"{100 * value:.1f} %"


def padded(rows: pd.DataFrame, blocks: RaceBlocks) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities and labels, races x width; 0 and False where there is no row."""
    p = blocks.pad(rows["probability"].to_numpy(dtype=np.float64), 0.0)
    true = blocks.mask & blocks.pad(rows["label"].to_numpy(dtype=bool), False).astype(bool)
    return p, true


def _brier(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    p, true = padded(rows, blocks)
    error = np.where(blocks.mask, (p - true) ** 2, 0.0)
    return np.asarray(error.sum(axis=1) / blocks.mask.sum(axis=1))


# A Brier score per row is about a tenth of a log loss per race: the same share of the margin is allowed.
BRIER = Metric("brier", "brier", per_block=_brier, margin_share=0.1)


def calibration_table(probability: np.ndarray, label: np.ndarray, bins: int = BINS) -> pd.DataFrame:
    """Return one row per equal-width bin: low, high, n, mean forecast, observed share and its 95 % Wilson band."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    which = np.clip(np.digitize(probability, edges[1:-1], right=False), 0, bins - 1)
    n = np.bincount(which, minlength=bins).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        forecast = np.bincount(which, probability, minlength=bins) / n
        observed = np.bincount(which, label.astype(np.float64), minlength=bins) / n
        band_low, band_high = wilson(observed, n)
    return pd.DataFrame(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "n": n.astype(np.int64),
            "forecast": forecast,
            "observed": observed,
            "band_low": band_low,
            "band_high": band_high,
        }
    )


def wilson(share: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % Wilson band of shares of n."""
    centre = (share + 1.92 / n) / (1 + 3.84 / n)
    half = 1.96 * np.sqrt(share * (1 - share) / n + 0.96 / n**2) / (1 + 3.84 / n)
    return centre - half, centre + half


def ece(probability: np.ndarray, label: np.ndarray, bins: int = BINS) -> float:
    """Return the expected calibration error: mean |observed - forecast| over equal-width bins, weighted by cars."""
    table = calibration_table(probability, label, bins)
    filled = table[table["n"] > 0]
    return float((filled["n"] * (filled["observed"] - filled["forecast"]).abs()).sum() / filled["n"].sum())


def _error_sums(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
    """Return per race the sum of label - probability in each bin, and the number of its rows."""
    probability = rows["probability"].to_numpy(dtype=np.float64)
    which = np.clip((probability * BINS).astype(np.int64), 0, BINS - 1)
    sums = np.zeros((blocks.count, BINS + 1))
    np.add.at(sums, (blocks.race, which), rows["label"].to_numpy().astype(np.float64) - probability)
    sums[:, BINS] = np.bincount(blocks.race, minlength=blocks.count)
    return sums


def _ece_of_sums(sums: np.ndarray, _races: int) -> np.ndarray:
    return np.asarray(np.abs(sums[:, :-1]).sum(axis=1) / sums[:, -1])


ECE = Metric("ece", "ECE", sums=_error_sums, statistic=_ece_of_sums)


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
    blocks = race_blocks(race)
    scores = np.zeros((blocks.count, 2))
    np.add.at(scores, blocks.race, design * (y - fitted)[:, None])
    adjust = blocks.count / max(blocks.count - 1, 1)
    error = float(np.sqrt((bread @ (scores.T @ scores) @ bread * adjust)[1, 1]))
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * error
    return Interval(float(beta[1]), float(beta[1]) - half, float(beta[1]) + half, blocks.count)


def _slope(rows: pd.DataFrame, confidence: float) -> Interval:
    race, p, y = (rows[name].to_numpy() for name in ("race_id", "probability", "label"))
    return calibration_slope(race, p, y, confidence)


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    return calibration_table(rows["probability"].to_numpy(), rows["label"].to_numpy())


CALIBRATION = Calibration(
    error="ece",
    limit="ece",
    few=_slope,
    few_name="calibration slope",
    few_unit="slope",
    target=1.0,
    column="slope",
    meaning="Of events forecast at 30 %, 30 % should happen. Slope 1 is calibrated, below 1 too bold, above 1 too timid.",
    table=_table,
)
