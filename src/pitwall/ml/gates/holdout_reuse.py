"""Was the gain found by trying often enough? The held-out seasons are opened a counted number of times.

Of many candidates scored on the same seasons the best one looks good by luck. All that were ever scored share the level
of the baseline gate (Bonferroni), so the more often the seasons were opened the more a gain has to show. With one
candidate this asks what the baseline gate asks, by Student's t.
"""

from __future__ import annotations

from dataclasses import replace

from pitwall.domain.refs import Verdict
from pitwall.ml.families.predictions import by_estimator
from pitwall.ml.gates._gate import Candidate, Gate, closed, flat
from pitwall.ml.gates._losses import gains, mean_over_races, unit
from pitwall.ml.templates import Template

NAME = "holdout_reuse"


def _check(candidate: Candidate) -> list[Verdict]:
    if not candidate.openings:
        return [closed(NAME, "nobody counted how often the held-out seasons were scored; train again")]
    return [_judge(candidate, template, candidate.openings) for template in candidate.templates]


def _judge(candidate: Candidate, template: Template, openings: int) -> Verdict:
    known, baseline = by_estimator(candidate.predictions), template.baseline_at(candidate.stage)
    if baseline not in known:
        return closed(NAME, f"no predictions of the baseline {baseline}; train again", template.name)
    each = (1 - candidate.params.gates.confidence) / openings
    found = mean_over_races(gains(candidate, template, known[baseline]).to_numpy(), each / 2)
    seasons = sorted(set(candidate.own["season"]))
    reason = (
        f"seasons {seasons[0]} to {seasons[-1]} opened {openings} time{'s' if openings > 1 else ''}; at the level that "
        f"these share ({100 * (1 - each):.2f} %) it gains at least {found.low:+.3f} over {baseline} ({found.n} races)"
    )
    return Verdict(NAME, found.low > 0, found.low, 0.0, unit(template), reason, found.detectable, template.name)


def _lucky(good: Candidate) -> Candidate:
    return replace(flat(good), openings=1000)


GATE = Gate(NAME, "The gain is no luck of many tries: it holds at the level that all openings share", _check, _lucky)
