"""Do events forecast at 30 % happen in 30 % of cases? By the calibration error where cars abound, else by the slope.

With few rows the calibration error is mostly noise; the slope of the outcome on the forecast's logit uses all of them.
"""

from __future__ import annotations

import numpy as np

from pitwall.domain.refs import Verdict
from pitwall.ml.bootstrap import Interval
from pitwall.ml.gates._gate import Candidate, Gate, saying
from pitwall.ml.judging import scored
from pitwall.ml.metrics import calibration_slope, ece_interval
from pitwall.ml.templates import Template

NAME = "calibration"
POWER = 2.8 / 1.96  # (z of 97.5 % + z of 80 %) over z of 97.5 %: half an interval -> smallest detectable effect


def _check(candidate: Candidate) -> list[Verdict]:
    return [_judge(candidate, template) for template in candidate.templates]


def _judge(candidate: Candidate, template: Template) -> Verdict:
    rows = scored(template, candidate.own, candidate.tables)
    race, p, y = (rows[name].to_numpy() for name in ("race_id", "probability", "label"))
    if len(rows) >= candidate.params.gates.ece_min_rows:
        return _by_error(candidate, template, race, p, y)
    return _by_slope(template, calibration_slope(race, p, y), len(rows))


def _by_error(candidate: Candidate, template: Template, race: np.ndarray, p: np.ndarray, y: np.ndarray) -> Verdict:
    limits = candidate.params.gates
    found = ece_interval(race, p, y, limits.bootstrap_draws, candidate.params.seed)
    reason = f"calibration error {found.value:.4f} ({found.low:.4f} to {found.high:.4f}) over {len(p)} cars"
    return Verdict(
        NAME, found.value <= limits.ece, found.value, limits.ece, "ECE", reason, _detectable(found), template.name
    )


def _by_slope(template: Template, found: Interval, rows: int) -> Verdict:
    reason = f"calibration slope {found.value:.2f} ({found.low:.2f} to {found.high:.2f}) over {rows} cars must hold 1"
    passed = found.low <= 1.0 <= found.high
    return Verdict(NAME, passed, found.value, 1.0, "slope", reason, _detectable(found), template.name)


def _detectable(found: Interval) -> float:
    return POWER * (found.high - found.low) / 2


def _bold(places: np.ndarray) -> np.ndarray:
    cubed = places**3
    return np.asarray(cubed / cubed.sum(axis=1, keepdims=True))


GATE = Gate(
    NAME, "Calibrated: small calibration error, or a slope that may be 1", _check, lambda good: saying(good, _bold)
)
