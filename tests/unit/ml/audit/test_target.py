"""A target of a user's own is found out where it knows later races, stands before its cut-off, or is a feature in other words."""

from __future__ import annotations

import pandas as pd
import pytest

from pitwall.ml.audit._target import audit_target
from pitwall.ml.rows import row_kind
from pitwall.testing.worlds.tiny import tiny_tables

KEY = ["race_id", "driver_id"]


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=3, races=5, cars=8, upcoming=1)


@pytest.fixture(scope="module")
def frame(tables):
    rows = row_kind("race_driver").spine(tables, "pre_race")
    grid = tables.as_of()["grid"][[*KEY, "grid"]]
    return rows.merge(grid, on=KEY, how="left").astype({"grid": "float64"})


def first_half(tables):
    results = tables.as_of()["results"]
    return results.assign(label=results["place"] <= 4).set_index(KEY)["label"]


def champions(tables):
    """Whether the driver has the most points of the season, when it is over."""
    newest = tables.as_of()
    rows = newest["results"].merge(newest["races"][["race_id", "season"]], on="race_id")
    points = rows.groupby(["season", "driver_id"])["points"].sum().reset_index()
    best = points.loc[points.groupby("season")["points"].idxmax(), ["season", "driver_id"]]
    crowned = rows.merge(best.assign(label=True), on=["season", "driver_id"], how="left")
    return crowned.assign(label=crowned["label"].eq(True)).set_index(KEY)["label"]


def front_row(tables):
    grid = tables.as_of()["grid"]
    return grid.assign(label=grid["grid"] <= 2).set_index(KEY)["label"]


def of_the_last_race(tables):
    newest = tables.as_of()
    last = newest["races"]["race_id"].isin(newest["results"]["race_id"])
    kept = newest["races"].loc[last, "race_id"].max()
    rows = newest["results"]
    return rows.assign(label=(rows["place"] <= 4) & (rows["race_id"] <= kept) & (kept > 12)).set_index(KEY)["label"]


def audited(label, tables, frame, **more):
    return audit_target(label, tables, frame, row_kind("race_driver"), name="mine", **{"made": True, **more})


def test_an_honest_target_passes(tables, frame):
    assert audited(first_half, tables, frame) == []


@pytest.mark.parametrize("label", [champions, of_the_last_race])
def test_a_target_that_knows_later_races_is_refused_with_a_row(label, tables, frame):
    found = audited(label, tables, frame)[0]
    assert "change when the races after them are taken away" in found.reason
    assert found.rows > 0
    assert set(found.example) >= {"race_id", "driver_id", "race", "then", "now"}


def test_a_target_that_stands_before_the_start_is_no_forecast(tables, frame):
    reasons = [each.reason for each in audited(front_row, tables, frame)]
    assert any("known before the cut-off" in reason for reason in reasons)
    assert any("told almost exactly by the feature grid" in reason for reason in reasons)


def test_a_list_of_labels_is_compared_with_the_features_alone(tables, frame):
    stored = front_row(tables)
    found = audited(lambda _: stored, tables, frame, made=False)
    assert [each.example["feature"] for each in found] == ["grid"]
    honest = first_half(tables)
    assert audited(lambda _: honest, tables, frame, made=False) == []


def test_a_target_that_breaks_without_later_races_says_so(tables, frame):
    def broken(some):
        if len(some["results"]) < len(tables["results"]):
            raise KeyError("2022")
        return first_half(some)

    found = audited(broken, tables, frame)[0]
    assert "cannot be told without the races after it" in found.reason
    assert "2022" in found.example["error"]


def test_numbers_are_compared_by_rank(tables, frame):
    twice = pd.Series((frame["grid"] * 2).to_numpy(), index=pd.MultiIndex.from_frame(frame[KEY]), name="label")
    found = audited(lambda _: twice, tables, frame, made=False)
    assert found[0].example["agreement"] == 1.0
