"""How skill moves between races, and how wrong a forecast may be of a whole season: the numbers that no single race tells.

A race's forecast errs in one direction all season long where it takes a car for slower than it is, so a share of each race's luck is the
same in all of them (`lasting`); beyond it skill walks at random from race to race (`walk`), which widens later races. Half of both is the
car's, shared by team-mates, and half the driver's.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Drift:
    """How skill moves, in standard deviations of one race's luck.

    Attributes:
        lasting: share of the variance of a race that all races to come have in common.
        walk: standard deviation of the step between two races.
        team: share of both that team-mates have in common.
    """

    lasting: float
    walk: float
    team: float = 0.5


DRIFT = Drift(lasting=0.05, walk=0.1)
"""Chosen by the log loss of both titles over the seasons 1980 to 2004 (docs/championship.md#drift): `python studies/championship.py --choose`."""
