"""E-processes may be looked at after every race: held against chance, by enumeration and by simulation, beside a test that may not."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import norm

from pitwall.monitoring.drift.calibration import Said, calibration
from pitwall.monitoring.drift.evidence import FURTHEST, believed, of_bets, of_level

SEASONS, RACES, ALPHA = 600, 20, 0.05
STEPS = np.tril(np.ones((RACES, RACES)))
NOTHING = np.zeros(RACES, dtype=bool)


def false_alarms(looked) -> float:
    """Return the share of seasons without a change in which somebody who looks after every race sees 1 / ALPHA or more."""
    rng = np.random.default_rng(11)
    return float(np.mean([looked(rng.standard_normal(RACES)).max() >= 1 / ALPHA for _ in range(SEASONS)]))


def test_looking_after_every_race_costs_nothing():
    assert false_alarms(lambda season: of_level(season, STEPS, NOTHING)) <= ALPHA


def test_the_largest_of_many_looks_at_a_test_for_one_fails_the_same_check():
    def peeked(season):
        so_far = np.abs(np.cumsum(season)) / np.sqrt(np.arange(1, RACES + 1))
        return 1 / (2 * norm.sf(so_far))

    assert false_alarms(peeked) > 2 * ALPHA


def test_the_price_of_a_bet_is_its_mean():
    """One race, by integration over a standard normal innovation: clipped or not, the mean of the process is 1."""
    at = np.linspace(-9, 9, 18001)
    density = norm.pdf(at) * (at[1] - at[0])
    worth = np.array([of_level(np.array([each]), np.ones((1, 1)), NOTHING[:1])[0] for each in at[::20]])
    assert (worth * density[::20]).sum() * 20 == pytest.approx(1.0, abs=1e-4)


def test_the_mean_over_all_courses_of_a_game_of_two_outcomes_is_exactly_one():
    """Each race a fair coin, bets of a half on it: the process over all 2 ** 6 courses."""
    worth = []
    for course in product((-1, 1), repeat=6):
        gains = np.log1p(0.5 * np.array(course, dtype=float))[:, None, None].repeat(6, axis=1)
        worth.append(of_bets(gains, after_start=True))
    assert np.mean(worth, axis=0) == pytest.approx(1.0)


@pytest.mark.parametrize("number", [1, None])
def test_bets_against_right_probabilities_have_the_mean_one_over_all_courses(number):
    """Three cars, two races: every outcome by enumeration, weighted by what was said."""
    chances = np.array([0.6, 0.3, 0.1])
    outcomes = np.eye(3) if number else np.array(list(product((0.0, 1.0), repeat=3)))
    weights = chances if number else np.prod(np.where(outcomes == 1, chances, 1 - chances), axis=1)
    mean = sum(
        one * two * calibration([Said("2024-02", chances, first, number), Said("2024-03", chances, second, number)])
        for (first, one), (second, two) in product(list(zip(outcomes, weights, strict=True)), repeat=2)
    )
    assert mean == pytest.approx([1.0, 1.0])


def test_a_favourite_that_is_promised_too_much_is_found_and_one_that_is_right_is_not():
    rng = np.random.default_rng(3)
    right = np.array([0.2, 0.2, 0.2, 0.2, 0.2])
    bold = np.array([0.8, 0.05, 0.05, 0.05, 0.05])
    winners = np.eye(5)[rng.choice(5, size=24, p=right)]
    said = {
        name: [Said(f"2024-{n:02d}", p, each, 1) for n, each in enumerate(winners)]
        for name, p in (("bold", bold), ("right", right))
    }
    assert calibration(said["bold"])[-1] > 100
    assert calibration(said["right"]).max() < 20


def test_a_change_from_a_race_on_is_found_after_it():
    season = np.zeros(RACES)
    season[8:] = 3.0
    process = of_level(season, STEPS, NOTHING)
    assert process[7] < 2
    assert process[11] > 1000


def test_nothing_is_bet_on_exempt_races():
    season = np.full(RACES, 3.0)
    assert of_level(season, STEPS, ~NOTHING) == pytest.approx(1.0)


def test_one_race_counts_as_much_as_the_limit_however_far_it_lies():
    season, further = np.zeros(RACES), np.zeros(RACES)
    season[5], further[5] = FURTHEST, 1000.0
    assert of_level(season, STEPS, NOTHING) == pytest.approx(of_level(further, STEPS, NOTHING))


def test_of_many_e_values_those_are_believed_that_stand_out_by_their_number():
    assert believed(np.array([39.0, 1, 1, 1]), 0.1).sum() == 0
    assert believed(np.array([40.0, 1, 1, 1]), 0.1).tolist() == [True, False, False, False]
    assert believed(np.array([20.0, 21, 1, 1]), 0.1).tolist() == [True, True, False, False]
    assert believed(np.array([]), 0.1).tolist() == []
