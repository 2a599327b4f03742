"""Strategy by hand: tyres that were worn as told are found again, plans are the best there are, traffic costs what it must."""

import numpy as np
import pandas as pd
import pytest

from pitwall.live.strategy.choices import Situation, best_of, choices
from pitwall.live.strategy.stints import Stints
from pitwall.live.strategy.traffic import Rivals, Road, waits
from pitwall.live.strategy.tyres import Wear, fitted_wear

DISTANCE = 50
SLOPES = {1: 6.0, 2: 4.0, 3: 2.0}  # percent per share of the distance
NOBODY = Rivals(np.zeros(0), np.zeros((1, 0)), np.zeros(0))


def worn(slopes=SLOPES, offset=0.8):
    """Return a wear that is known for sure; a harder compound is slower when new."""
    numbers = sorted(slopes)
    start = np.array([[(number - 2) * offset for number in numbers]])
    return Wear(start, np.array([[slopes[number] for number in numbers]]), np.zeros((1, 3)), np.array([0.1]))


def laps_of(slopes, races=4, cars=8, seed=0):
    """Return green laps of cars that change from one compound to another at half distance."""
    generator, parts = np.random.default_rng(seed), []
    for race in range(races):
        for car in range(cars):
            lap = np.arange(1, DISTANCE + 1)
            stop = 20 + car
            compound = np.where(lap <= stop, 1 + car % 3, 1 + (car + 1) % 3)
            age = np.where(lap <= stop, lap, lap - stop)
            percent = 100 + car * 0.1 + np.vectorize(slopes.get)(compound) * age / DISTANCE - 3.0 * lap / DISTANCE
            percent += 0.8 * (compound - 2) + generator.normal(0, 0.1, DISTANCE)
            parts.append(
                pd.DataFrame(
                    {
                        "race_id": race,
                        "driver_id": car,
                        "lap": lap,
                        "compound_id": compound * 1.0,
                        "age": age,
                        "percent": percent,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True).assign(green=True, distance=float(DISTANCE), ahead=9.0)


def test_wear_that_was_driven_is_found_again():
    laps = laps_of(SLOPES)
    found = fitted_wear(laps, laps.head(0), draws=20)
    share = np.array([0.4])
    for number, slope in SLOPES.items():
        assert found.cost(number, share)[0, 0] == pytest.approx(0.8 * (number - 2) + slope * 0.4, abs=0.25)
        assert found.cost(number, share).std() < 0.5
    turned = fitted_wear(
        laps.assign(age=laps["age"].sample(frac=1.0, random_state=1).to_numpy()), laps.head(0), draws=2
    )
    assert turned.slope[0].max() < 1.0, "ages that tell nothing must not wear tyres"


def test_a_circuit_that_was_never_driven_is_told_by_the_others():
    laps = laps_of(SLOPES)
    found = fitted_wear(laps.head(0), laps, draws=3)
    assert found.cost(1, np.array([0.4]))[0, 0] == pytest.approx(-0.8 + 2.4, abs=0.4)


def test_the_rest_is_the_best_plan_that_sets_allow():
    wear, loss, most = worn(), np.array([60.0]), {1: 20, 2: 30, 3: 40}
    stints = Stints.of(wear, DISTANCE, 90.0, loss, most)
    cost, plan = stints.rest(36, (1, 2, 3))

    def of(number, laps):
        age = np.arange(1, laps + 1) / DISTANCE
        return 0.9 * wear.cost(number, age).sum()

    one = [of(number, 36) for number in (1, 2, 3) if most[number] >= 36]
    two = [
        of(a, n) + of(b, 36 - n) + 60.0
        for a in (1, 2, 3)
        for b in (1, 2, 3)
        for n in range(1, 36)
        if n <= most[a] and 36 - n <= most[b]
    ]
    assert cost[0] == pytest.approx(min(one + two))
    assert plan == (3,)


def test_traffic_costs_nothing_where_there_is_none_and_more_where_nobody_passes():
    own = np.full((1, 10), 1.0)
    free = Road(np.array([0.0]), 1.0, np.array([20.0]))
    assert waits(own, 99, 1, NOBODY, free)[0] == 0.0
    slow = Rivals(np.array([-1.0]), np.array([[3.0]]), np.array([99.0]))
    assert waits(own, 99, 1, Rivals(np.array([5.0]), np.array([[3.0]]), np.array([99.0])), free)[0] == 0.0
    easy, hard = (waits(own, 99, 1, slow, Road(np.array([0.0]), each, np.array([20.0])))[0] for each in (0.2, 20.0))
    assert 0.0 <= easy < 0.5
    assert hard > 5.0
    stops = Rivals(np.array([-1.0]), np.array([[3.0]]), np.array([1.0]))
    assert waits(own, 99, 1, stops, Road(np.array([0.0]), 20.0, np.array([20.0])))[0] < 0.5


def situation(**changes):
    return Situation(
        **{
            "lap": 10,
            "laps": DISTANCE,
            "compound": 2,
            "age": 10.0,
            "used": frozenset({2}),
            "usual": 90.0,
            "habit": 25.0,
            "most": {1: 20, 2: 30, 3: 40},
            "rivals": NOBODY,
            **changes,
        }
    )


def test_choices_lose_nothing_at_the_best_lap_and_stay_within_what_sets_are_driven():
    road = Road(np.array([0.1]), 1.0, np.array([20.0]))
    made = choices(situation(), worn(), road)
    best = best_of(made)
    assert best.lost == 0.0 and best.low == best.high == 0.0
    assert [each.stop for each in made] == list(range(11, 31)), "set of 30 laps at most, and a stop must come"
    assert all(each.low <= each.lost <= each.high for each in made)
    cheap = best_of(choices(situation(), worn({1: 6.0, 2: 20.0, 3: 2.0}), road))
    assert cheap.stop < best.stop, "a set that wears faster comes off earlier"


def test_not_to_stop_is_a_choice_once_two_compounds_were_driven():
    road = Road(np.array([0.1]), 1.0, np.array([20.0]))
    late = choices(situation(lap=40, age=5.0, used=frozenset({2, 3})), worn(), road)
    assert best_of(late).stop is None
    must = choices(situation(lap=40, age=5.0), worn(), road)
    assert None not in [each.stop for each in must]
