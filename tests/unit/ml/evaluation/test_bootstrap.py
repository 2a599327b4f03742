"""Intervals: repeatable, of the right width, paired."""

import numpy as np
import pytest

from pitwall.domain.errors import UsageError
from pitwall.ml.evaluation.bootstrap import mean_interval, paired_difference, race_weights, smallest_detectable


def test_the_interval_has_the_width_of_the_normal_one() -> None:
    losses = np.random.default_rng(0).normal(1.2, 0.5, 400)
    found = mean_interval(losses, seed=3)
    half = 1.96 * losses.std(ddof=1) / 20
    assert found.value == pytest.approx(losses.mean())
    assert found.low == pytest.approx(losses.mean() - half, abs=0.15 * half)
    assert found.high == pytest.approx(losses.mean() + half, abs=0.15 * half)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    hits = sum(
        found.low <= 1.0 <= found.high
        for found in (mean_interval(rng.exponential(size=60), draws=400, seed=i) for i in range(200))
    )
    assert 170 <= hits <= 199


def test_pairing_removes_what_both_share() -> None:
    rng = np.random.default_rng(2)
    shared = rng.normal(0, 5, 100)
    found = paired_difference(shared, shared + 0.3 + rng.normal(0, 0.1, 100))
    assert found.low > 0.2
    assert found.value == pytest.approx(0.3, abs=0.05)
    assert found.detectable is not None
    assert found.detectable < 0.05


def test_the_smallest_detectable_effect_shrinks_with_the_root_of_the_races() -> None:
    difference = np.tile([0.0, 1.0], 50)
    ratio = smallest_detectable(difference) / smallest_detectable(np.tile(difference, 4))
    assert ratio == pytest.approx(2.0, rel=0.01)


def test_draws_repeat_by_seed_and_keep_the_number_of_races() -> None:
    assert np.array_equal(race_weights(9, 20, 4), np.asarray(race_weights(9, 20, 4)))
    assert not np.array_equal(race_weights(9, 20, 4), race_weights(9, 20, 5))
    assert (race_weights(9, 20, 4).sum(axis=1) == 9).all()


def test_no_race_is_refused() -> None:
    with pytest.raises(UsageError, match="no race"):
        mean_interval(np.array([]))
