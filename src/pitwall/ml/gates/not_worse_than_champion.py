"""May the candidate replace the model that answers now? It may lose to it by less than a stated margin.

The champion may be a baseline. A champion that predicted none of these races belongs to other data (the source was
switched): there is nothing to compare, which is said, and the baseline gate alone decides.
"""

from __future__ import annotations

from dataclasses import replace

from pitwall.domain.refs import Verdict
from pitwall.ml.gates._gate import Candidate, Gate, Standing, flat
from pitwall.ml.gates._losses import gain, margin_of, same_races, too_few, unit
from pitwall.ml.templates import Template

NAME = "not_worse_than_champion"


def _check(candidate: Candidate) -> list[Verdict]:
    champion = candidate.champion
    if champion is None:
        return [_waived(candidate, "there is no champion yet")]
    if champion.content == candidate.content:
        return [_waived(candidate, f"the champion, version {champion.version}, has the same content")]
    if same_races(candidate, champion.predictions)[0].empty:
        return [
            _waived(candidate, f"the champion, version {champion.version}, predicted none of these races: other data")
        ]
    return [_judge(candidate, template, champion) for template in candidate.templates]


def _waived(candidate: Candidate, reason: str) -> Verdict:
    return Verdict(NAME, True, None, candidate.params.gates.margin, "nats", reason)


def _judge(candidate: Candidate, template: Template, champion: Standing) -> Verdict:
    found = gain(candidate, template, champion.predictions)
    limits = candidate.params.gates
    worst = -found.low
    few = too_few(found, limits.min_races)
    reason = (
        f"{few}loses at most {worst:.3f} to version {champion.version} in {template.loss} "
        f"(gain {found.value:+.3f}, {found.low:+.3f} to {found.high:+.3f}, {found.n} races)"
    )
    margin = margin_of(template, limits.margin)
    passed = worst < margin and not few
    return Verdict(NAME, passed, worst, margin, unit(template), reason, found.detectable, template.name)


def _dethroned(good: Candidate) -> Candidate:
    champion = Standing(1, f"not {good.content}", good.own)
    return replace(flat(good), champion=champion)


GATE = Gate(
    NAME,
    "Not worse than the champion: the upper bound of the loss to it is below the margin",
    _check,
    _dethroned,
    of_version=True,
)
