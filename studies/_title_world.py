"""Invented seasons whose truth is known: what a calibrated forecaster of single races says, and who takes the title.

Ten teams of two cars. Strength, in nats of the reversed Plackett-Luce model, is a team's plus a driver's, and walks at random between
races; cars drop out at the same rate. The forecaster has measured strengths with an error, the smaller the more races were run, and says
of the next race what a Bayesian would: the chances averaged over all strengths that fit. Races are drawn by that model's own waiting
times, not by the simulation that is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pitwall.domain.racing.championship.rules import UNIT, Rules, rules_of
from pitwall.ml.championship.competition import Field, Rest
from pitwall.ml.championship.drift import Drift
from pitwall.ml.championship.scores import Scores
from pitwall.ml.championship.standings import title_shares, totals
from pitwall.ml.families.order.elimination import survival_probabilities

TEAMS, CARS, RACES, SEASON = 10, 20, 16, 2018
TEAM_SD, DRIVER_SD = 0.8, 0.35  # nats
STEP = 0.08  # of the team's strength between two races, half of it for the driver's
ERROR, LEARNED = 0.45, 4.0  # of a measured strength before the season; halved in variance after so many races
DROP = 0.12
LUCK = np.pi**2 / 6  # variance of the logarithm of a waiting time: of one race's luck, in nats
POSTERIOR = 40  # strengths that fit, over which the forecaster averages
MOMENTS = (0, 4, 8, 12)


@dataclass(frozen=True)
class Invented:
    """A season after some races: what is known of the cars, who took the titles (ids by kind), and how skill really drifts."""

    number: int
    after: int
    field: Field
    rest: Rest
    rules: Rules
    drivers: Scores
    teams: Scores
    champions: dict[str, int]
    drift: Drift


def invented(seasons: int, seed: int) -> Iterator[Invented]:
    """Yield invented seasons, each at its moments."""
    rng = np.random.default_rng(seed)
    team = np.arange(CARS) // 2
    for number in range(seasons):
        strength = _strengths(rng, team)
        orders = np.array([_race(rng, each) for each in strength])
        made = [_scores(orders, team, after) for after in range(RACES + 1)]
        shares = [title_shares(totals(each)[None], each.finishes[None], each.excluded)[0] for each in made[RACES]]
        champions = dict(zip(("drivers", "teams"), (int(share.argmax()) for share in shares), strict=True))
        for after in MOMENTS:
            places, drift = _forecast(rng, strength[after], after, team)
            field = Field(tuple(range(CARS)), tuple(team.tolist()), places)
            rest = Rest(tuple(range(after + 1, RACES + 1)), frozenset())
            yield Invented(number, after, field, rest, rules_of(SEASON), *made[after], champions, drift)


def _strengths(rng: np.random.Generator, team: np.ndarray) -> np.ndarray:
    """Return the true strength of each car in each race, races x cars."""
    first = TEAM_SD * rng.standard_normal(TEAMS)[team] + DRIVER_SD * rng.standard_normal(CARS)
    steps = STEP * (rng.standard_normal((RACES, TEAMS))[:, team] + 0.5 * rng.standard_normal((RACES, CARS)))
    steps[0] = first
    return np.asarray(steps.cumsum(axis=0))


def _race(rng: np.random.Generator, strength: np.ndarray) -> np.ndarray:
    """Return the cars in their order: who survives longest wins, who drops stands behind all others."""
    survives = rng.standard_exponential(CARS) * np.exp(strength)
    dropped = rng.random(CARS) < DROP
    return np.lexsort((-survives, dropped))


def _forecast(rng: np.random.Generator, strength: np.ndarray, after: int, team: np.ndarray) -> tuple[np.ndarray, Drift]:
    """Return P(place) as a Bayesian says who measured the strengths with an error, and the drift that they would assume."""
    error = ERROR / np.sqrt(1.0 + after / LEARNED)
    own = 1.0 / np.sqrt(2.0)  # half of the error is the team's
    found = strength + error * own * (rng.standard_normal(TEAMS)[team] + rng.standard_normal(CARS))
    prior = np.where(team[:, None] == team[None, :], TEAM_SD**2, 0.0) + DRIVER_SD**2 * np.eye(CARS)
    noise = error**2 / 2 * (np.where(team[:, None] == team[None, :], 1.0, 0.0) + np.eye(CARS))
    gain = prior @ np.linalg.inv(prior + noise)
    left = prior - gain @ prior
    spread = np.linalg.cholesky(left + 1e-9 * np.eye(CARS))
    fits = (gain @ found)[None] + rng.standard_normal((POSTERIOR, CARS)) @ spread.T
    race = np.repeat(np.arange(POSTERIOR), CARS)
    chances = survival_probabilities(fits.ravel(), race, np.full(fits.size, DROP))
    places = chances.reshape(POSTERIOR, CARS, CARS).mean(axis=0)
    unknown, shared = float(np.diag(left).mean()), float(left[0, 1])
    whole = LUCK + unknown
    return places, Drift(unknown / whole, STEP * np.sqrt(1.25 / whole), team=shared / unknown)


def _scores(orders: np.ndarray, team: np.ndarray, after: int) -> tuple[Scores, Scores]:
    """Return what drivers and teams have after some races."""
    worth = np.array(rules_of(SEASON).race) * UNIT
    points, places = np.zeros((CARS, RACES), dtype=np.int64), np.zeros((CARS, CARS), dtype=np.int64)
    for race, order in enumerate(orders[:after]):
        points[order[: len(worth)], race] = worth
        places[order, np.arange(CARS)] += 1
    both = []
    for count, of in ((CARS, np.arange(CARS)), (TEAMS, team)):
        own, finishes = np.zeros((count, RACES), dtype=np.int64), np.zeros((count, CARS), dtype=np.int64)
        np.add.at(own, of, points)
        np.add.at(finishes, of, places)
        zero = np.zeros(count, dtype=np.int64)
        both.append(Scores(tuple(range(count)), own, finishes, (), zero, zero > 0))
    return both[0], both[1]
