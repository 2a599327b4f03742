"""What an upgrade brought and how fast a car corners, on tables written by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.params import Params
from pitwall.domain.tables import SPECS, STAMPS, Tables, empty_table
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.replay import replay_check, replay_instants
from pitwall.testing.worlds.tiny import tiny_tables

TEAM, EFFECT = 2, "upgrade_effectiveness"
GAPS = (3.0, 1.0, 1.5, 1.1, 0.4, 0.2)  # % behind the other team, by round; capped below


@pytest.fixture(scope="module")
def world() -> Tables:
    """Two seasons of two teams; the second one qualifies `GAPS` behind the first, both of its cars alike."""
    tables = tiny_tables(seasons=2, races=6, cars=4)
    rounds = tables["qualifying"]["race_id"].map(tables["races"].set_index("race_id")["round"])
    gap = rounds.map(dict(enumerate(GAPS, start=1))) * (tables["qualifying"]["constructor_id"] == TEAM)
    return tables.replace(qualifying=tables["qualifying"].assign(q1=80.0 * (1 + gap / 100)))


def flagged(tables: Tables, rounds: dict[int, float], season: int = 2021, known: pd.Timestamp | None = None) -> Tables:
    """Return the tables with upgrades of the second team in the first practice of some rounds."""
    races = tables["races"].query("season == @season and round in @rounds")
    rows = pd.DataFrame(
        {"race_id": races["race_id"], "constructor_id": TEAM, "number": 1, "session": "FP1", "note": None,
         "event_timestamp": races["practice_at"], "known_at": known or races["practice_at"], "known_estimated": known is None}
    )  # fmt: skip
    return tables.replace(upgrades=rows.astype({**SPECS["upgrades"].columns, **STAMPS}))


def effects(tables: Tables, season: int = 2021, **settings: float) -> list[float]:
    """Return the effect after each qualifying of the second team in a season, null where it has no row."""
    rows = build_group(groups()["upgrades"], tables, Params(features={"upgrades": settings}))
    own = rows[rows["constructor_id"] == TEAM].set_index("event_timestamp")[EFFECT]
    lines = tables["qualifying"].merge(tables["races"].query("season == @season")[["race_id"]], on="race_id")
    return [float(own.get(end, np.nan)) for end in sorted(lines["event_timestamp"].unique())]


def test_as_many_sessions_stand_on_either_side_of_the_newest_upgrade(world: Tables) -> None:
    null = [np.nan, np.nan]
    mean = np.mean
    once = [*null, 0.5, mean([1.5, 1.1]) - mean([3.0, 1.0]), mean([1.5, 1.1]) - 2.0, mean([1.5, 1.1]) - 2.0]
    np.testing.assert_allclose(effects(flagged(world, {3: 0})), once)
    np.testing.assert_allclose(effects(flagged(world, {3: 0}), window=1), [*null, 0.5, 0.5, 0.5, 0.5])
    np.testing.assert_allclose(effects(flagged(world, {3: 0, 5: 0}))[4:], [0.4 - 1.1, mean([0.4, 0.2]) - 1.3])
    np.testing.assert_allclose(effects(flagged(world, {2: 0}), gap_cap_pct=2.0)[1:], [-1.0] * 5)


def test_a_season_is_a_car_of_its_own_and_nothing_is_told_before_a_session_on_either_side(world: Tables) -> None:
    assert np.isnan(effects(flagged(world, {1: 0}))).all()
    assert np.isnan(effects(flagged(world, {6: 0}), season=2022)).all()
    rows = build_group(groups()["upgrades"], flagged(world, {6: 0}), Params())
    assert set(rows["constructor_id"]) == {TEAM}
    start = rows[rows["event_timestamp"] == pd.Timestamp("2022-01-01", tz="UTC")]
    assert len(start) == 1 and start[EFFECT].isna().all()  # what the last season said has lapsed


def test_an_upgrade_that_became_known_late_changes_nothing_before(world: Tables) -> None:
    races = world["races"].query("season == 2021").set_index("round")
    tables = flagged(world, {3: 0}, known=races.loc[5, "practice_at"])
    rows = build_group(groups()["upgrades"], tables, Params())
    assert rows["known_at"].min() == races.loc[5, "practice_at"]
    instants = replay_instants(tables, Params(), 6)
    assert not replay_check(groups()["upgrades"], tables, Params(), instants)


def test_without_a_users_file_there_are_no_rows(world: Tables) -> None:
    empty = world.replace(**{name: empty_table(name) for name in ("upgrades", "corner_speeds")})
    assert build_group(groups()["upgrades"], empty, Params()).empty
    assert build_group(groups()["corner_speed"], empty, Params()).empty


def test_corner_speed_is_that_of_the_newest_session_and_beside_its_fastest_car(world: Tables) -> None:
    said = {(1, "FP1", 1): 150.0, (1, "FP1", 2): 154.0, (2, "FP1", 0): 160.0, (1, "Q", 0): 170.0, (2, "Q", 0): 168.5}
    start = pd.Timestamp("2021-03-01 12:00", tz="UTC")
    rows = pd.DataFrame([(1, *key, speed) for key, speed in said.items()],
                        columns=["race_id", "driver_id", "session", "lap", "speed"])  # fmt: skip
    end = rows["session"].map({"FP1": start, "Q": start + pd.Timedelta(hours=3)})
    rows = rows.assign(event_timestamp=end, known_at=end, known_estimated=True)
    tables = world.replace(corner_speeds=rows.astype({**SPECS["corner_speeds"].columns, **STAMPS}))
    made = build_group(groups()["corner_speed"], tables, Params()).set_index(["driver_id", "event_timestamp"])
    told = made[["avg_corner_speed", "corner_speed_gap"]].to_numpy().tolist()
    assert told == [[152.0, 8.0], [170.0, 0.0], [160.0, 0.0], [168.5, 1.5]]
