"""Nobody grows rich in a game that favours nobody: shown by going through every possible season, not by drawing some."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ville import BettingTest

from pitwall.monitoring.sequential import Design, capital, looks
from pitwall.monitoring.sequential.after_each_race import first_crossing
from pitwall.monitoring.sequential.capital import PARTS, SHARES, log_capital, log_total_growth

RACES = 10
Bet = Callable[[np.ndarray], np.ndarray]
UP = np.array(list(product([True, False], repeat=RACES)))  # all seasons of two possible differences


def seasons(up: float, down: float) -> tuple[np.ndarray, np.ndarray]:
    """Return all seasons in which a race brings `up` or `-down`, and the chance of each: the mean of a race is zero."""
    chance = down / (up + down)
    return np.where(UP, up, -down), np.where(UP, chance, 1 - chance).prod(axis=1)


def gains(bet: Bet, up: float, down: float) -> float:
    """Return the largest expectation of the capital after any number of races."""
    outcomes, chances = seasons(up, down)
    return float((chances @ np.exp(bet(outcomes))).max())


def ever(bet: Bet, up: float, down: float, level: float) -> float:
    """Return the chance that the capital is ever that large."""
    outcomes, chances = seasons(up, down)
    return float(chances @ (bet(outcomes) >= np.log(level)).any(axis=1))


def seen_before(outcomes: np.ndarray) -> np.ndarray:
    """Bet on the sign of the race that the bet is about: what no gambler may."""
    return np.asarray(np.log1p(0.5 * np.abs(outcomes)).cumsum(axis=1))


def seen_best(outcomes: np.ndarray) -> np.ndarray:
    """Choose the share that would have been best, afterwards."""
    return np.asarray(capital.log_growth(outcomes).cumsum(axis=1).max(axis=-1))


sizes = st.floats(0.01, 1.0)


@settings(max_examples=60, deadline=None)
@given(up=sizes, down=sizes)
def test_a_fair_game_gives_no_expectation_of_gain_after_any_race(up: float, down: float) -> None:
    assert gains(log_capital, up, down) == pytest.approx(1.0)


@settings(max_examples=60, deadline=None)
@given(up=sizes, down=sizes, level=st.floats(1.1, 60))
def test_the_capital_is_ever_k_times_what_it_was_with_a_chance_of_one_kth_at_most(
    up: float, down: float, level: float
) -> None:
    assert ever(log_capital, up, down, level) <= 1 / level + 1e-12


def test_the_bound_on_that_chance_is_nearly_reached() -> None:
    assert max(ever(log_capital, up, 1.0, 1.5) for up in (0.05, 0.1, 0.3, 1.0)) > 0.5


@pytest.mark.parametrize("wrong", [seen_before, seen_best])
def test_a_bet_that_has_seen_the_race_gains_where_nothing_is_to_be_gained(wrong: Bet) -> None:
    assert gains(wrong, 1.0, 1.0) > 1.05


def test_and_grows_rich_more_often_than_is_allowed() -> None:
    assert ever(seen_before, 1.0, 1.0, 2.0) > 0.5


@pytest.mark.parametrize("up", [0.05, 0.2, 0.5, 1.0])
@pytest.mark.parametrize("alpha", [0.05, 0.2, 0.5])
def test_a_false_verdict_in_either_direction_has_a_chance_of_alpha_at_most(up: float, alpha: float) -> None:
    outcomes, chances = seasons(up, 1.0)
    ahead, behind = log_capital(outcomes), log_capital(-outcomes)
    level = float(np.log(2 / alpha))
    wrong = [first_crossing(one, two, level)[1] is not None for one, two in zip(ahead, behind, strict=True)]
    assert float(chances @ np.array(wrong)) <= alpha


@pytest.mark.parametrize("up", [0.2, 1.0])
def test_all_intervals_of_a_season_hold_the_mean_together(up: float) -> None:
    alpha, short = 0.3, 6
    rises = np.array(list(product([True, False], repeat=short)))
    chance, mean = 0.7, 0.7 * up - 0.3
    missed = 0.0
    for season in rises:
        found = looks(np.where(season, up, -1.0).tolist(), Design(1.0, alpha))
        out = any(not each.low - 1e-9 <= mean <= each.high + 1e-9 for each in found)
        missed += float(np.where(season, chance, 1 - chance).prod()) * out
    assert missed <= alpha


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=60))
def test_a_capital_is_never_negative_and_never_above_what_the_boldest_share_can_make(season: list[float]) -> None:
    logs = log_capital(np.array(season))
    assert np.isfinite(logs).all()
    assert (logs <= np.arange(1, len(season) + 1) * np.log1p(SHARES.max()) + 1e-9).all()


@pytest.mark.parametrize("races", [1, 15, 16, 17, 90])
def test_products_of_sixteen_are_the_sum_of_all_logarithms(races: int) -> None:
    outcomes = np.random.default_rng(races).uniform(-1, 3, (2, races))
    outcomes[0] = -1  # the least that can come
    outcomes[1, 0] = 2e9
    assert log_total_growth(outcomes) == pytest.approx(capital.log_growth(outcomes).sum(axis=-2))


def test_the_parts_are_the_whole() -> None:
    assert PARTS.sum() == pytest.approx(1.0)
    assert ((SHARES > 0) & (SHARES < 1)).all()


def test_each_share_is_a_bet_as_the_library_ville_makes_it() -> None:
    season = np.clip(np.random.default_rng(3).normal(0.1, 0.5, 48), -1, 1)
    tiny = 1e-250  # of alpha: then its own share is always above the cap, which is ours
    theirs = [BettingTest(0.0, (-1, 1), "greater", alpha=tiny, c=share).fit(season).log_e_values_ for share in SHARES]
    assert log_capital(season) == pytest.approx(np.log(PARTS @ np.exp(theirs)))
