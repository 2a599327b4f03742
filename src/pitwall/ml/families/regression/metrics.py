"""Scores of answers about a number: how far the median lies off, how good the whole distribution is, how often it covers."""

from __future__ import annotations

from pitwall.ml.families.shared import quantiles

MEAN, MEDIAN = "mean", "q50"
QUANTILES = {
    "q025": 0.025, "q05": 0.05, "q10": 0.1, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q90": 0.9, "q95": 0.95, "q975": 0.975,
}  # fmt: skip
COLUMNS = (MEAN, *QUANTILES)
METRICS = quantiles.metrics(QUANTILES, "s")
CALIBRATION = quantiles.calibration(QUANTILES)
