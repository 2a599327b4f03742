"""The evidence that the level of one feature is another one, after each watched race: a process per season, held against the reference.

Every season begins anew with its evidence at 1 and its chance of a false alarm, so that what was found in one is found again in the
next where it is still so. A feature whose own seasons of reference would have raised an alarm, each held against the others, gets a
wider scale until they would not; one that still does is not monitored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pitwall.monitoring.drift.evidence import of_level
from pitwall.monitoring.drift.plan import Plan
from pitwall.monitoring.drift.scale import Flags, Floats, Scale, fitted, innovations

OWN_ALARM = 20.0  # evidence of a season of the reference against the others
WIDER, WIDEST = 1.25, 3.0
RESTLESS = "its own reference would have raised an alarm: season {}, evidence {:.3g}, with {:g} times its scale too"
LEAST = 0.1  # sd of a race mean in sds of cars: who moves less can be told from the reference and means nothing
FEW_SEASONS = 3  # of the reference, below which none can be held against the others


@dataclass(frozen=True)
class Level:
    """What is known of one feature's level.

    Attributes:
        evidence: after each watched race; that of the race before where a race says nothing.
        scale: that it was held against.
        why_not: why it is not monitored; empty where it is.
    """

    evidence: Floats
    scale: Scale
    why_not: str = ""


def level(means: Floats, plan: Plan, sd: float) -> Level:
    """Return the evidence about one feature.

    Args:
        means: of all races of the plan, NaN where no car had a value.
        plan: what they are for.
        sd: of its cars in the reference.
    """
    known = ~np.isnan(means)
    reference = plan.reference & known
    scale = fitted(means[reference], plan.races[reference])
    scale = scale.widened(max(1.0, LEAST * sd / scale.sd))
    scale, why = _settled(scale, means, plan, reference)
    return Level(_evidence(scale, means, plan, known), scale, why)


def _settled(scale: Scale, means: Floats, plan: Plan, reference: Flags) -> tuple[Scale, str]:
    """Return a scale at which no season of the reference raises an alarm, and why there is none."""
    seasons = np.unique(plan.races.season[reference])
    if len(seasons) < FEW_SEASONS:
        return scale, ""
    by, worst = 1.0, (0.0, 0)
    while by <= WIDEST:
        worst = max((_peak(scale.widened(by), means, plan, reference, int(each)), int(each)) for each in seasons)
        if worst[0] < OWN_ALARM:
            return scale.widened(by), ""
        by *= WIDER
    return scale.widened(by), RESTLESS.format(worst[1], worst[0], WIDEST)


def _peak(scale: Scale, means: Floats, plan: Plan, among: Flags, season: int) -> float:
    nothing = np.zeros(len(means), dtype=bool)
    return float(_season(scale, means, plan, among, among & (plan.races.season == season), nothing).max(initial=1.0))


def _evidence(scale: Scale, means: Floats, plan: Plan, known: Flags) -> Floats:
    found = np.full(len(means), np.nan)
    for season in np.unique(plan.races.season[plan.watched]):
        own = plan.watched & known & ~plan.out & (plan.races.season == season)
        first = np.flatnonzero(plan.watched & (plan.races.season == season))[0]
        found[first] = 1.0
        if own.any():
            found[own] = _season(scale, means, plan, (plan.base(int(season)) & known) | own, own, plan.shown)
    return _carried(found[plan.watched])


def _season(  # noqa: PLR0917  (a feature, where it stands, and three choices of races)
    scale: Scale, means: Floats, plan: Plan, among: Flags, own: Flags, shown: Flags
) -> Floats:
    """Return the process of one season's races.

    Args:
        scale: of the reference.
        means: of all races.
        plan: where they stand.
        among: races that count, the season's own ones among them.
        own: those of the season.
        shown: those on which nothing is bet.
    """
    order = np.argsort(own[among], kind="stable")  # the season behind what it is held against, whenever it was
    found, responses = innovations(scale, means[among][order], plan.races[among][order], own[among][order])
    return of_level(found, responses, shown[own])


def _carried(values: npt.NDArray[np.float64]) -> Floats:
    """Return values, in place of each NaN the one before."""
    last = np.maximum.accumulate(np.where(np.isnan(values), 0, np.arange(len(values))))
    return np.asarray(values[last])
