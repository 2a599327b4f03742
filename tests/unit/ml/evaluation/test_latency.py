"""The one harness of latency: the same race for every model, the quietest round counts, all numbers from its calls."""

from contextlib import nullcontext

import numpy as np
import pandas as pd
import pytest

from pitwall.ml.evaluation import latency
from pitwall.ml.evaluation.latency import RACES, ROUNDS, measure, one_race
from pitwall.ml.rows import row_kind

KIND = row_kind("race_driver")
CARS = KIND.asked
FRAME = pd.DataFrame({"race_id": np.repeat(np.arange(1, 61), 10), "driver_id": np.tile(np.arange(10), 60), "x": 1.0})


def test_one_race_has_22_cars_of_one_race():
    race = one_race(FRAME, KIND)
    assert (len(race), race["race_id"].nunique(), race["driver_id"].nunique()) == (CARS, 1, CARS)
    assert list(race.index) == list(range(CARS))


def test_the_model_is_asked_for_one_race_over_and_over_and_for_many_at_once():
    asked = []

    def positions(rows):
        asked.append(len(rows))
        return np.zeros((len(rows), CARS))

    found = measure(positions, FRAME, KIND, calls=5)
    assert asked == [CARS] * (5 + ROUNDS * 5) + [RACES * 10] * ROUNDS
    assert "3 rounds of 5 races of 22 cars" in found.harness
    assert set(found.metrics()) == {f"inference.{name}" for name in ("p50_ms", "p95_ms", "p99_ms", "rows_per_s")}


def test_the_numbers_are_those_of_the_quietest_round(monkeypatch):
    rounds = iter([[9.0, 9.0, 90.0], [1.0, 2.0, 3.0], [1.0, 1.0, 50.0], [4.0, 2.0, 8.0]])
    monkeypatch.setattr(latency, "_milliseconds", lambda positions, rows, calls: np.array(next(rounds)))
    found = measure(lambda rows: np.zeros(1), FRAME, KIND, calls=3)
    assert found.p50_ms == 2.0
    assert found.p99_ms == pytest.approx(2.98)
    assert found.rows_per_s == pytest.approx(RACES * 10 / 0.002)
    assert found.tags() == {"latency_ms": "2.00", "latency_p99_ms": "2.98", "rows_per_s": "250000"}


def test_rows_of_another_kind_are_asked_as_many_as_production_asks_and_keep_their_own_keys():
    races = FRAME.drop_duplicates("race_id").drop(columns="driver_id")
    one = one_race(races, row_kind("race"))
    assert (len(one), list(one.columns)) == (1, ["race_id", "x"]), "a race has no driver to invent"
    assert "rounds of 3 races;" in measure(lambda rows: rows, races, row_kind("race"), calls=3).harness


def test_the_time_in_which_other_programs_had_the_processor_is_not_the_models(monkeypatch):
    clock, waited = iter([0.0, 0.010, 1.0, 1.030]), iter([0.0, 0.0, 5.0, 25.0])
    monkeypatch.setattr(latency, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(latency, "waiting", lambda: nullcontext(lambda: next(waited)))
    assert latency._milliseconds(lambda rows: None, FRAME, 2) == pytest.approx([10.0, 10.0])


def test_the_quickest_answer_took_some_time():
    assert (latency._milliseconds(lambda rows: None, FRAME, 2000) > 0).all()


def test_a_system_that_does_not_count_leaves_the_time_in(monkeypatch, tmp_path):
    monkeypatch.setattr(latency, "SCHEDULED", tmp_path / "schedstat")
    with latency.waiting() as waited_ms:
        assert waited_ms() == 0.0
    latency.SCHEDULED.write_bytes(b"7000000 2500000 3\n")
    with latency.waiting() as waited_ms:
        assert waited_ms() == 2.5
        latency.SCHEDULED.write_bytes(b"7000000 4500000 3\n")
        assert waited_ms() == 4.5
