"""What was made quick answers with the same bits as the plain formula: stored models must say what they were judged by.

Each reference is the textbook form of the same sums in the same order, on races of different sizes with cars that lack values.
"""

from functools import reduce

import numpy as np
import pandas as pd
import pytest

from pitwall.ml.estimators.order._pool import raked
from pitwall.ml.estimators.shared.blend import weighted_mean
from pitwall.ml.estimators.shared.trees import TreeRows, boost, margins, matrix_of
from pitwall.ml.families.order.elimination import CERTAIN, NODES, survival_probabilities
from pitwall.ml.families.order.plackett_luce import (
    LEFT,
    RIGHT,
    STEP,
    _tame,
    doubly_stochastic,
    dropped_places,
    position_probabilities,
)
from pitwall.ml.rows.machinery.moments import moments
from pitwall.ml.rows.machinery.race_blocks import race_blocks

SIZES = (20, 7, 22, 2)
RACE = np.repeat(np.arange(len(SIZES)), SIZES)
RANDOM = np.random.default_rng(11)
SCORES, DROP = RANDOM.normal(scale=1.5, size=len(RACE)), RANDOM.uniform(0.0, 0.6, size=len(RACE))
FIELDS = race_blocks(RACE)


@pytest.fixture(params=[False, True], ids=["many races", "one race"])
def asked(request):
    """Return the race of rows, their scores and their chances to drop out."""
    own = RACE == 0 if request.param else RACE >= 0
    return RACE[own], SCORES[own], DROP[own]


def divided(values, by):
    return np.divide(values, by, out=np.zeros_like(values), where=by > 0)


def scaled(blocks, mask):
    blocks = np.where(mask[:, :, None] & mask[:, None, :], np.clip(blocks, 0.0, None), 0.0)
    for _ in range(2000):
        blocks = divided(blocks, blocks.sum(axis=2, keepdims=True))
        blocks = divided(blocks, blocks.sum(axis=1, keepdims=True))
        if np.abs(blocks.sum(axis=2) - mask).max() < 1e-12:
            break
    return blocks


def counted(chance):
    """Return how many come true, car by car: races x instants x cars -> cars + 1 x races x instants."""
    counts = np.zeros((chance.shape[-1] + 1, *chance.shape[:-1]))
    counts[0] = 1.0
    for car in range(chance.shape[-1]):
        p = chance[..., car]
        counts[1 : car + 2] = counts[1 : car + 2] * (1.0 - p) + counts[: car + 1] * p
        counts[0] *= 1.0 - p
    return counts


def others(chance, weight):
    races, _, cars = chance.shape
    counts, late, out = counted(chance)[..., None], chance > 0.5, np.zeros((races, cars, cars))
    for forwards, chosen in ((True, ~late), (False, late)):
        p = np.where(chosen, chance if forwards else 1.0 - chance, 0.0)
        part, left = np.where(chosen, weight, 0.0), np.zeros_like(chance)
        for k in range(cars):
            left = counts[k if forwards else cars - k] * (1.0 / (1.0 - p)) - left * (p / (1.0 - p))
            out[:, :, k if forwards else cars - 1 - k] += (part * left).sum(axis=1)
    return out


def dropped(drop, mask):
    cars = drop.shape[1]
    share = others(drop[:, None, :], np.ones_like(drop)[:, None, :]) / np.arange(1, cars + 1)
    from_last = drop[:, :, None] * share[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]
    places = mask.sum(axis=1)[:, None] - 1 - np.arange(cars)[None, :]
    picked = np.take_along_axis(from_last, np.clip(places, 0, None)[:, None, :].repeat(cars, axis=1), axis=2)
    return np.where((places >= 0)[:, None, :], picked, 0.0)


def test_places_of_who_is_drawn_first(asked):
    race, scores, drop = asked
    fields = race_blocks(race)
    tamed, chance, mask = _tame(scores[fields.rows], fields.mask), fields.pad(drop, 0.0), fields.mask
    instants = np.arange(-LEFT, RIGHT - tamed.min(initial=0.0) + STEP, STEP)
    hazard = np.exp(instants[None, :, None] + tamed[:, None, :])
    weight = STEP * hazard * np.exp(-hazard) * (1.0 - chance)[:, None, :] * mask[:, None, :]
    arrived = -np.expm1(-hazard) * (1.0 - chance)[:, None, :] * mask[:, None, :]
    expected = fields.flat(scaled(others(arrived, weight) + dropped(chance, mask), mask))
    np.testing.assert_array_equal(position_probabilities(scores, race, drop), expected)


