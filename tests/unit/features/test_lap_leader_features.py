"""A car beside the leader, and where its gap should go, checked by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.params import Params
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.replay import replay_check, replay_instants
from pitwall.testing.worlds.driven import driven_race as driven
from pitwall.testing.worlds.tiny import tiny_tables

AHEAD = [95.0, 90.0, 90.0, 90.0]
BEHIND = [97.0, 91.0, 91.0, 91.0]
LAST = [99.0, 92.0, 92.0, 92.0]
NO_STOP = [np.nan] * 4
STOP_ON_3 = [np.nan, np.nan, 270.0, np.nan]


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=1, races=2, cars=4)


def of(world, driver, **settings):
    rows = build_group(groups()["lap_leader"], world, Params(features={"lap_leader": settings}))
    return rows[rows["driver_id"] == driver].sort_values("event_timestamp", ignore_index=True)


def test_a_gap_that_grows_is_carried_on(tables):
    rows = of(driven(tables, AHEAD, BEHIND), 2)  # gaps of 2, 3, 4 and 5 s
    np.testing.assert_allclose(rows["gap_change_1"], [np.nan, 1, 1, 1])
    np.testing.assert_allclose(rows["gap_change_3"], [np.nan, np.nan, np.nan, 3])
    np.testing.assert_allclose(rows["leader_pace_diff"], [np.nan, -1, -1, -1])
    np.testing.assert_allclose(rows["leader_margin"], [2, 3, 4, 5])
    np.testing.assert_allclose(rows["gap_next_lap"][1:], [4, 5, 6])
    np.testing.assert_allclose(rows["gap_five_laps"][1:], [8, 9, 10])


def test_the_leader_knows_nobody_behind_and_has_no_gap(tables):
    rows = of(driven(tables, AHEAD, BEHIND), 1)
    assert rows["leader_margin"].isna().all()
    assert rows["second_pace_diff"].isna().all()
    assert rows["gap_next_lap"].tolist() == [0.0] * 4
    assert rows["gap_five_laps"].tolist() == [0.0] * 4


def test_who_stops_loses_a_stop_and_perhaps_the_lead(tables):
    world = driven(tables, AHEAD, BEHIND, LAST, pit_in_seconds=[STOP_ON_3, NO_STOP, NO_STOP])
    second, third = of(world, 2), of(world, 3)
    assert second["leader_in_lap"].tolist() == [0, 0, 1, 0]
    np.testing.assert_allclose(second["leader_stops_diff"], [0, 0, 1, 1])
    # after lap 3 car 1 would end the next lap at 275 + 90 + 20, car 2 at 279 + 91, car 3 at 283 + 92
    assert second["gap_next_lap"][2] == 0.0
    assert third["gap_next_lap"][2] == 5.0
    assert of(world, 3, stop_s=1.0)["gap_next_lap"][2] == 9.0  # 275 + 90 + 1 leads now
    own = of(driven(tables, AHEAD, BEHIND, pit_in_seconds=[NO_STOP, STOP_ON_3]), 2)
    assert own["gap_next_lap"][2] == 25.0


def test_of_laps_that_the_leader_has_driven_the_crossing_counts(tables):
    quick, slow = [60.0, 60.0, 60.0, 70.0, 60.0], [88.0, 88.0, 88.0]
    rows = of(driven(tables, quick, slow), 2)
    # lap 2 ended at 176, before the leader ended lap 3; lap 3 at 264, after the leader had ended lap 4 at 250
    np.testing.assert_allclose(rows["gap_next_lap"][1:], [176 + 88 - 180, 264 + 88 - 250])


def test_who_has_not_crossed_the_line_yet_is_not_looked_at(tables):
    before = of(driven(tables, AHEAD, BEHIND), 1)
    later = of(driven(tables, AHEAD, [97.0, 91.0, 70.0, 70.0]), 1)  # car 2 takes the lead on lap 3
    pd.testing.assert_frame_equal(before[:2], later[:2])
    assert later["gap_next_lap"][2] > 0


def test_the_replay_catches_a_margin_of_the_whole_race(tables):
    good = groups()["lap_leader"]

    def peeks(given, settings, time):
        rows = good.compute(given, settings, time)
        return rows.assign(leader_margin=rows.groupby("race_id")["leader_margin"].transform("max"))

    def leaks(group):
        found = replay_check(group, tables, Params(), replay_instants(tables, Params(), races=1))
        return {violation.feature for violation in found}

    assert leaks(good) == set()
    assert leaks(replace(good, compute=peeks)) == {"leader_margin"}
