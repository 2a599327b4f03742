"""The tiny world's laps hold what a feature that reads laps must cope with, and agree with its results."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.tables import SPECS, Tables
from pitwall.testing import tiny_tables

KEY = ["race_id", "driver_id"]
LAP_TABLES = ("laps", "weather", "track_status", "session_status")


@pytest.fixture(scope="module")
def world() -> Tables:
    return tiny_tables(seasons=2, races=4, upcoming=1)


@pytest.mark.parametrize("name", LAP_TABLES)
def test_they_are_canonical_and_only_of_races_that_were_run(world: Tables, name: str) -> None:
    SPECS[name].schema().validate(world[name])
    assert set(world[name]["race_id"]) == set(world["results"]["race_id"]) < set(world["races"]["race_id"])


def test_completed_laps_are_those_of_lap_times(world: Tables) -> None:
    key = [*KEY, "lap"]
    completed = world["laps"][world["laps"]["completed"]].sort_values(key, ignore_index=True)
    timed = world["lap_times"].sort_values(key, ignore_index=True)
    pd.testing.assert_frame_equal(completed[key], timed[key])
    same = completed["seconds"] - timed["seconds"]
    assert np.allclose(same[completed["seconds"].notna() & completed["pit_out_seconds"].isna()], 0)


def test_a_lap_is_public_when_it_ends(world: Tables) -> None:
    laps = world["laps"]
    starts = laps["race_id"].map(world["races"].set_index("race_id")["starts_at"])
    assert np.allclose((laps["event_timestamp"] - starts).dt.total_seconds(), laps["end_seconds"], atol=1e-5)
    assert (laps["known_at"] == laps["event_timestamp"]).all() and laps["known_estimated"].all()


def test_it_has_what_real_laps_have(world: Tables) -> None:
    laps, results = world["laps"], world["results"]
    unfinished = laps[~laps["completed"]].set_index(KEY).index
    assert set(unfinished) == set(results[results["retired"]].set_index(KEY).index) != set()
    assert (laps["completed"] & laps["seconds"].isna()).any()
    assert laps["pit_in_seconds"].notna().any() and laps["stint"].nunique() == 2
    assert laps["rainfall"].nunique() == 2 and laps["track_status"].nunique() == 2
    assert {"1", "4"} == set(world["track_status"]["status"])
    assert (world["weather"]["seconds"] < 0).any() and (world["weather"]["seconds"] > 0).any()
