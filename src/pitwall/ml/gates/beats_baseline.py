"""Does the model know more than the rule that needs no model? Judged per race, on seasons that it never learned from."""

from __future__ import annotations

from pitwall.domain.refs import Verdict
from pitwall.ml.families.predictions import by_estimator
from pitwall.ml.gates._gate import Candidate, Gate, closed, flat
from pitwall.ml.gates._losses import gain, too_few, unit
from pitwall.ml.templates import Template

NAME = "beats_baseline"


def _check(candidate: Candidate) -> list[Verdict]:
    return [_judge(candidate, template) for template in candidate.templates]


def _judge(candidate: Candidate, template: Template) -> Verdict:
    known = by_estimator(candidate.predictions)
    baseline = template.baseline_at(candidate.stage)
    if baseline not in known:
        reason = f"no predictions of the baseline {baseline}; found {', '.join(known)}. Train again."
        return closed(NAME, reason, template.name)
    found = gain(candidate, template, known[baseline])
    few = too_few(found, candidate.params.gates.min_races)
    reason = (
        f"{few}gains {found.value:+.3f} over {baseline} in {template.loss} "
        f"({found.low:+.3f} to {found.high:+.3f}, {found.n} races)"
    )
    passed = found.low > 0 and not few
    return Verdict(NAME, passed, found.low, 0.0, unit(template), reason, found.detectable, template.name)


GATE = Gate(NAME, "Beats the baseline: the lower bound of the gain is above zero", _check, flat)
