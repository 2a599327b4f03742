"""A silent feed widens what is answered, then withholds it, and says for how long it has been silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pitwall.domain.errors import UsageError
from pitwall.domain.params import parse_params
from pitwall.domain.sections.live import LiveParams
from pitwall.live.answer import LiveAnswer, LiveCar
from pitwall.live.widening import aged

SETTINGS = LiveParams(silent_s=30, withhold_s=300)


def car(driver: int, win: float) -> LiveCar:
    answers = {"race_winner_live": win, "lap_time": {"p10": 89.0, "p50": 90.0, "p90": 92.0}}
    return LiveCar(driver, "D", "D", "T", driver, 10, 0.0, None, 90.0, "SOFT", 10.0, 0, False, answers)


ANSWER = LiveAnswer(
    "2023-12", "GP", "openf1", datetime(2023, 7, 9, 14, tzinfo=UTC), 900.0, 10, 52, 1, "racing", 0.0, False, (),
    {"safety_car_soon": 0.1}, (car(1, 0.7), car(2, 0.2), car(3, 0.1)), {},
)  # fmt: skip


def test_an_answer_from_fresh_data_stays_as_it_is() -> None:
    assert aged(ANSWER, 30.0, SETTINGS) == replace(ANSWER, silent_s=30.0)


def test_a_silent_feed_widens_answers_and_chances_still_sum_to_one() -> None:
    stale = aged(ANSWER, 42.0, SETTINGS)
    assert stale.notes == ("feed silent for 42 s",)
    assert stale.answers == {}
    chances = [each.answers["race_winner_live"] for each in stale.cars]
    assert sum(chances) == pytest.approx(1.0)
    assert chances == sorted(chances, reverse=True)
    assert 1 / 3 < chances[0] < 0.7
    wide = stale.cars[0].answers["lap_time"]
    assert wide["p50"] == 90.0
    assert (90.0 - wide["p10"], wide["p90"] - 90.0) == pytest.approx((1 + 42 / 90, 2 * (1 + 42 / 90)))


def test_after_long_silence_nothing_is_answered_unless_the_race_is_over() -> None:
    withheld = aged(ANSWER, 301.0, SETTINGS)
    assert withheld.withheld
    assert all(not each.answers for each in withheld.cars)
    over = replace(ANSWER, state="finished")
    assert aged(over, 301.0, SETTINGS) == replace(over, silent_s=301.0)


def test_limits_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(UsageError, match="withhold_s"):
        parse_params({"live": {"silent_s": 60, "withhold_s": 30}})
