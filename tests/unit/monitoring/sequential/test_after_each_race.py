"""The test looked at after every race: its verdict, what it says of the races to come, and what it refuses."""

import math
from itertools import pairwise

import numpy as np
import pytest

from pitwall.domain.errors import UsageError
from pitwall.monitoring.sequential import AHEAD, BEHIND, UNDECIDED, Design, looks
from pitwall.monitoring.sequential.capital import log_capital, told

DESIGN = Design(bound=0.5)


def test_nothing_is_known_before_the_first_race() -> None:
    assert looks([], DESIGN) == []


def test_a_look_has_the_mean_of_the_differences_and_of_the_clipped_ones() -> None:
    last = looks([0.2, 1.5, -0.1], DESIGN)[-1]
    assert (last.races, last.mean, last.clipped) == (3, pytest.approx(1.6 / 3), pytest.approx(0.2))
    assert last.low <= last.clipped <= last.high


def test_both_directions_mirror_each_other() -> None:
    differences = np.random.default_rng(3).normal(0.2, 0.3, 40).tolist()
    ours, theirs = looks(differences, DESIGN), looks([-each for each in differences], DESIGN)
    assert [each.ahead for each in ours] == [each.behind for each in theirs]
    assert [each.high for each in ours] == pytest.approx([-each.low for each in theirs])
    assert ours[-1].verdict == AHEAD
    assert theirs[-1].verdict == BEHIND
    assert [each.to_go for each in ours] == [each.to_go for each in theirs]


def test_a_verdict_comes_with_the_threshold_and_stays_whatever_follows() -> None:
    found = looks([0.4] * 15 + [-0.4] * 40, DESIGN)
    after = found[-1].decided_after
    assert after is not None
    assert found[after - 2].ahead < DESIGN.threshold <= found[after - 1].ahead
    assert {each.verdict for each in found[: after - 1]} == {UNDECIDED}
    assert {each.verdict for each in found[after - 1 :]} == {AHEAD}
    assert found[-1].behind > DESIGN.threshold, "the other direction crossed too, and later"
    assert {each.to_go for each in found[after - 1 :]} == {None}


def test_the_interval_leaves_zero_out_exactly_when_there_is_a_verdict() -> None:
    rng = np.random.default_rng(5)
    for mean in (-0.2, 0.0, 0.2):
        for each in looks(rng.normal(mean, 0.3, 60).tolist(), DESIGN):
            outside = AHEAD if each.low > 0 else BEHIND if each.high < 0 else UNDECIDED
            assert outside == each.verdict


def test_the_interval_narrows_and_never_turns_round() -> None:
    found = looks([0.5] * 30 + [-0.5] * 60, DESIGN)  # no stable mean: the intervals stop meeting
    assert all(each.low <= each.high for each in found)
    assert all(one.low <= two.low and two.high <= one.high for one, two in pairwise(found))


def test_the_unit_of_the_loss_changes_no_verdict() -> None:
    differences = np.random.default_rng(7).normal(0.1, 0.3, 30)
    ours, larger = looks(differences.tolist(), DESIGN), looks((differences * 10).tolist(), Design(bound=5.0))
    assert [each.ahead for each in ours] == pytest.approx([each.ahead for each in larger])
    assert [each.low * 10 for each in ours] == pytest.approx([each.low for each in larger])


def test_races_to_go_are_those_that_it_takes_when_the_races_go_on_as_they_were() -> None:
    season = [0.4, -0.1, 0.3, -0.2, 0.1]
    found = looks(season * 12, DESIGN)
    after = found[-1].decided_after
    assert after is not None
    for full in range(1, after // 5):
        said = found[5 * full - 1].to_go
        assert said is not None
        assert abs(5 * full + said - after) < 5, "the races within a round of five differ"


def test_races_to_go_know_nothing_of_races_to_come() -> None:
    season = np.random.default_rng(9).normal(0.1, 0.3, 20).tolist()
    assert looks([*season, -0.5, 0.5], DESIGN)[:20] == looks(season, DESIGN)


@pytest.mark.parametrize("season", [[0.3] * 3, [0.2, -0.2] * 10, [0.003, -0.2, 0.2] * 10])
def test_few_races_and_small_effects_tell_no_number_of_races(season: list[float]) -> None:
    assert looks(season, DESIGN)[-1].to_go is None


def test_an_exact_zero_speaks_for_nobody() -> None:
    last = looks([0.0] * 10, DESIGN)[-1]
    assert (last.ahead, last.behind, last.verdict) == (pytest.approx(1.0), pytest.approx(1.0), UNDECIDED)


def test_an_e_value_beyond_all_floats_stays_a_number() -> None:
    assert log_capital(np.ones(1200))[-1] > np.log(np.finfo(float).max)
    assert math.isfinite(told(log_capital(np.ones(1200)))[-1])


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_difference_that_is_no_number_names_its_race(wrong: float) -> None:
    with pytest.raises(UsageError, match="difference of race 2"):
        looks([0.1, wrong], DESIGN)


@pytest.mark.parametrize(("bound", "alpha"), [(0.0, 0.05), (-1.0, 0.05), (math.nan, 0.05), (0.5, 0.0), (0.5, 1.0)])
def test_a_design_that_cannot_be_is_refused(bound: float, alpha: float) -> None:
    with pytest.raises(UsageError, match="expected"):
        Design(bound, alpha)
