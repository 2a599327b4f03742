"""The position distribution against brute-force enumeration, and its invariants for any field."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pitwall.domain.errors import FeatureError
from pitwall.ml.families.order.plackett_luce import doubly_stochastic, expected_place, position_probabilities

score = st.floats(-6, 6).map(lambda value: round(value, 3))


def by_enumeration(scores: np.ndarray, retire: np.ndarray) -> np.ndarray:
    """Sum over every set of retired cars and every order of the finishers and of the retired."""
    n = len(scores)
    out = np.zeros((n, n))
    for pattern in range(2**n):
        out_cars = [i for i in range(n) if pattern >> i & 1]
        finishers = [i for i in range(n) if i not in out_cars]
        chance = np.prod([retire[i] if i in out_cars else 1 - retire[i] for i in range(n)])
        if chance == 0:
            continue
        for order in permutations(finishers):
            left, p = list(finishers), chance
            for car in order:
                rates = np.exp(scores[left] - scores[left].max())
                p *= rates[left.index(car)] / rates.sum()
                left.remove(car)
            for place, car in enumerate(order):
                out[car, place] += p
        out[np.ix_(out_cars, range(len(finishers), n))] += chance / max(len(out_cars), 1)
    return out


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(score, st.sampled_from([0.0, 0.0, 0.1, 0.5, 0.93, 1.0])), min_size=1, max_size=5))
def test_equals_enumeration(cars: list[tuple[float, float]]) -> None:
    scores, retire = np.array(cars).T
    assert np.allclose(position_probabilities(scores, retire=retire), by_enumeration(scores, retire), atol=2e-9)


def test_equals_enumeration_of_six_cars() -> None:
    scores = np.array([2.0, 1.5, 1.5, 0.0, -1.0, -4.0])
    assert np.allclose(position_probabilities(scores), by_enumeration(scores, np.zeros(6)), atol=1e-10)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.one_of(score, st.sampled_from([np.inf, -np.inf, 500.0, -500.0])), min_size=1, max_size=40),
    st.floats(0, 1),
)
def test_rows_and_columns_sum_to_one(scores: list[float], retire: float) -> None:
    matrix = position_probabilities(np.array(scores), retire=np.full(len(scores), retire))
    assert matrix.shape == (len(scores), len(scores))
    assert (matrix >= 0).all()
    assert np.abs(matrix.sum(0) - 1).max() < 1e-9
    assert np.abs(matrix.sum(1) - 1).max() < 1e-9


@settings(max_examples=30, deadline=None)
@given(st.lists(score, min_size=2, max_size=26))
def test_first_place_is_the_softmax(scores: list[float]) -> None:
    softmax = np.exp(np.array(scores) - max(scores))
    assert np.allclose(position_probabilities(np.array(scores))[:, 0], softmax / softmax.sum(), atol=1e-10)


@settings(max_examples=30, deadline=None)
@given(st.lists(score, min_size=2, max_size=26))
def test_a_better_score_never_expects_a_worse_place(scores: list[float]) -> None:
    expected = expected_place(position_probabilities(np.array(scores)))
    assert (np.diff(expected[np.argsort(-np.array(scores), kind="stable")]) > -1e-9).all()


def test_races_are_independent_of_each_other_and_of_the_row_order() -> None:
    generator = np.random.default_rng(1)
    race = np.repeat([5, 3, 9], [18, 26, 1])
    scores, retire = generator.normal(size=45), generator.uniform(0, 0.4, 45)
    together = position_probabilities(scores, race, retire)
    for one in (5, 3, 9):
        rows = race == one
        alone = position_probabilities(scores[rows], retire=retire[rows])
        assert np.allclose(together[rows][:, : rows.sum()], alone, atol=1e-10)
        assert not together[rows][:, rows.sum() :].any()
    shuffled = generator.permutation(45)
    assert np.allclose(
        position_probabilities(scores[shuffled], race[shuffled], retire[shuffled]), together[shuffled], atol=1e-10
    )


def test_certainties_are_an_order() -> None:
    matrix = position_probabilities(np.array([-np.inf, 0.0, np.inf, 300.0, 100.0]))
    assert np.allclose(matrix, np.eye(5)[[4, 3, 0, 1, 2]], atol=1e-9)


def test_a_car_that_surely_retires_is_last() -> None:
    assert position_probabilities(np.array([9.0, 0.0, 0.0]), retire=np.array([1.0, 0, 0]))[0, 2] == pytest.approx(1)


@pytest.mark.parametrize("bad", [{"scores": [np.nan, 1.0]}, {"scores": [0.0, 1.0], "retire": np.array([0.0, 1.2])}])
def test_nonsense_is_refused(bad: dict[str, np.ndarray]) -> None:
    with pytest.raises(FeatureError):
        position_probabilities(**bad)


def test_chances_that_no_scaling_evens_out_get_a_little_luck():
    rng = np.random.default_rng(1)
    for spread in (10.0, 40.0, 100.0):
        drawn = rng.normal(0.0, spread, (3, 8, 8))
        found = doubly_stochastic(np.exp(drawn - drawn.max()), np.ones((3, 8), dtype=bool))
        assert np.abs(found.sum(axis=1) - 1.0).max() < 1e-6
        assert np.abs(found.sum(axis=2) - 1.0).max() < 1e-6
        assert found.min() >= 0.0
