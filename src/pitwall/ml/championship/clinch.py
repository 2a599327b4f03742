"""Who is certain of the title and who is out of it, whatever happens in the races to come: exact, without chances.

The worst that can happen to a leader is to score nothing while one rival takes all there is, and the best that can happen to anybody is
to take all there is while nobody else scores. Any number of cars may be classified in a race, so both can happen, and no other course of
the season is worse or better: comparing these two says the same as going through all of them. A race that is called off only
brings what is certain nearer. Without a car in the table yet nobody is certain of anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pitwall.domain.racing.championship.rules import UNIT, Rules
from pitwall.ml.championship.competition import Rest
from pitwall.ml.championship.scores import Ints, Scores
from pitwall.ml.championship.standings import counted, totals


@dataclass(frozen=True)
class Decided:
    """What is decided of a title: competitors who are certain to have it alone, and who cannot even share it."""

    certain: frozenset[int]
    out: frozenset[int]


def decided(scores: Scores, rest: Rest, rules: Rules, *, cars: int = 1, team: bool = False) -> Decided:
    """Return who is certain and who is out.

    Args:
        scores: what competitors have.
        rest: what is left.
        rules: of the season.
        cars: that one competitor may have in a race: 1 of a driver, those of the largest constructor.
        team: whether these are constructors.
    """
    most = _most(rest, rules, cars, team=team)
    now = _keys(totals(scores), scores.finishes)
    best = _keys(_best_totals(scores, rest, most), _best_finishes(scores, rest, cars))
    able = [row for row in range(len(scores.who)) if not scores.excluded[row]]
    certain, out = set(), set()
    for row, who in enumerate(scores.who):
        rivals = [other for other in able if other != row]
        if row not in able or any(now[other] > best[row] for other in rivals):
            out.add(who)
        elif all(best[other] < now[row] for other in rivals) and (rivals or not rest.rounds):
            certain.add(who)
    return Decided(frozenset(certain), frozenset(out))


def _most(rest: Rest, rules: Rules, cars: int, *, team: bool) -> Ints:
    """Return the most that one competitor can score in each round to come, in 84ths."""
    counting = 1 if team and rules.best_car_only else cars
    system = rules.team_race if team else rules.race
    lap = rules.fastest_lap.points if rules.fastest_lap and not (team and rules.best_car_only) else 0
    return np.array(
        [
            round(rules.factor(number) * sum(system[:counting]) * UNIT)
            + (sum(rules.sprint[:counting]) * UNIT if number in rest.sprints else 0)
            + lap * UNIT
            for number in rest.rounds
        ],
        dtype=np.int64,
    )


def _best_totals(scores: Scores, rest: Rest, most: Ints) -> Ints:
    points = scores.points.copy()
    points[:, [number - 1 for number in rest.rounds]] = most
    return np.asarray(counted(points, scores.best) - scores.fewer, dtype=np.int64)


def _best_finishes(scores: Scores, rest: Rest, cars: int) -> Ints:
    finishes = scores.finishes.copy()
    finishes[:, :cars] += len(rest.rounds)
    return finishes


def _keys(total: Ints, finishes: Ints) -> list[tuple[int, ...]]:
    """Return what competitors are compared by: points, then wins, second places, ..."""
    return [tuple(row) for row in np.concatenate([total[:, None], finishes], axis=1).tolist()]
