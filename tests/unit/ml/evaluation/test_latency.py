"""The one harness of latency: the same race for every model, the quietest round counts, all numbers from its calls."""

import numpy as np
import pandas as pd
import pytest

from pitwall.ml.evaluation import latency
from pitwall.ml.evaluation.latency import CARS, RACES, ROUNDS, measure, one_race

FRAME = pd.DataFrame({"race_id": np.repeat(np.arange(1, 61), 10), "driver_id": np.tile(np.arange(10), 60), "x": 1.0})


def test_one_race_has_22_cars_of_one_race():
    race = one_race(FRAME)
    assert (len(race), race["race_id"].nunique(), race["driver_id"].nunique()) == (CARS, 1, CARS)
    assert list(race.index) == list(range(CARS))


def test_the_model_is_asked_for_one_race_over_and_over_and_for_many_at_once():
    asked = []

    def positions(rows):
        asked.append(len(rows))
        return np.zeros((len(rows), CARS))

    found = measure(positions, FRAME, calls=5)
    assert asked == [CARS] * (5 + ROUNDS * 5) + [RACES * 10] * ROUNDS
    assert "3 rounds of 5 races of 22 cars" in found.harness
    assert set(found.metrics()) == {f"inference.{name}" for name in ("p50_ms", "p95_ms", "p99_ms", "rows_per_s")}


def test_the_numbers_are_those_of_the_quietest_round(monkeypatch):
    rounds = iter([[9.0, 9.0, 90.0], [1.0, 2.0, 3.0], [1.0, 1.0, 50.0], [4.0, 2.0, 8.0]])
    monkeypatch.setattr(latency, "_milliseconds", lambda positions, rows, calls: np.array(next(rounds)))
    found = measure(lambda rows: np.zeros(1), FRAME, calls=3)
    assert found.p50_ms == 2.0
    assert found.p99_ms == pytest.approx(2.98)
    assert found.rows_per_s == pytest.approx(RACES * 10 / 0.002)
    assert found.tags() == {"latency_ms": "2.00", "latency_p99_ms": "2.98", "rows_per_s": "250000"}
