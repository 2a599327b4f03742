"""Curves of survival by hand: what is refused, what is read from them, and what their scores count."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import AnswerError
from pitwall.domain.params import GateParams
from pitwall.ml.evaluation.course import course
from pitwall.ml.families import family
from pitwall.ml.families.survival import median
from pitwall.ml.families.survival.answer import COLUMNS, STEPS, curves, duration
from pitwall.ml.families.survival.brier import kept
from pitwall.testing.worlds.answers import WORLDS, metric_value, scored_rows

FAMILY = family("survival")


def even(hazard, rows=1):
    return curves(np.full((rows, STEPS), hazard), pd.RangeIndex(rows))


def rows(answer, label, **more):
    return answer.assign(race_id=1, driver_id=range(len(answer)), season=2020, label=label, **more)


def test_a_curve_that_rises_or_leaves_the_chances_is_refused():
    good, race = even(0.1, 3), pd.Series([1, 1, 1])
    FAMILY.check(good, race)
    with pytest.raises(AnswerError, match=r"row 1 goes from 0.5314 after step 6 to 0.9 after the next"):
        FAMILY.check(good.assign(s_7=good["s_7"].where(good.index != 1, 0.9)), race)
    with pytest.raises(AnswerError, match="between 0 and 1"):
        FAMILY.check(good.assign(s_1=1.2), race)
    with pytest.raises(AnswerError, match="s_1 to s_60"):
        FAMILY.check(good[list(COLUMNS[::-1])], race)


def test_the_median_is_the_step_with_which_it_ends_and_the_horizon_where_nobody_knows():
    at_seven = (np.arange(1, STEPS + 1) == 7) * 1.0
    assert duration(curves(at_seven[None], pd.RangeIndex(1)).to_numpy(), 0.5).tolist() == [7.0]
    assert median(even(0.0)).tolist() == [float(STEPS)]
    assert [FAMILY.shown(value, "laps") for value in (7.0, float(STEPS))] == ["7.0 laps", "60 laps or more"]
    assert median(even(0.2)).iloc[0] == pytest.approx(4 - 1 + (0.8**3 - 0.5) / (0.8**3 - 0.8**4) + 0.5)


def test_the_loss_counts_every_step_that_was_watched_and_no_other():
    loss = FAMILY.metrics["log_loss"]
    ended, lost = (metric_value(loss, rows(even(0.1), label)) for label in (5.0, -5.0))
    assert ended == pytest.approx(-4 * np.log(0.9) - np.log(0.1))
    assert lost == pytest.approx(-5 * np.log(0.9))
    beyond = metric_value(loss, rows(even(0.1), STEPS + 9.0))
    assert beyond == pytest.approx(-STEPS * np.log(0.9))


def test_concordance_asks_only_where_it_is_known_which_one_was_shorter():
    said = pd.concat([even(0.3), even(0.2), even(0.1)], ignore_index=True)
    score = FAMILY.metrics["concordance"]
    assert metric_value(score, rows(said, [2.0, 5.0, -5.0])) == 1.0
    assert metric_value(score, rows(said, [5.0, 2.0, -9.0])) == pytest.approx(2 / 3)
    assert metric_value(score, rows(said, [-1.0, 5.0, -9.0])) == 1.0
    assert metric_value(score, rows(said, [-1.0, -5.0, -9.0])) == 0.5


def test_a_curve_that_ends_with_a_flag_that_was_known_before_gains_nothing_by_it():
    """Weights that took the flag for chance would reward it: the score looks no further than a row could be watched."""
    ibs = FAMILY.whole["ibs"]
    honest = even(0.1, 4)
    told = {"laps": [3.0, 3.0, 9.0, 2.0], "ended": [False, True, True, True], "room": [3.0, 12.0, 12.0, 12.0]}
    ends = honest.copy()
    ends.iloc[0, 3:] = 0.0
    assert metric_value(ibs, rows(ends, 1.0, **told)) == metric_value(ibs, rows(honest, 1.0, **told))


def test_who_is_lost_early_is_made_up_for_by_the_others():
    laps, room = np.array([1, 1, 4, 4]), np.full(4, 6.0)
    assert kept(laps, np.array([False, True, True, True]), room)[:3].tolist() == pytest.approx([1.0, 2 / 3, 2 / 3])
    assert kept(laps, np.array([False, True, True, True]), np.array([1.0, 6, 6, 6])).tolist() == [1.0] * STEPS


@pytest.mark.parametrize("score", ["log_loss", "ibs"])
def test_scores_prefer_the_truth_although_a_fifth_is_lost_to_sight(score):
    world = WORLDS["survival"](races=400, cars=10)
    metric = {**FAMILY.metrics, **FAMILY.whole}[score]
    honest = metric_value(metric, scored_rows(FAMILY, world, world.honest))
    for power in (0.7, 1.4):  # hazards that are too low, and too high
        assert metric_value(metric, scored_rows(FAMILY, world, world.honest**power)) > honest


def test_the_course_sets_what_was_seen_beside_what_was_forecast_of_those_watched():
    told = rows(pd.concat([even(0.5), even(0.1), even(0.1)], ignore_index=True), [1.0, 2.0, -2.0])
    table = course(FAMILY.course, told, GateParams(bootstrap_draws=20), seed=0)
    assert table["watched"].tolist() == [3, 2]
    assert table["observed"].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert table["forecast"].tolist() == pytest.approx([1 - 0.7 / 3, (1 - 0.7 / 3) * 0.9])
    assert (table["low"] <= table["observed"]).all() and (table["observed"] <= table["high"]).all()