def test_places_of_who_is_eliminated_last(asked):
    race, scores, drop = asked
    fields = race_blocks(race)
    padded, chance = np.where(fields.mask, scores[fields.rows], -np.inf), fields.pad(drop, 0.0)
    behind = np.minimum(padded.max(axis=1, keepdims=True) - padded, CERTAIN)
    node, weight = np.polynomial.legendre.leggauss(NODES)
    times = -np.log(0.5 * (node + 1.0)) * np.exp(-behind)[:, :, None]
    counts = np.zeros((fields.width, *times.shape))
    counts[0] = 1.0
    for other in range(fields.width):
        ahead = np.exp(-times * np.exp(behind)[:, other, None, None])
        ahead *= ((1.0 - chance) * fields.mask)[:, other, None, None]
        ahead[:, other] = 0.0
        counts[1:] = counts[1:] * (1.0 - ahead) + counts[:-1] * ahead
        counts[0] *= 1.0 - ahead
    places = np.moveaxis(counts @ (0.5 * weight), 0, 2) * ((1.0 - chance) * fields.mask)[:, :, None]
    expected = fields.flat(scaled(places + dropped(chance, fields.mask), fields.mask))
    np.testing.assert_array_equal(survival_probabilities(scores, race, drop), expected)


def test_places_of_the_dropped():
    drop = FIELDS.pad(DROP, 0.0)
    np.testing.assert_array_equal(dropped_places(drop, FIELDS.mask), dropped(drop, FIELDS.mask))


def test_scaling_where_somebody_may_take_no_place():
    blocks = RANDOM.random((2, 6, 6)) * (RANDOM.random((2, 6, 6)) > 0.2)
    blocks[0, 2], mask = 0.0, np.ones((2, 6), dtype=bool)
    np.testing.assert_array_equal(doubly_stochastic(blocks, mask, floor=0.0), scaled(blocks, mask))


def test_raking(asked):
    race, scores, _ = asked
    fields, first = race_blocks(race), np.exp(scores)
    mask, width = fields.mask, fields.width
    before = doubly_stochastic(RANDOM.random((fields.count, width, width)), mask)
    winner = fields.pad(first, 0.0) / fields.pad(first, 0.0).sum(axis=1, keepdims=True)
    rest, left = before[:, :, 1:], np.where(mask, 1.0 - winner, 0.0)
    for _ in range(1500):
        rest = rest * divided(left[:, :, None], rest.sum(axis=2, keepdims=True))
        rest = rest * divided(mask[:, None, 1:].astype(float), rest.sum(axis=1, keepdims=True))
        if np.abs(rest.sum(axis=2) - left).max() < 1e-12:
            break
    expected = fields.flat(np.concatenate([winner[:, :, None], rest], axis=2))
    np.testing.assert_array_equal(raked(fields.flat(before), first, race), expected)


def test_moments_of_a_race_are_those_of_groups_of_a_table():
    values = np.where(RANDOM.random((len(RACE), 5)) < 0.2, np.nan, RANDOM.normal(3.0, 1e-3, size=(len(RACE), 5)))
    values[RACE == 1, 0], values[RACE == 3, 1] = np.nan, 7.0
    turned = RANDOM.permutation(len(RACE))
    groups = pd.DataFrame(values[turned]).groupby(RACE[turned])
    mean, spread = moments(values[turned], race_blocks(RACE[turned]))
    np.testing.assert_array_equal(mean, groups.transform("mean"))
    np.testing.assert_array_equal(spread, groups.transform("std", ddof=0))


def test_trees_say_the_same_of_an_array_as_of_the_librarys_own_matrix():
    values, margin = np.where(RANDOM.random((300, 4)) < 0.1, np.nan, RANDOM.random((300, 4))), RANDOM.random(300)
    shape = {
        "eta": 0.3,
        "max_depth": 4,
        "min_child_weight": 1,
        "reg_lambda": 1,
        "subsample": 0.7,
        "colsample_bytree": 1,
    }
    rows = TreeRows(values, list("abcd"), np.nan_to_num(values).sum(axis=1))
    trees = boost(rows, shape, 20, seed=1, objective="reg:squarederror")
    for start in (None, margin):
        told = trees.predict(matrix_of(values, list("abcd"), start), output_margin=True)
        np.testing.assert_array_equal(margins(trees, values, start), told.astype(np.float64))


def test_a_weighted_mean_is_the_sum_of_tables():
    weights = [0.2, 0.5, 0.3]
    answers = [pd.DataFrame(RANDOM.random((4, 2)), index=[5, 3, 1, 2], columns=["p_b", "p_a"]) for _ in weights]
    expected = reduce(lambda left, right: left + right, (w * each for w, each in zip(weights, answers, strict=True)))
    answers[1] = answers[1][["p_a", "p_b"]]
    pd.testing.assert_frame_equal(weighted_mean(weights, answers), expected, check_exact=True)
