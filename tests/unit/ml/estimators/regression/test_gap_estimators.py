"""Rules about gaps, and answers that start from a feature instead of from nothing."""

import json

import numpy as np
import pandas as pd
import pytest

from pitwall.ml.estimators import FitInput, estimator
from pitwall.ml.estimators.regression.quantile_trees import LATE
from pitwall.ml.estimators.shared.sorting import last_races


def cars(races=30, cars=12, **columns):
    """Return a frame of cars in races with further columns, each a function of race and car."""
    frame = pd.DataFrame(
        [(race, car) for race in range(1, races + 1) for car in range(1, cars + 1)], columns=["race_id", "driver_id"]
    )
    frame = frame.assign(
        constructor_id=frame["driver_id"],
        circuit_id=1,
        season=2018 + frame["race_id"] // 10,
        round=frame["race_id"] % 10,
    )
    frame["cutoff"] = pd.Timestamp("2018-03-01", tz="UTC") + pd.to_timedelta(frame["race_id"] * 14, unit="D")
    return frame.assign(
        **{name: make(frame["race_id"], frame["driver_id"]).astype("float64") for name, make in columns.items()}
    )


def fitted(name, frame, value, start=""):
    plugin = estimator("regression", name)
    params = plugin.default() | ({"rounds": 40} if plugin.role == "model" and name != "linear" else {})
    return plugin.fit(FitInput(frame, pd.DataFrame({"value": np.asarray(value, float)}), params, 7, start=start))


@pytest.mark.parametrize(("name", "times"), [("gap_trend", 1), ("gap_trend_5", 5)])
def test_a_trend_is_carried_on_and_without_one_the_gap_stays(name, times, tmp_path):
    frame = cars(gap_to_leader=lambda race, car: 2.0 * car, gap_change_1=lambda race, car: 0.1 * (race % 3))
    model = fitted(name, frame, frame["gap_to_leader"] + times * frame["gap_change_1"])
    model.save(tmp_path)
    asked = frame.head(2).assign(gap_to_leader=10.0, gap_change_1=[0.5, np.nan])
    for each in (model, estimator("regression", name).load(tmp_path)):
        np.testing.assert_allclose(each.answer(asked)["q50"], [10 + 0.5 * times, 10.0])


def test_a_rule_without_a_trend_writes_what_it_always_wrote(tmp_path):
    frame = cars(gap_to_leader=lambda race, car: 1.0 * car)
    fitted("gap_now", frame, frame["gap_to_leader"]).save(tmp_path)
    content = json.loads(next(tmp_path.iterdir()).read_text(encoding="utf-8"))
    assert set(content) == {"column", "otherwise", "spread", "params", "validation_loss"}


def test_the_gap_by_grid_is_the_median_of_that_slot():
    frame = cars(cars=20, grid=lambda race, car: car)
    value = 3.0 * frame["grid"] + (frame["race_id"] % 5 - 2)
    answer = fitted("gap_by_grid", frame, value).answer(frame)
    np.testing.assert_allclose(answer["q50"], 3.0 * frame["grid"])
    np.testing.assert_allclose(answer["q90"] - answer["q10"], 4.0)


def test_the_gap_by_rank_counts_ratings_against_the_grid():
    frame = cars(
        grid=lambda race, car: (car + race) % 12 + 1,
        driver_running_rating=lambda race, car: -car / 3,
        team_running_rating=lambda race, car: -car / 3,
    )
    asked = frame.head(2).assign(grid=6.0, driver_running_rating=[1.0, -4.0], team_running_rating=[1.0, -4.0])
    answer = fitted("gap_by_rank", frame, 5.0 * frame["driver_id"]).answer(asked)
    assert answer["q50"].iloc[0] + 20 < answer["q50"].iloc[1]


@pytest.mark.parametrize("name", ["linear", "xgboost"])
def test_answers_that_start_from_a_feature_follow_it_where_none_was_seen(name):
    rng = np.random.default_rng(1)
    frame = cars(gap=lambda race, car: pd.Series(rng.uniform(0, 100, len(race))), push=lambda race, car: race % 2)
    value = frame["gap"] + 0.5 * frame["push"] + rng.normal(0, 0.05, len(frame))
    far = frame.head(2).assign(gap=500.0, push=[0.0, 1.0])
    started = fitted(name, frame, value, start="gap").answer(far)["q50"]
    np.testing.assert_allclose(started, [500.0, 500.5], atol=5.0)
    assert (fitted(name, frame, value).answer(far)["q50"] < 300).all()  # what was seen, widened by its range
    unknown = fitted(name, frame, value, start="gap").answer(far.assign(gap=np.nan))
    assert np.isfinite(unknown).all(axis=None)


@pytest.mark.parametrize("name", ["linear", "xgboost"])
def test_a_start_is_kept_in_the_file_and_stands_in_no_file_without_one(name, tmp_path):
    frame = cars(gap=lambda race, car: car, push=lambda race, car: race % 2)
    for start in ("", "gap"):
        folder = tmp_path / (start or "none")
        folder.mkdir()
        model = fitted(name, frame, frame["gap"] + frame["push"], start=start)
        model.save(folder)
        assert ("usual_start" in (folder / "estimator.json").read_text(encoding="utf-8")) == bool(start)
        loaded = estimator("regression", name).load(folder)
        pd.testing.assert_frame_equal(loaded.answer(frame), model.answer(frame))


@pytest.mark.parametrize(("seed", "wider"), [(3, True), (2, False)])
def test_quantile_trees_widen_what_they_learned_by_heart_and_narrow_nothing(seed, wider):
    rng = np.random.default_rng(seed)
    names = [f"noise_{number}" for number in range(12)]
    frame = cars(races=80, **{name: lambda race, car: pd.Series(rng.normal(size=len(race))) for name in names})
    value = rng.gamma(2.0, 10.0, len(frame))
    early = ~last_races(frame, LATE)
    model = fitted("quantile_trees", frame[early].reset_index(drop=True), value[early])
    answer = model.answer(frame[~early])
    inside = ((answer["q10"] <= value[~early]) & (value[~early] <= answer["q90"])).mean()
    assert inside == pytest.approx(0.8, abs=0.07)
    assert (model.widen > 1) == wider
    skew = (answer["q90"] - answer["q50"]) / (answer["q50"] - answer["q10"])
    assert skew.median() > 1.2
