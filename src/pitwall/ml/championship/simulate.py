"""Draw the rest of a season many times: every race and sprint to come, points by that season's rules, both titles, ties by countback.

Seasons are drawn some hundred at a time, so that the numbers of a block stay in the processor's cache. The same seed gives the same
answer.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from pitwall.domain.errors import ForecastError
from pitwall.domain.racing.championship.rules import Rules
from pitwall.ml.championship.competition import Block, Competition, Field, Outlook, Rest
from pitwall.ml.championship.drift import DRIFT, Drift
from pitwall.ml.championship.place_curves import BINS, MOST_CARS, bins_of, place_curves
from pitwall.ml.championship.scores import Scores

SEASONS = 500  # drawn at a time
Floats = npt.NDArray[np.float32]
Keys = npt.NDArray[np.int32]


def simulate(
    field: Field,
    rest: Rest,
    rules: Rules,
    drivers: Scores,
    teams: Scores,
    *,
    draws: int,
    seed: int,
    drift: Drift = DRIFT,
) -> tuple[Outlook, Outlook]:
    """Return the outlook of drivers and of constructors.

    Args:
        field: who drives.
        rest: what is left.
        rules: of the season.
        drivers: what drivers have so far.
        teams: what constructors have.
        draws: how many seasons.
        seed: of them.
        drift: how skill moves between races.

    Raises:
        ForecastError: the field has more cars than can be told apart, or chances that are no numbers.
    """
    if len(field.drivers) >= MOST_CARS or not np.isfinite(field.places).all():
        raise ForecastError(
            f"expected at most {MOST_CARS - 1} cars, each with a finite chance of every place; found {len(field.drivers)} cars and "
            f"{int((~np.isfinite(field.places)).sum())} chances that are none. Forecast the next race anew."
        )
    both = (
        Competition(drivers, field.drivers, rest, rules, team=False),
        Competition(teams, field.teams, rest, rules, team=True),
    )
    for block in _drawn(field, rest, draws, seed, drift):
        for each in both:
            each.add(block)
    return both[0].outlook(), both[1].outlook()


def _drawn(field: Field, rest: Rest, draws: int, seed: int, drift: Drift) -> Iterator[Block]:
    rng = np.random.Generator(np.random.SFC64(seed))
    cars, races = len(field.drivers), len(rest.rounds)
    _, team = np.unique(field.teams, return_inverse=True)
    offset = np.arange(cars, dtype=np.int32) * BINS
    curves = place_curves(field.places).ravel()
    luck, limits = np.float32(np.sqrt(1.0 - drift.lasting)), np.cumsum(rest.fastest)
    for start in range(0, draws, SEASONS):
        seasons = min(SEASONS, draws - start)
        skill = _skill(rng, seasons, races, team, drift)
        sprints = _order(rng, skill[:, rest.with_sprint], luck, curves, offset)
        orders = _order(rng, skill, luck, curves, offset)
        yield Block(orders, sprints, np.searchsorted(limits, rng.random((seasons, races)), side="right"))


def _skill(rng: np.random.Generator, seasons: int, races: int, team: npt.NDArray[np.intp], drift: Drift) -> Floats:
    """Return what the forecast of each race does not know of each car: seasons x races x cars."""
    found = np.zeros((seasons, races, len(team)), dtype=np.float32)
    for share, of in ((drift.team, team), (1.0 - drift.team, np.arange(len(team)))):
        count = int(of.max()) + 1
        step = rng.standard_normal((seasons, races, count), dtype=np.float32)
        step[:, 1:] *= np.float32(drift.walk * np.sqrt(share))
        step[:, 0] *= np.float32(np.sqrt(drift.lasting * share))
        for race in range(1, races):  # faster than a cumulative sum along the middle
            step[:, race] += step[:, race - 1]
        found += step[:, :, of]
    return found


def _order(rng: np.random.Generator, skill: Floats, luck: np.float32, curves: Keys, offset: Keys) -> Keys:
    """Return which car comes first, second, ...: the shape of `skill`."""
    numbers = rng.standard_normal(skill.shape, dtype=np.float32)
    numbers *= luck
    numbers += skill
    at = bins_of(numbers)
    at += offset
    keys = curves[at]
    keys.sort(axis=-1)
    keys &= MOST_CARS - 1
    return keys
