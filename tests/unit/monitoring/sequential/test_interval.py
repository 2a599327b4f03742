"""The interval beside that of the library ville, and against what a mean that is known rules out."""

import numpy as np
import pytest
from ville import BettingCS

from pitwall.monitoring.sequential import capital
from pitwall.monitoring.sequential.interval import ends

LEVEL = float(np.log(40))
START = 10  # races, before which means near the bound are asked about, for which the share of the library is the smaller one


@pytest.mark.parametrize("mean", [-0.3, 0.0, 0.2])
def test_with_one_share_it_is_the_interval_of_ville(mean: float, monkeypatch: pytest.MonkeyPatch) -> None:
    share = 0.15  # so small that the library's own share, which shrinks, stays above it
    monkeypatch.setattr(capital, "SHARES", np.array([share]))
    monkeypatch.setattr(capital, "PARTS", np.array([1.0]))
    season = np.clip(np.random.default_rng(11).normal(mean, 0.4, 60), -1, 1)
    theirs = BettingCS((-1, 1), alpha=0.05, c=share, grid=40_000).fit(season)
    low, high = ends(season, LEVEL)
    assert low[-1] > -1
    assert high[-1] < 1
    assert low[START:] == pytest.approx(theirs.lower_[START:], abs=2e-4)
    assert high[START:] == pytest.approx(theirs.upper_[START:], abs=2e-4)


def test_nothing_is_ruled_out_by_a_single_race_of_a_small_difference() -> None:
    low, high = ends(np.array([0.0]), LEVEL)
    assert low[0] < -0.5
    assert high[0] > 0.5


def test_a_difference_at_the_bound_is_no_end_of_the_world() -> None:
    low, high = ends(np.full(40, 1.0), LEVEL)
    assert 0.5 < low[-1] < 1
    assert high[-1] == 1
