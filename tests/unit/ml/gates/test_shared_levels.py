"""Gates whose questions share one level: kinds of races, and seasons that many candidates were scored on."""

from dataclasses import replace

import numpy as np
import pytest

from pitwall.ml.families import family
from pitwall.ml.gates import gate, run_gate
from pitwall.ml.gates._gate import Standing, saying
from pitwall.ml.gates._losses import mean_over_races

FLAT = family("order").faults.flat


def _ask(name, candidate):
    return run_gate(gate(name), candidate)


def _blind_in(good, rounds):
    where = good.own["round"].isin(rounds).to_numpy()[:, None]
    return saying(good, lambda places: np.where(where, FLAT(places), places))


def test_a_mean_has_the_bounds_of_students_t():
    found = mean_over_races(np.array([1.0, 2.0, 3.0, 4.0]), 0.025)
    assert (found.value, found.n) == (2.5, 4)
    assert found.low == pytest.approx(2.5 - 3.1824463 * np.sqrt(5 / 3) / 2)
    assert found.high - found.value == pytest.approx(found.value - found.low)
    assert found.detectable > found.value - found.low


def test_a_candidate_that_is_blind_in_one_kind_of_race_is_refused_and_told_which(good):
    champion = Standing(4, "another", good.own)
    verdicts = _ask("slices", replace(_blind_in(good, range(1, 6)), champion=champion))
    refused = [verdict for verdict in verdicts if not verdict.passed]
    assert "points" in {verdict.template for verdict in refused}
    for verdict in refused:
        assert "worst is first 5 races" in verdict.reason
        assert "over version 4" in verdict.reason
        assert verdict.measured < verdict.limit < 0 < verdict.detectable


def test_the_same_candidate_is_worse_in_no_kind_of_race(good):
    verdicts = _ask("slices", replace(good, champion=Standing(4, "another", good.own)))
    assert [verdict.passed for verdict in verdicts] == [True] * 3
    assert {verdict.measured for verdict in verdicts} == {0.0}


def test_without_another_champion_the_baseline_is_the_measure(good):
    for champion in (None, Standing(4, good.content, good.own)):
        verdicts = _ask("slices", replace(good, champion=champion))
        assert all("over grid_frequency" in verdict.reason for verdict in verdicts)


def test_a_kind_with_few_races_is_named_and_not_judged(good):
    (verdict, *_) = _ask("slices", good)
    assert "fewer than 10 races, not judged: opener (5)" in verdict.reason
    many = good.params.gates.model_copy(update={"slice_races": 60})
    patient = replace(good, params=good.params.model_copy(update={"gates": many}))
    for verdict in _ask("slices", patient):
        assert verdict.passed
        assert verdict.measured is None
        assert "no kind of race to judge" in verdict.reason


def test_each_opening_of_the_held_out_seasons_raises_the_bar(good):
    bounds = [
        {verdict.template: verdict.measured for verdict in _ask("holdout_reuse", replace(good, openings=times))}
        for times in (1, 10)
    ]
    for template in bounds[0]:
        assert bounds[0][template] > bounds[1][template]


def test_one_opening_asks_what_the_baseline_gate_asks(good):
    for opened, beaten in zip(_ask("holdout_reuse", good), _ask("beats_baseline", good), strict=True):
        assert opened.template == beaten.template
        assert opened.measured == pytest.approx(beaten.measured, abs=0.3 * beaten.detectable)


def test_a_gain_that_luck_explains_is_refused_after_many_openings(good):
    half = replace(saying(good, lambda p: 0.75 * FLAT(p) + 0.25 * p), openings=1)
    tried = _ask("holdout_reuse", replace(half, openings=10**6))
    assert not all(verdict.passed for verdict in tried)
    assert all("opened 1000000 times" in verdict.reason for verdict in tried)
