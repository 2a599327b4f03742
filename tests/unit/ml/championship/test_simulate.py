"""Drawn seasons: the model's chances come out of a single race, drift widens what comes later, decided titles stay decided."""

from dataclasses import replace

import numpy as np
import pytest

from pitwall.domain.errors import ForecastError
from pitwall.domain.racing.championship.counting import Best
from pitwall.domain.racing.championship.rules import UNIT, rules_of
from pitwall.ml.championship.clinch import decided
from pitwall.ml.championship.competition import Field, Rest
from pitwall.ml.championship.drift import Drift
from pitwall.ml.championship.place_curves import MOST_CARS, bins_of, ordered, place_curves
from pitwall.ml.championship.scores import Scores
from pitwall.ml.championship.simulate import simulate
from pitwall.ml.families.order.elimination import survival_probabilities

CARS, ROUNDS = 8, 6
STILL = Drift(0.0, 0.0)
PLACES = survival_probabilities(np.linspace(1.5, -1.5, CARS), np.zeros(CARS, dtype=np.int64), np.full(CARS, 0.15))
FIELD = Field(tuple(range(CARS)), tuple(car // 2 for car in range(CARS)), PLACES)
REST = Rest(tuple(range(1, ROUNDS + 1)), frozenset())


def nothing(count, **given):
    zero = np.zeros(count, dtype=np.int64)
    points, finishes = np.zeros((count, ROUNDS), dtype=np.int64), np.zeros((count, CARS), dtype=np.int64)
    return replace(Scores(tuple(range(count)), points, finishes, (), zero, zero > 0), **given)


def drawn(season=2012, rest=REST, *, drift=STILL, drivers=None, draws=4000, seed=3):
    drivers = nothing(CARS) if drivers is None else drivers
    return simulate(FIELD, rest, rules_of(season), drivers, nothing(CARS // 2), draws=draws, seed=seed, drift=drift)


def test_a_race_comes_out_as_the_model_said():
    curves, draws = place_curves(PLACES), 60_000
    numbers = np.random.default_rng(1).standard_normal((draws, CARS), dtype=np.float32)
    car = np.sort(curves[np.arange(CARS), bins_of(numbers)], axis=1) & (MOST_CARS - 1)
    found = np.stack([np.bincount(car[:, place], minlength=CARS) for place in range(CARS)], axis=1) / draws
    assert np.abs(found - PLACES).max() < 0.01
    assert (
        np.abs(ordered(PLACES) - PLACES).max() > 0.015
    )  # what comes out if each car is drawn from its own chances alone


def test_one_race_is_won_as_often_as_the_model_said():
    one = Rest((1,), frozenset())
    for drift in (STILL, Drift(0.3, 0.0)):  # what lasts belongs to the race's own luck
        title = drawn(rest=one, drift=drift, draws=20_000)[0].title
        assert np.abs(title - PLACES[:, 0]).max() < 0.015


def test_drift_widens_points_the_more_the_longer_it_lasts():
    def width(rest, drift):
        found = drawn(rest=rest, drift=drift)[0]
        return float((found.high - found.low).mean())

    short = Rest((1, 2), frozenset())
    gains = {
        name: width(rest, Drift(0.0, 0.5)) / width(rest, STILL) for name, rest in (("short", short), ("long", REST))
    }
    assert gains["long"] > gains["short"] > 1.0
    assert width(REST, Drift(0.3, 0.0)) > 1.1 * width(REST, STILL)


def test_the_same_seed_draws_the_same_and_another_one_others():
    (one, teams), (again, _) = drawn(draws=700), drawn(draws=700)
    assert (one.title == again.title).all()
    assert (one.points == again.points).all()
    assert (drawn(draws=700, seed=4)[0].points != one.points).any()
    assert one.title.sum() == pytest.approx(1.0)
    assert teams.points.sum() == pytest.approx(one.points.sum())  # both cars count


def test_sprints_fastest_laps_and_double_points_are_worth_what_the_season_says():
    def all_points(season, rest):
        return drawn(season, rest, draws=300)[0].points.sum()

    eight = sum(rules_of(2012).race[:CARS])
    assert all_points(2012, Rest((1,), frozenset())) == eight
    assert all_points(2023, Rest((1,), frozenset({1}))) == eight + sum(rules_of(2023).sprint[:CARS])
    assert all_points(2021, Rest((1,), frozenset({1}))) == eight + 3 + 2 + 1
    assert all_points(2023, Rest((1,), frozenset(), (1.0,))) == eight + 1
    assert all_points(2025, Rest((1,), frozenset(), (1.0,))) == eight
    last = nothing(CARS, points=np.zeros((CARS, 19), dtype=np.int64))
    assert drawn(2014, Rest((19,), frozenset()), drivers=last, draws=300)[0].points.sum() == 2 * eight


def test_what_is_decided_is_certain_in_every_draw():
    points = np.zeros((CARS, ROUNDS), dtype=np.int64)
    points[5, :4] = 25 * UNIT
    leader = nothing(CARS, points=points)
    rest = Rest((5, 6), frozenset())
    found = decided(leader, rest, rules_of(2012))
    assert found.certain == {5}
    title = drawn(rest=rest, drivers=leader, draws=300)[0].title
    assert title[5] == 1.0
    thrown_out = nothing(CARS, points=points, excluded=np.arange(CARS) == 5)
    assert decided(thrown_out, rest, rules_of(2012)).out == {5}
    assert drawn(rest=rest, drivers=thrown_out, draws=300)[0].title[5] == 0.0


def test_dropped_results_count_in_drawn_seasons():
    points = np.zeros((CARS, ROUNDS), dtype=np.int64)
    points[0, :5] = 9 * UNIT
    dropped = nothing(CARS, points=points, best=(Best(5),))
    found = drawn(1985, Rest((6,), frozenset()), drivers=dropped, draws=300)[0]
    assert found.points[0] == found.high[0] == 45.0  # a sixth result, whatever it is, replaces none of five wins


def test_chances_that_are_no_numbers_are_refused():
    broken = replace(FIELD, places=np.full((CARS, CARS), np.nan))
    with pytest.raises(ForecastError, match="64 chances that are none"):
        simulate(broken, REST, rules_of(2012), nothing(CARS), nothing(4), draws=100, seed=1)
