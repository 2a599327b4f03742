"""Chances of the first three by hand: whole over the cars of an instant, drawn one after another, and blind to cars of other laps."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from pitwall.ml.estimators import FitInput, estimator
from pitwall.ml.estimators.first_three._drawn import chances
from pitwall.ml.estimators.first_three._places import instants, running_order, whole
from pitwall.ml.rows.machinery.race_blocks import race_blocks


def test_the_podium_is_drawn_one_after_another():
    scores = np.array([[1.0, 0.5, 0.2], [0.3, 0.9, 0.1], [0.0, 0.0, 0.8], [-0.5, 0.2, 0.0]])
    win, podium = chances(scores, race_blocks(np.zeros(4, dtype=int)))
    raised, expected = np.exp(scores), np.zeros((4, 2))
    for first, second, third in permutations(range(4), 3):
        left = [car for car in range(4) if car not in (first, second)]
        others = [car for car in range(4) if car != first]
        p = raised[first, 0] / raised[:, 0].sum() * raised[second, 1] / raised[others, 1].sum()
        p *= raised[third, 2] / raised[left, 2].sum()
        expected[first, 0] += p
        expected[[first, second, third], 1] += p
    np.testing.assert_allclose(np.column_stack([win, podium]), expected, atol=1e-9)


@pytest.mark.parametrize("cars", [1, 2, 3, 4, 22])
def test_frequencies_become_one_victory_and_three_places(cars):
    generator, blocks = np.random.default_rng(cars), race_blocks(np.repeat([4, 9], cars))
    win, podium = whole(generator.uniform(0.001, 0.9, 2 * cars), generator.uniform(0.001, 0.9, 2 * cars), blocks)
    assert win.reshape(2, cars).sum(axis=1) == pytest.approx(1)
    assert podium.reshape(2, cars).sum(axis=1) == pytest.approx(min(3, cars), abs=1e-6)
    assert (podium >= win - 1e-12).all()


def race(lap, places, gaps):
    frame = pd.DataFrame({"race_id": 1, "driver_id": np.arange(len(places)), "lap": lap, "season": 2020, "round": 1})
    return frame.assign(
        standing_place=places, standing_gap=gaps, grid=np.arange(len(places)) + 1.0, race_share_led=lap / 50
    )


def test_cars_without_a_lap_stand_behind_the_others_in_the_order_of_the_grid():
    frame = race(1, [np.nan, np.nan, 1.0, np.nan], 0.0)
    assert running_order(frame, instants(frame)).tolist() == [2.0, 3.0, 1.0, 4.0]


def test_cars_compete_with_those_of_the_same_lap_alone():
    plugin = estimator("first_three", "standing_frequency")
    rows = pd.concat([race(lap, [1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 9.0, 30.0]) for lap in range(40)], ignore_index=True)
    outcome = pd.DataFrame({"place": np.tile([1, 2, 3, 4], 40)})
    fitted = plugin.fit(FitInput(rows, outcome, plugin.default(), 0))
    both = fitted.answer(rows[rows["lap"].isin([10, 30])].reset_index(drop=True))
    alone = fitted.answer(rows[rows["lap"] == 30].reset_index(drop=True))
    np.testing.assert_allclose(both.tail(4).to_numpy(), alone.to_numpy(), atol=1e-12)
    assert alone["win"].is_monotonic_decreasing and alone["win"].iloc[0] > 0.5
