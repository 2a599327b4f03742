"""On small seasons, arithmetic with arrays says what counting by hand says, and what is decided is what every course agrees on."""

from dataclasses import dataclass
from itertools import permutations, product

import numpy as np
import pandas as pd
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pitwall.domain.racing.championship.counting import Best
from pitwall.domain.racing.championship.points import FastestLap
from pitwall.domain.racing.championship.rules import Rules
from pitwall.ml.championship.clinch import decided
from pitwall.ml.championship.competition import Block, Competition, Rest
from pitwall.ml.championship.scores import LINE, driver_scores, team_scores
from pitwall.ml.championship.standings import table

DOUBLED = 19  # a round of 2014 that counted twice
DROPPED = ((), (Best(1),), (Best(2),), (Best(1, last=DOUBLED), Best(1, first=DOUBLED + 1)))


@dataclass(frozen=True)
class Weekend:
    """What happened in a round: cars in their order, who set the fastest lap, who was first in the sprint (None: nobody),
    and whether the race was stopped at half points."""

    number: int
    order: tuple[int, ...]
    fastest: int | None = None
    sprint: int | None = None
    stopped: bool = False


@dataclass(frozen=True)
class Small:
    """A season of a few rounds: what was run, and the numbers of rounds to come."""

    rules: Rules
    cars: int
    run: tuple[Weekend, ...]
    rest: Rest

    def courses(self, classified=False):
        """Return every course that the rest can take; all cars classified if asked for."""
        fewest = self.cars if classified else 0
        orders = [o for n in range(fewest, self.cars + 1) for o in permutations(range(self.cars), n)]
        laps = [None, *range(self.cars)] if self.rules.fastest_lap else [None]
        weekends = [
            [Weekend(r, *each) for each in product(orders, laps, laps_of_sprint(self, r))] for r in self.rest.rounds
        ]
        return list(product(*weekends))

    def lines(self):
        """Return what was run as lines; a line without points for everybody, so that all stand in the table."""
        rows = [(self.run[0].number if self.run else DOUBLED, car, team(car), 0, 0.0) for car in range(self.cars)]
        for each in self.run:
            rows += [(each.number, car, team(car), place, points) for car, place, points in scored(each, self.rules)]
        return pd.DataFrame(rows, columns=list(LINE))

    def scores(self, teams):
        """Return the scores after what was run."""
        made = team_scores if teams else driver_scores
        return made(self.lines(), self.rules, 25, 25, {})


def laps_of_sprint(small, number):
    return [None, *range(small.cars)] if number in small.rest.sprints else [None]


def team(car):
    return car // 2


def scored(weekend, rules):
    """Yield (car, place, points) of a weekend by the rules, told anew."""
    factor = (0.5 if weekend.stopped else 1.0) * (2.0 if weekend.number == DOUBLED else 1.0)
    for place, car in enumerate(weekend.order, start=1):
        lap = rules.fastest_lap
        extra = lap.points if lap and car == weekend.fastest and (lap.places is None or place <= lap.places) else 0
        yield car, place, factor * (rules.race[place - 1] if place <= len(rules.race) else 0) + extra
    if weekend.sprint is not None:
        yield weekend.sprint, 0, float(rules.sprint[0])


def counted_by_hand(small, weekends, teams):
    """Return {competitor: (points, countback)}."""
    best = small.rules.team_results if teams else small.rules.driver_results
    points, places = {}, {}
    for car in range(small.cars):
        points.setdefault(team(car) if teams else car, {})
    for each in weekends:
        for car, place, worth in scored(each, small.rules):
            who = team(car) if teams else car
            points[who][each.number] = points[who].get(each.number, 0.0) + worth
            places.setdefault(who, []).append(place)
    return {
        who: (by_best(own, best), tuple(places.get(who, []).count(n) for n in range(1, small.cars + 1)))
        for who, own in points.items()
    }


def by_best(own, best):
    if not best:
        return sum(own.values())
    parts = [[p for number, p in own.items() if part.first <= number <= part.last] for part in best]
    return sum(sum(sorted(p, reverse=True)[: part.most]) for p, part in zip(parts, best, strict=True))


def leaders(keys):
    return {who for who, key in keys.items() if key == max(keys.values())}


