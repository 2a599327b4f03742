"""One of the two championships while seasons are drawn: points of cars by the season's rules, what counts of them, who takes the title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pitwall.domain.racing.championship.rules import UNIT, Rules
from pitwall.ml.championship.scores import Scores
from pitwall.ml.championship.standings import counted, title_shares

INTERVAL = (0.1, 0.9)
LOWEST = np.iinfo(np.int64).min
Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Cars = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Field:
    """Who is expected to drive the races to come, and what is expected of each of these.

    Attributes:
        drivers: id of each car's driver.
        teams: id of each car's constructor.
        places: P(place) of each car, cars x places, rows and columns summing to 1.
    """

    drivers: tuple[int, ...]
    teams: tuple[int, ...]
    places: Array


@dataclass(frozen=True)
class Rest:
    """What is left of a season.

    Attributes:
        rounds: numbers of the races to come.
        sprints: those of them that have a sprint.
        fastest: P(the car in place 1, 2, ... sets the fastest lap); the rest goes to nobody who scores for it.
    """

    rounds: tuple[int, ...]
    sprints: frozenset[int]
    fastest: tuple[float, ...] = ()

    @property
    def with_sprint(self) -> list[int]:
        """Which of the rounds, counted from 0, have a sprint."""
        return [number for number, each in enumerate(self.rounds) if each in self.sprints]


@dataclass(frozen=True)
class Block:
    """Drawn seasons.

    Attributes:
        orders: the car in each place, seasons x races x places.
        sprints: the same of the sprints.
        lap: the place, from 0, of the car with the fastest lap, seasons x races; one behind all that score for it is nobody's.
    """

    orders: Cars
    sprints: Cars
    lap: Ints


@dataclass(frozen=True)
class Outlook:
    """What came of one championship: competitors by id with their share of titles, mean points and an 80 % interval of them."""

    who: tuple[int, ...]
    title: Array
    points: Array
    low: Array
    high: Array


class Competition:
    """Counts drawn seasons for drivers, or for constructors.

    Args:
        have: what competitors have so far.
        of_car: the competitor of each car.
        rest: what is left.
        rules: of the season.
        team: whether these are constructors.
    """

    def __init__(self, have: Scores, of_car: Sequence[int], rest: Rest, rules: Rules, *, team: bool) -> None:
        self._rest, self._rules = rest, rules
        self.who = tuple(sorted({*have.who, *of_car}))
        self._of_car = np.searchsorted(self.who, of_car)
        self._have = _spread(have, self.who)
        self._best_car = team and rules.best_car_only
        self._fastest = None if team and rules.best_car_only else rules.fastest_lap
        race = rules.team_race if team else rules.race
        self._race = _worth(race, [rules.factor(number) for number in rest.rounds])
        self._sprint = _worth(rules.sprint, [1.0] * len(rest.with_sprint))
        self._title, self._totals = np.zeros(len(self.who)), list[Ints]()

    def add(self, block: Block) -> None:
        """Count a block of seasons."""
        total = self._total(self._car_points(block))
        leaders = np.where(self._have.excluded, LOWEST, total)
        level = (leaders == leaders.max(axis=1, keepdims=True)).sum(axis=1) > 1
        self._title += np.bincount(leaders[~level].argmax(axis=1), minlength=len(self.who))
        finishes = self._finishes(block.orders[level])
        self._title += title_shares(total[level], finishes, self._have.excluded).sum(axis=0)
        self._totals.append(total)

    def outlook(self) -> Outlook:
        """Return what came of all seasons."""
        total = np.concatenate(self._totals) / UNIT
        low, high = np.quantile(total, INTERVAL, axis=0)
        return Outlook(self.who, self._title / len(total), total.mean(axis=0), low, high)

    def _car_points(self, block: Block) -> Cars:
        """Return the points of cars, seasons x races x cars, in 84ths."""
        points = np.zeros(block.orders.shape, dtype=np.int32)
        _put(points, block.orders, self._race)
        if self._fastest is not None:
            told = min(len(self._rest.fastest), block.orders.shape[2])
            within = min(self._fastest.places or told, told)
            season, race = np.nonzero(block.lap < within)
            points[season, race, block.orders[season, race, block.lap[season, race]]] += self._fastest.points * UNIT
        if self._sprint.size:
            more = np.zeros(block.sprints.shape, dtype=np.int32)
            _put(more, block.sprints, self._sprint)
            points[:, self._rest.with_sprint] += more
        return points

    def _total(self, points: Cars) -> Ints:
        """Return the points that count, seasons x competitors."""
        best, had = self._have.best, self._have.points
        if not best and not self._best_car:
            now = self._by_competitor(points.sum(axis=1, keepdims=True))[:, 0]
            return np.asarray(now + had.sum(axis=1) - self._have.fewer)
        whole = np.broadcast_to(had, (len(points), *had.shape)).copy()
        whole[:, :, [number - 1 for number in self._rest.rounds]] = self._by_competitor(points).transpose(0, 2, 1)
        return np.asarray(counted(whole, best) - self._have.fewer, dtype=np.int64)

    def _by_competitor(self, points: Cars) -> Ints:
        """Return cars' points by who they count for: ... x cars -> ... x competitors."""
        found = np.zeros((*points.shape[:2], len(self.who)), dtype=np.int64)
        for car, who in enumerate(self._of_car):
            if self._best_car:
                np.maximum(found[:, :, who], points[:, :, car], out=found[:, :, who])
            else:
                found[:, :, who] += points[:, :, car]
        return found

    def _finishes(self, orders: Cars) -> Ints:
        """Return how often each came in each place: seasons x competitors x places."""
        found = np.repeat(self._have.finishes[None], len(orders), axis=0)
        season, place = np.arange(len(orders))[:, None, None], np.arange(orders.shape[2])[None, None, :]
        np.add.at(found, (season, self._of_car[orders], place), 1)
        return found


def _spread(have: Scores, who: tuple[int, ...]) -> Scores:
    """Return the scores with a row for everybody, zero for those without a result so far."""
    row = np.searchsorted(who, have.who).astype(np.int64)

    def wide(values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
        found = np.zeros((len(who), *values.shape[1:]), dtype=values.dtype)
        found[row] = values
        return found

    spread = {name: wide(getattr(have, name)) for name in ("points", "finishes", "fewer", "excluded")}
    return Scores(who=who, best=have.best, **spread)  # type: ignore[arg-type]  # each keeps its type


def _worth(system: Sequence[float], factors: Sequence[float]) -> Cars:
    """Return what each place of each race is worth, races x places, in 84ths."""
    worth = np.multiply.outer(np.array(factors), np.array(system, dtype=np.float64)) * UNIT
    return np.asarray(np.rint(worth), dtype=np.int32)


def _put(points: Cars, orders: Cars, worth: Cars) -> None:
    """Write what places are worth to the cars that took them."""
    scoring = min(worth.shape[1], orders.shape[2])
    first = orders[:, :, :scoring]
    np.put_along_axis(points, first, np.broadcast_to(worth[:, :scoring], first.shape), axis=2)
