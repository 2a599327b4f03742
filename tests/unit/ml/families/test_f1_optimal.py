"""The F1 of yes at the threshold that the answers choose, and that no label can move."""

import numpy as np
import pandas as pd
import pytest

from pitwall.ml.families import metric
from pitwall.ml.families.binary.f1_optimal import threshold
from pitwall.ml.rows.machinery.race_blocks import race_blocks


def f1(p, label, race=1):
    rows = pd.DataFrame({"race_id": race, "probability": p, "label": label})
    subject = metric("f1_optimal")
    blocks = race_blocks(rows["race_id"])
    return float(subject.statistic(subject.sums(rows, blocks).sum(axis=0, keepdims=True), blocks.count)[0])


def rare(rows=4000, seed=0):
    """Return honest chances of a tenth on average and what came of them."""
    rng = np.random.default_rng(seed)
    p = rng.beta(0.5, 4.5, rows)
    return p, rng.random(rows) < p


def best(p, label):
    """Return the highest F1 of any threshold: one that only hindsight knows."""
    return max(
        2 * label[p >= at].sum() / ((p >= at).sum() + label.sum()) for at in np.quantile(p, np.linspace(0, 1, 101))
    )


def test_yes_is_said_of_as_many_as_make_the_expected_f1_largest():
    # of one: 2 * .6 / (1 + 1); of two: 2 * .9 / (1 + 2) = .6 as well, the first of equals; of three: 2 * .95 / (1 + 3)
    assert threshold(np.array([0.05, 0.6, 0.05, 0.3])) == pytest.approx(0.6)
    assert threshold(np.array([0.05, 0.6, 0.05, 0.4])) == pytest.approx(0.4)


def test_the_score_is_twice_the_hits_over_what_was_said_and_true():
    p = [0.9, 0.8, 0.1, 0.1]  # yes of the first two
    assert f1(p, [True, False, True, False]) == pytest.approx(2 * 1 / (2 + 2))
    assert f1(p, [True, True, False, False]) == 1.0
    assert f1(p, [False] * 4) == 0.0
    assert f1([0.0] * 4, [True, False, False, False]) == 0.0  # always no
    assert f1([1.0] * 4, [True, False, False, False]) == pytest.approx(2 / 5)  # always yes


def test_rows_may_come_in_any_order_and_races_share_one_threshold():
    p, label = rare(200)
    race = np.arange(200) % 5
    turned = np.random.default_rng(1).permutation(200)
    assert f1(p, label, race) == f1(p[turned], label[turned], race[turned])
    assert f1(p, label, race) == f1(p, label)


def test_honest_chances_come_near_the_best_that_hindsight_finds():
    p, label = rare()
    assert best(p, label) - 0.02 < f1(p, label) <= best(p, label) + 1e-9
    assert f1(p, label) > 2 * f1(np.ones(len(p)), label) > 0  # always yes


def test_chances_that_are_too_timid_pay_though_they_rank_alike():
    p, label = rare()
    assert f1(p * 0.3 + 0.1, label) < f1(p, label) - 0.02
