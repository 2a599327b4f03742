"""Which rows of what was exported a question is about."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from pitwall.ml.models import model
from pitwall.workflows.serving.asked import Question, rows_of
from pitwall.workflows.serving.refusals import Refused
from pitwall.workflows.serving.vectors import Vectors


def laps(*cars: int) -> Vectors:
    """Return three laps of cars, the second car's last one not there; of the race itself without cars."""
    rows = [{"driver_id": car, "lap": lap} for lap in (3, 1, 2) for car in cars if (car, lap) != (cars[1], 3)]
    frame = pd.DataFrame(rows) if cars else pd.DataFrame({"lap": [3, 1, 2]})
    facts = {"taking_part": len(frame), "names": [{} for _ in frame.index], "labels": [], "recorded": True}
    return Vectors(frame, facts, "digest")


def asked(name: str, vectors: Vectors, **counter: int) -> list[dict[str, int]]:
    rows = rows_of(SimpleNamespace(definition=model(name)), vectors, Question(counter=counter))
    return vectors.frame.iloc[list(rows.at)].to_dict("records")


def test_of_cars_each_ones_newest_lap_is_meant_or_the_one_that_is_named():
    vectors = laps(7, 4)
    assert asked("lap_time", vectors) == [{"driver_id": 4, "lap": 2}, {"driver_id": 7, "lap": 3}]
    assert asked("lap_time", vectors, lap=1) == [{"driver_id": 4, "lap": 1}, {"driver_id": 7, "lap": 1}]


def test_of_a_race_its_newest_lap_is_meant_or_the_one_that_is_named():
    assert asked("safety_car_soon", laps()) == [{"lap": 3}]
    assert asked("safety_car_soon", laps(), lap=1) == [{"lap": 1}]


def test_a_lap_that_is_not_there_is_refused():
    with pytest.raises(Refused, match="no such lap: found 9; expected 1 to 3"):
        asked("safety_car_soon", laps(), lap=9)
