"""A live answer survives JSON bit by bit, and one of another format is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from pitwall.live.answer import LiveAnswer, LiveCar, LiveError

CAR = LiveCar(
    driver_id=1, driver="VER", name="Max Verstappen", team="Red Bull", place=1, laps=10, gap_s=0.0, interval_s=None,
    last_lap_s=92.1 + 1e-13, compound="MEDIUM", tyre_laps=10.0, stops=0, out=False,
    answers={"race_winner_live": 0.1 + 0.2, "lap_time": {"p10": 91.0, "p50": 92.0, "p90": 1 / 3}},
)  # fmt: skip
ANSWER = LiveAnswer(
    race="2023-12", race_name="British Grand Prix", source="replay", instant=datetime(2023, 7, 9, 14, 20, 1, 5, UTC),
    clock_s=4000.125, lap=10, distance=52, revision=2, state="racing", silent_s=0.0, withheld=False,
    notes=("feed silent for 42 s",), answers={"safety_car_soon": 0.125}, cars=(CAR,), provenance={"lap_time": "baseline pace"},
)  # fmt: skip


def test_an_answer_survives_json_bit_by_bit() -> None:
    assert LiveAnswer.from_json(json.loads(json.dumps(ANSWER.to_json()))) == ANSWER


def test_an_answer_of_another_format_is_refused() -> None:
    with pytest.raises(LiveError, match="format 0"):
        LiveAnswer.from_json({**ANSWER.to_json(), "format": 0})
