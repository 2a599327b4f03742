"""Is the candidate proven worse in some kind of race? Openers, first races, sprints, rain and streets, each apart.

A few dozen races cannot prove that a model is as good in each kind, so this gate asks the other way round: it refuses
where the loss is *shown* to exceed the margin. All kinds and templates share the level (Bonferroni), so that a candidate
that is nowhere worse is refused by luck in at most 1 - confidence of cases. A kind with few races is named, not judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.domain.refs import Verdict
from pitwall.ml.evaluation.slices import OPENING, Slice, race_slices
from pitwall.ml.families.predictions import by_estimator
from pitwall.ml.gates._gate import Candidate, Gate, Standing, closed, saying
from pitwall.ml.gates._losses import Mean, gains, margin_of, mean_over_races, same_races, unit
from pitwall.ml.templates import Template

NAME = "slices"
JUDGED = {
    ("season", "opener"),
    ("season", f"first {OPENING} races"),
    ("weekend", "sprint"),
    ("weather", "wet"),
    ("track", "street"),
}


@dataclass(frozen=True)
class Opponent:
    """Whom the candidate is compared with, and by how much it may lose to it."""

    name: str
    predictions: pd.DataFrame


def _check(candidate: Candidate) -> list[Verdict]:
    kinds = judged_slices(candidate)
    return [_judge(candidate, template, kinds) for template in candidate.templates]


def judged_slices(candidate: Candidate) -> list[Slice]:
    """Return the kinds of held-out races that are looked at; those with too few races are among them."""
    races = {int(race) for race in candidate.own["race_id"]}
    return [each for each in race_slices(candidate.tables, races) if (each.kind, each.name) in JUDGED]


def slice_gains(candidate: Candidate, template: Template, kinds: list[Slice]) -> tuple[str, dict[str, np.ndarray]]:
    """Return whom the candidate is compared with and its gain on each race of each kind; nobody: an empty name."""
    other = opponent(candidate, template)
    if other is None:
        return "", {}
    by_race = gains(candidate, template, other.predictions)
    return other.name, {kind.name: by_race[by_race.index.isin(kind.races)].to_numpy() for kind in kinds}


def opponent(candidate: Candidate, template: Template) -> Opponent | None:
    """Return the champion if it is another model and predicted these races, else the baseline to beat."""
    champion = candidate.champion
    if champion is not None and _can_be_met(candidate, champion):
        return Opponent(f"version {champion.version}", champion.predictions)
    name = template.baseline_at(candidate.stage)
    known = by_estimator(candidate.predictions)
    return Opponent(name, known[name]) if name in known else None


def _can_be_met(candidate: Candidate, champion: Standing) -> bool:
    if champion.content == candidate.content:
        return False
    return not same_races(candidate, champion.predictions)[0].empty


def _judge(candidate: Candidate, template: Template, kinds: list[Slice]) -> Verdict:
    other, found = slice_gains(candidate, template, kinds)
    if not other:
        return closed(NAME, "neither champion nor baseline predicted these races; train again", template.name)
    least = candidate.params.gates.slice_races
    few = ", ".join(f"{name} ({len(gain)})" for name, gain in found.items() if len(gain) < least)
    left_out = f"; fewer than {least} races, not judged: {few}" if few else ""
    judged = {name: gain for name, gain in found.items() if len(gain) >= least}
    return _verdict(candidate, template, other, judged, left_out)


def _verdict(
    candidate: Candidate, template: Template, other: str, judged: Mapping[str, np.ndarray], left_out: str
) -> Verdict:
    limits = candidate.params.gates
    limit = margin_of(template, limits.margin)
    if not judged:
        return Verdict(NAME, True, None, -limit, unit(template), f"no kind of race to judge{left_out}")
    tail = (1 - limits.confidence) / (len(judged) * len(candidate.templates))
    means = {name: mean_over_races(gain, tail) for name, gain in judged.items()}
    worst = min(means, key=lambda name: means[name].high)
    lowest = means[worst]
    reason = (
        f"worst is {worst}, where it gains at most {lowest.high:+.3f} (one-sided {100 * (1 - tail):.2f} % bound); "
        f"gains over {other}: {_told(means)}{left_out}"
    )
    seen, passed = limit + lowest.detectable, lowest.high >= -limit
    return Verdict(NAME, passed, lowest.high, -limit, unit(template), reason, seen, template.name)


def _told(means: Mapping[str, Mean]) -> str:
    return ", ".join(f"{name} {mean.value:+.3f} ({mean.n} races)" for name, mean in means.items())


def _blind_at_first(good: Candidate) -> Candidate:
    """Be wrong, and sure of it, in a season's first races."""
    first = (good.own["round"] <= OPENING).to_numpy()[:, None]
    turned = good.definition.answers.faults.turned
    return saying(good, lambda said: np.where(first, turned(said), said))


GATE = Gate(NAME, "In no kind of race shown to be worse by more than the margin", _check, _blind_at_first)
