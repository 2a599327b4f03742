"""Features of raw records: the right kind is meant, nothing is filled in, and an instant sees what was true before it."""

import math

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import FeatureError, UnknownName, UsageError
from pitwall.domain.project import Project
from pitwall.features import FeatureEngineer
from pitwall.testing import FakeFeatureReader, tiny_tables
from pitwall.workflows.notebook.by_hand.raw_features import reads_raw
from pitwall.workflows.notebook.feature_store import FeatureStore


@pytest.fixture
def store(tmp_path):
    fs = FeatureStore(
        Project(tmp_path), FakeFeatureReader(tiny_tables(seasons=1, races=1, cars=2)), FeatureEngineer(registry={})
    )
    fs.register_feature("stops", lambda d: d.get("stops"), "stops so far")
    fs.register_feature("pace", lambda d: d["lap_time"] / d["laps_done"], "seconds per lap", version=2)
    fs.register_feature_set("stint", ["pace", "stops"])
    return fs


def test_what_a_function_asks_for_says_what_it_reads():
    raw = [lambda d: d["fuel"], lambda d: 1 if "wet" in d else 0, lambda d: d.get("wing", 3) * d["fuel"]]
    races = [len, lambda h: h["place"].mean(), lambda h: h["positions_last_5"][0], lambda h: 7.0, lambda h: h.iloc[-1]]
    assert [reads_raw(function) for function in (*raw, *races)] == [True] * 3 + [False] * 5


def test_what_nobody_knows_stays_nan_also_in_the_matrix(store):
    store.compute_and_store("a", {"lap_time": 90.0, "laps_done": 30})
    store.compute_and_store(7, {"lap_time": 60.0, "laps_done": 30, "stops": True})
    store.register_feature("late", lambda d: d.get("fuel"), "registered after the first records")
    store.register_feature_set("all", ["stops", "late"])
    X, names = store.get_training_data(["a", 7], "stint")
    assert names == ("pace", "stops")
    np.testing.assert_array_equal(X, [[3.0, math.nan], [2.0, 1.0]])
    data = store.get_training_data([7, "a"], "all")
    assert data.missing.tolist() == [[False, True], [True, True]]
    assert data.rows["entity"].tolist() == [7, "a"]
    assert store.get_features(7) == pytest.approx({"stops": 1.0, "pace": 2.0, "late": math.nan}, nan_ok=True)
    assert store.get_training_data([], "stint").matrix.shape == (0, 2)


def test_an_instant_sees_what_was_true_before_it_whatever_the_order_of_storing(store):
    for lap, at in ((35, "2024-07-28 13:38"), (30, "2024-07-28 13:30")):
        store.compute_and_store("car", {"lap_time": lap, "laps_done": 1, "stops": lap}, timestamp=at)
    assert store.get_features_at("car", "2024-07-28 13:35")["stops"] == 30
    assert math.isnan(store.get_features_at("car", "2024-07-28 13:30")["stops"])
    assert store.get_features_at("car", "2024-07-28 15:30+02:00", strict=False)["stops"] == 30
    assert store.get_features_at("car", "2024-07-28 14:00", "stint") == {"pace": 35.0, "stops": 35.0}
    assert store.get_features("car", "stint")["stops"] == 35


def test_definitions_and_sets_are_those_of_this_store(store):
    assert list(store.feature_definitions) == ["stops", "pace"]
    assert store.feature_definitions["pace"]["version"] == 2
    assert isinstance(store.feature_definitions["pace"]["created_at"], pd.Timestamp)
    assert store.feature_sets == {"stint": ("pace", "stops")}
    store.register_feature("starts", lambda h: len(h) * 1, "races so far")
    store.register_feature_set("mine", ["starts", "grid"])
    assert list(store.feature_definitions) == ["starts", "stops", "pace"]
    assert store.feature_sets == {"mine": ("starts", "grid"), "stint": ("pace", "stops")}


def test_a_value_that_is_no_number_and_a_record_that_lacks_something_are_told(store):
    with pytest.raises(FeatureError, match="pace failed for a: KeyError: 'laps_done'. The record has stops, lap_time"):
        store.compute_and_store("a", {"stops": 1, "lap_time": 2})
    for stops in ("1", math.inf, [1]):
        with pytest.raises(FeatureError, match="stops is .* for a; a feature is one finite number"):
            store.compute_and_store("a", {"stops": stops, "lap_time": 2, "laps_done": 1})
    with pytest.raises(UnknownName, match="unknown entity 'a'"):
        store.get_training_data(["a"], "stint")


def test_kinds_are_not_mixed(store):
    with pytest.raises(UsageError, match="a set is of one kind"):
        store.register_feature_set("both", ["stops", "grid"])
    with pytest.raises(UsageError, match="grid is a feature of races already"):
        store.register_feature("grid", lambda d: d["slot"], "slot")
    with pytest.raises(UsageError, match="needs is for features of races"):
        store.register_feature("q", lambda d: d["slot"], "slot", needs=["qualifying"])
    with pytest.raises(FeatureError):  # said to be of races, and so tried out on them
        store.register_feature("q", lambda d: d["slot"], "slot", raw=False)
    store.register_feature("points_doubled", lambda d: d["points"] * 2, "asks for a column of races", raw=True)
    assert store.compute_and_store("a", {"points": 4, "lap_time": 2, "laps_done": 1})["points_doubled"] == 8