@st.composite
def small_seasons(draw, cars, most):
    """Draw a season; sprints and fastest laps multiply the courses, so they come with one race left."""
    first, ran = draw(st.integers(DOUBLED - 2, DOUBLED)), draw(st.integers(0, 3))
    left = draw(st.integers(0, most))
    extras = left < 2 and draw(st.booleans())
    dropped = () if extras else draw(st.sampled_from(DROPPED))
    lap = FastestLap(1, draw(st.sampled_from([1, 2, None]))) if extras else None
    race = draw(st.sampled_from([(3, 2), (3, 1, 1), (2,)]))
    rules = Rules(2014, race, race, (1,) if extras else (), lap, dropped, dropped)
    order = st.permutations(range(cars)).flatmap(lambda o: st.integers(0, cars).map(lambda n: tuple(o[:n])))
    run = tuple(Weekend(first + n, draw(order), stopped=draw(st.booleans())) for n in range(ran))
    rounds = tuple(range(first + ran, first + ran + left))
    rest = Rest(rounds, frozenset(rounds[:1] if extras and draw(st.booleans()) else ()), (0.5, 0.5) if extras else ())
    return Small(rules, cars, run, rest)


@settings(max_examples=60, deadline=None)
@given(small_seasons(cars=3, most=2))
def test_the_table_is_that_of_counting_by_hand(small):
    lines = table(small.scores(teams=False))
    keys = counted_by_hand(small, small.run, teams=False)
    assert {each.who: each.points for each in lines} == {who: key[0] for who, key in keys.items()}
    assert [each.place for each in lines] == [1 + sum(k > keys[each.who] for k in keys.values()) for each in lines]


SPRINT_DECIDES = Small(
    Rules(2014, (2,), (2,), (1,), None), 3, (Weekend(10, (0,), sprint=0),), Rest((11,), frozenset({11}), ())
)  # the rival draws level with the sprint, and not without it
DOUBLE_DECIDES = Small(
    Rules(2014, (3, 2), (3, 2), (), None),
    3,
    (Weekend(17, (0,)), Weekend(18, (0,), stopped=True)),
    Rest((DOUBLED,), frozenset(), ()),
)  # 4.5 points ahead: enough before a race for 3, not before one for 6


@settings(max_examples=60, deadline=None)
@given(small_seasons(cars=3, most=2))
@example(SPRINT_DECIDES)
@example(DOUBLE_DECIDES)
def test_a_title_is_decided_when_all_courses_agree(small):
    agrees_with_all_courses(small, teams=False)


@settings(max_examples=15, deadline=None)
@given(small_seasons(cars=4, most=1))
def test_a_constructors_title_is_decided_when_all_courses_agree(small):
    agrees_with_all_courses(small, teams=True)


def agrees_with_all_courses(small, teams):
    ends = [leaders(counted_by_hand(small, (*small.run, *course), teams)) for course in small.courses()]
    everybody = set(range(2 if teams else small.cars))
    alone = {who for who in everybody if all(end == {who} for end in ends)}
    never = {who for who in everybody if not any(who in end for end in ends)}
    found = decided(small.scores(teams), small.rest, small.rules, cars=2 if teams else 1, team=teams)
    assert (found.certain, found.out) == (alone, never)


@settings(max_examples=40, deadline=None)
@given(small_seasons(cars=4, most=1).filter(lambda small: small.rest.rounds), st.booleans())
def test_drawn_seasons_are_counted_as_by_hand(small, teams):
    courses = small.courses(classified=True)
    if small.rules.fastest_lap:  # in the drawn order nobody's lap is that of a place behind all that score for it
        courses = [c for c in courses if c[0].fastest is None or c[0].order.index(c[0].fastest) < 2]
    if small.rest.sprints:
        courses = [c for c in courses if c[0].sprint is not None]
    orders = np.array([[w.order for w in c] for c in courses], dtype=np.int32)
    sprints = np.array([[[w.sprint, *({0, 1, 2, 3} - {w.sprint})] for w in c if w.sprint is not None] for c in courses])
    lap = np.array([[w.order.index(w.fastest) if w.fastest is not None else 2 for w in c] for c in courses])
    cars = [team(car) for car in range(4)] if teams else range(4)
    competition = Competition(small.scores(teams), list(cars), small.rest, small.rules, team=teams)
    competition.add(Block(orders, sprints.astype(np.int32), lap))
    ends = [counted_by_hand(small, (*small.run, *course), teams) for course in courses]
    shares = [{who: 1 / len(leaders(end)) for who in leaders(end)} for end in ends]
    outlook = competition.outlook()
    for row, who in enumerate(outlook.who):
        assert outlook.title[row] == np.mean([share.get(who, 0.0) for share in shares])
        assert np.isclose(outlook.points[row], np.mean([end[who][0] for end in ends]))
