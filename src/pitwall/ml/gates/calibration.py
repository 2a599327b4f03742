"""Do events forecast at 30 % happen in 30 % of cases? By the calibration error where rows abound, else by a number that must hold.

With few rows the calibration error is mostly noise; the slope of the outcome on the forecast's logit (for numbers: how often the
80 % interval covers) uses all of them. A model that answers k templates must hold k of them at once, and a truthful one would fail
one of three 95 % intervals far too often. So they share the level: each interval is one at 1 - (1 - confidence) / k (Bonferroni).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import pandas as pd

from pitwall.domain.numbers import Interval
from pitwall.domain.refs import Verdict
from pitwall.ml.evaluation.bootstrap import CONFIDENCE, POWER_Z
from pitwall.ml.evaluation.scoring import metric_of, pooled, scored
from pitwall.ml.families import Calibration
from pitwall.ml.gates._gate import Candidate, Gate, saying
from pitwall.ml.templates import Template

NAME = "calibration"


@dataclass(frozen=True)
class Together:
    """Intervals that must hold together with a confidence: `size` of them, each at the level `each`."""

    size: int
    confidence: float

    @property
    def each(self) -> float:
        """The level of one interval, so that all of them hold together at the common level."""
        return 1 - (1 - self.confidence) / self.size


def _check(candidate: Candidate) -> list[Verdict]:
    return [_judge(candidate, template) for template in candidate.templates]


def _judge(candidate: Candidate, template: Template) -> Verdict:
    rows, how = scored(template, candidate.own, candidate.tables), candidate.definition.answers.calibration
    if len(rows) >= candidate.params.gates.ece_min_rows:
        return _by_error(candidate, template, rows, how)
    return _by_interval(candidate, template, rows, how)


def _by_error(candidate: Candidate, template: Template, rows: pd.DataFrame, how: Calibration) -> Verdict:
    limits, metric = candidate.params.gates, metric_of(template, how.error)
    limit = float(getattr(limits, how.limit))
    found = pooled(metric, rows, limits.bootstrap_draws, candidate.params.seed)
    many = f"{len(rows)} {candidate.definition.kind.nouns[1]}"
    reason = f"calibration error {found.value:.4f} ({found.low:.4f} to {found.high:.4f}) over {many}"
    seen, passed = _detectable(found, CONFIDENCE), found.value <= limit
    return Verdict(NAME, passed, found.value, limit, metric.unit, reason, seen, template.name)


def _by_interval(candidate: Candidate, template: Template, rows: pd.DataFrame, how: Calibration) -> Verdict:
    together = Together(len(candidate.templates), candidate.params.gates.confidence)
    found = how.few(rows, together.each)
    level = (
        f"{100 * together.each:.1f} % interval, {100 * together.confidence:g} % for {together.size} templates together"
    )
    held = f"{found.low:.2f} to {found.high:.2f} must hold {how.target:g}"
    many = f"{len(rows)} {candidate.definition.kind.nouns[1]}"
    reason = f"{how.few_name} {found.value:.2f} over {many}; {held} ({level})"
    passed = found.low <= how.target <= found.high
    seen = _detectable(found, together.each)
    return Verdict(NAME, passed, found.value, how.target, how.few_unit, reason, seen, template.name)


def _detectable(found: Interval, confidence: float) -> float:
    """Return the smallest effect that an interval of this confidence sees four times out of five."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    return (z + POWER_Z) / z * (found.high - found.low) / 2


def _bold(good: Candidate) -> Candidate:
    return saying(good, good.definition.answers.faults.bold)


GATE = Gate(NAME, "Calibrated: small calibration error, or a slope that may be 1", _check, _bold)
