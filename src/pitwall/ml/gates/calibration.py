"""Do events forecast at 30 % happen in 30 % of cases? By the calibration error where cars abound, else by the slope.

With few rows the calibration error is mostly noise; the slope of the outcome on the forecast's logit uses all of them.
A model that answers k templates must hold k slopes at once, and a truthful one would fail one of three 95 % intervals
far too often. So the family of slopes shares the level: each interval is one at 1 - (1 - confidence) / k (Bonferroni).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from pitwall.domain.refs import Verdict
from pitwall.ml.evaluation.bootstrap import CONFIDENCE, POWER_Z, Interval
from pitwall.ml.evaluation.metrics import calibration_slope, ece_interval
from pitwall.ml.evaluation.scoring import scored
from pitwall.ml.gates._gate import Candidate, Gate, saying
from pitwall.ml.templates import Template

NAME = "calibration"


@dataclass(frozen=True)
class Family:
    """Intervals that must hold together with a confidence: `size` of them, each at the level `each`."""

    size: int
    confidence: float

    @property
    def each(self) -> float:
        """The level of one interval, so that all of them hold together at the family's level."""
        return 1 - (1 - self.confidence) / self.size


def _check(candidate: Candidate) -> list[Verdict]:
    return [_judge(candidate, template) for template in candidate.templates]


def _judge(candidate: Candidate, template: Template) -> Verdict:
    rows = scored(template, candidate.own, candidate.tables)
    race, p, y = (rows[name].to_numpy() for name in ("race_id", "probability", "label"))
    if len(rows) >= candidate.params.gates.ece_min_rows:
        return _by_error(candidate, template, race, p, y)
    family = Family(len(candidate.templates), candidate.params.gates.confidence)
    return _by_slope(template, calibration_slope(race, p, y, family.each), len(rows), family)


def _by_error(candidate: Candidate, template: Template, race: np.ndarray, p: np.ndarray, y: np.ndarray) -> Verdict:
    limits = candidate.params.gates
    found = ece_interval(race, p, y, limits.bootstrap_draws, candidate.params.seed)
    reason = f"calibration error {found.value:.4f} ({found.low:.4f} to {found.high:.4f}) over {len(p)} cars"
    seen, passed = _detectable(found, CONFIDENCE), found.value <= limits.ece
    return Verdict(NAME, passed, found.value, limits.ece, "ECE", reason, seen, template.name)


def _by_slope(template: Template, found: Interval, rows: int, family: Family) -> Verdict:
    level = f"{100 * family.each:.1f} % interval, {100 * family.confidence:g} % for {family.size} templates together"
    held = f"{found.low:.2f} to {found.high:.2f} must hold 1"
    reason = f"calibration slope {found.value:.2f} over {rows} cars; {held} ({level})"
    passed = found.low <= 1.0 <= found.high
    return Verdict(NAME, passed, found.value, 1.0, "slope", reason, _detectable(found, family.each), template.name)


def _detectable(found: Interval, confidence: float) -> float:
    """Return the smallest effect that an interval of this confidence sees four times out of five."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    return (z + POWER_Z) / z * (found.high - found.low) / 2


def _bold(places: np.ndarray) -> np.ndarray:
    cubed = places**3
    return np.asarray(cubed / cubed.sum(axis=1, keepdims=True))


GATE = Gate(
    NAME, "Calibrated: small calibration error, or a slope that may be 1", _check, lambda good: saying(good, _bold)
)
