"""Lap tables: joined to the calendar, stamped as laps end, what is set aside and why, corrections, rows in = rows out.

One file, because all of it shares one feed and one world, which cost more to make than the tests.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import SourceError
from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables, save_tables
from pitwall.sources.fastf1_laps import SOURCE, FastF1LapsSettings
from pitwall.sources.machinery.canonical.laps import World, lap_tables
from pitwall.sources.machinery.canonical.tables import TableBuild, build_tables
from pitwall.sources.machinery.snapshots.read import Quarantine
from pitwall.sources.machinery.snapshots.store import Snapshot, take_snapshot
from pitwall.testing.checks.source import FEED_START, LAPS, small_laps, small_world

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
KEY = ["race_id", "driver_id", "lap"]
Edit = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def pristine_feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feed")
    small_laps(folder)
    return folder


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return small_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def results(world: Snapshot) -> TableBuild:
    return build_tables([world], TimeParams())


@pytest.fixture(scope="module")
def known(results: TableBuild) -> World:
    return World.at(results.tables, NOW)


@pytest.fixture
def feed(pristine_feed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine_feed, tmp_path / "feed"))


def laps_file(feed: Path) -> Path:
    return next(feed.glob("laps_*"))


def change(path: Path, edit: Edit) -> None:
    edit(pd.read_parquet(path)).to_parquet(path)


def snap(feed: Path, days: int = 0) -> Snapshot:
    now, raw = NOW + timedelta(days=days), feed.parent / f"raw{len(list(feed.parent.iterdir()))}"
    taken = take_snapshot(SOURCE, str(feed), FastF1LapsSettings(), raw, now=now, previous=None)
    assert taken is not None
    return taken


@dataclass
class Made:
    """Lap tables of one snapshot of the feed, what was set aside and what was assumed."""

    tables: dict[str, pd.DataFrame]
    quarantine: pd.DataFrame
    assumed: dict[str, int]


def read(feed: Path, known: World) -> Made:
    """Make the lap tables of a feed alone; building the results as well, as `build_tables` does, takes seconds."""
    snapshot = snap(feed)
    bad = Quarantine(snapshot.name)
    made = lap_tables(snapshot, known, bad)
    return Made(made.tables, bad.frame(), made.assumed)


def test_laps_are_stamped_as_they_end(feed: Path, known: World, tmp_path: Path) -> None:
    made = read(feed, known)
    save_tables(made.tables, tmp_path / "tables")
    laps, raw = made.tables["laps"], pd.read_parquet(laps_file(feed))
    assert len(laps) == len(raw) and made.quarantine.empty
    starts_at = known.races["starts_at"][laps["race_id"].iloc[0]]
    since = (laps["event_timestamp"] - starts_at).dt.total_seconds()
    assert np.allclose(since, raw["Time"] - FEED_START, atol=1e-3)
    assert (laps["known_at"] == laps["event_timestamp"]).all() and laps["known_estimated"].all()
    assert np.allclose(laps["end_seconds"] - laps["start_seconds"], laps["seconds"], atol=2e-3)
    weather = made.tables["weather"]
    assert weather["seconds"].tolist() == [-120, -60, 0] and weather["sample"].tolist() == [1, 2, 3]
    assert (weather["event_timestamp"] <= starts_at).all()


def test_a_lap_is_seen_from_its_end_on_and_not_before(feed: Path, known: World) -> None:
    tables = Tables(read(feed, known).tables)
    third = tables["laps"].query("lap == 3")["event_timestamp"].min()
    assert tables.cut(third)["laps"]["lap"].max() == 2
    assert 3 in set(tables.cut(third + pd.Timedelta(microseconds=1))["laps"]["lap"])


def test_the_results_do_not_depend_on_laps_and_without_laps_the_tables_are_empty(
    feed: Path, world: Snapshot, results: TableBuild
) -> None:
    without, beside = results, build_tables([world], TimeParams(), [snap(feed)])
    for name in ("laps", "weather", "track_status", "session_status"):
        assert without.tables[name].empty
        assert list(without.tables[name].dtypes) == list(beside.tables[name].dtypes)
    pd.testing.assert_frame_equal(without.tables["results"], beside.tables["results"])


def test_what_a_feed_leaves_out_is_null_and_counted(feed: Path, known: World) -> None:
    made = read(feed, known)
    laps = made.tables["laps"]
    assert laps["track_status"].eq("1").all() and laps["completed"].all() and not laps["accurate"].any()
    assert laps["stint"].isna().all() and laps["new_tyre"].isna().all()
    assert made.assumed["laps: TrackStatus not given, read as 1"] == len(laps)
    assert made.assumed["laps: no column Stint, read as null"] == len(laps)
    assert "laps: no column Compound, read as null" not in made.assumed


def test_an_unfinished_lap_and_a_lap_without_a_time_stay(feed: Path, known: World) -> None:
    def stop(laps: pd.DataFrame) -> pd.DataFrame:
        last = (laps["driverId"] == laps["driverId"].iloc[0]) & (laps["LapNumber"] == LAPS)
        untimed = laps["LapNumber"] == 2
        return laps.assign(FastF1Generated=last, LapTime=laps["LapTime"].where(~(last | untimed)))

    change(laps_file(feed), stop)
    made = read(feed, known)
    laps = made.tables["laps"]
    assert made.quarantine.empty and len(laps) == len(pd.read_parquet(laps_file(feed)))
    assert laps["completed"].value_counts().to_dict() == {True: len(laps) - 1, False: 1}
    assert laps.loc[laps["lap"] == 2, "seconds"].isna().all() and laps.loc[laps["lap"] == 2, "completed"].all()


PLANTED: list[tuple[dict[str, Any], str]] = [
    ({"raceId": 9999}, "raceId: unknown id"),
    ({"driverId": 9999}, "driverId: unknown id"),
    ({"constructorId": 9999}, "constructorId: unknown id"),
    ({"RoundNumber": 2}, "raceId: another season or round in the calendar"),
    ({"LapNumber": 0}, "LapNumber: outside 1 to 200"),
    ({"Time": np.nan}, "Time: not a lap time"),
    ({"Time": 1e6}, "Time: outside 0 to 86400"),
    ({"Time": 10.0}, "Time: before LapStartTime"),
    ({"LapNumber": 1}, "repeated key (raceId, driverId, LapNumber)"),
    ({"LapStartTime": -1.0}, "LapStartTime: not a lap time"),
]
OPTIONAL: list[tuple[dict[str, Any], str]] = [
    ({"LapTime": 5.0}, "LapTime outside 40 to 14400"),
    ({"LapTime": 61.0}, "LapTime too quick for its circuit"),
    ({"LapTime": -90.0}, "LapTime not a lap time"),
    ({"LapTime": np.inf}, "LapTime not a lap time"),
    ({"Position": 2.5}, "Position not a whole number from 0"),
    ({"Position": 0.0}, "Position outside 1 to 100"),
]


def test_a_bad_lap_is_set_aside_with_its_reason_and_costs_nothing_else(feed: Path, known: World) -> None:
    def plant(laps: pd.DataFrame) -> pd.DataFrame:
        laps = laps.astype({"Position": "float64"})
        for row, (values, _) in zip(laps.index[laps["LapNumber"].isin([2, 3])], PLANTED, strict=False):
            laps.loc[row, list(values)] = list(values.values())
        return laps

    change(laps_file(feed), plant)
    made = read(feed, known)
    found = set(made.quarantine["reason"])
    assert [reason for _, reason in PLANTED if reason not in found] == []
    assert len(made.quarantine) == len(PLANTED)
    assert len(made.tables["laps"]) + len(PLANTED) == len(pd.read_parquet(laps_file(feed)))
    assert made.quarantine["row"].str.contains('"raceId": 9999').any()


def test_an_optional_value_of_a_lap_is_null_and_counted(feed: Path, known: World) -> None:
    def plant(laps: pd.DataFrame) -> pd.DataFrame:
        laps = laps.astype({"Position": "float64"})
        for row, (values, _) in zip(laps.index[laps["LapNumber"] == 2], OPTIONAL, strict=False):
            laps.loc[row, list(values)] = list(values.values())
        return laps

    expected = read(feed, known)
    change(laps_file(feed), plant)
    made = read(feed, known)
    assert made.quarantine.empty and len(made.tables["laps"]) == len(expected.tables["laps"])
    counted = {what: count for what, count in made.assumed.items() if what not in expected.assumed}
    assert counted == {
        **{f"laps: {what}, read as null": 1 for _, what in OPTIONAL},
        "laps: LapTime not a lap time, read as null": 2,
    }
    assert made.tables["laps"]["seconds"].isna().sum() == 4 and made.tables["laps"]["completed"].all()


def test_a_lap_after_the_unfinished_last_one_is_set_aside(feed: Path, known: World) -> None:
    def stop_early(laps: pd.DataFrame) -> pd.DataFrame:
        return laps.assign(
            FastF1Generated=(laps["driverId"] == laps["driverId"].iloc[0]) & (laps["LapNumber"] == LAPS - 1)
        )

    change(laps_file(feed), stop_early)
    made = read(feed, known)
    assert made.quarantine["reason"].tolist() == ["a lap after the car's unfinished last lap"]
    assert f'"LapNumber": {LAPS}' in made.quarantine["row"].iloc[0]


def test_a_row_given_three_times_is_counted_twice_in_the_quarantine(feed: Path, world: Snapshot) -> None:
    change(laps_file(feed), lambda laps: pd.concat([laps, laps.head(1), laps.head(1)]))
    made = build_tables([world], TimeParams(), [snap(feed), snap(feed, days=1)])
    assert made.quarantine["reason"].tolist() == ["repeated key (raceId, driverId, LapNumber)"] * 2


@pytest.mark.parametrize("other", [{"raceId": 9999}, {"Season": 1999}])
def test_laps_of_another_world_are_refused_as_a_whole(feed: Path, known: World, other: dict[str, int]) -> None:
    change(laps_file(feed), lambda laps: laps.assign(**other))
    with pytest.raises(SourceError, match=r"none of the 1 races.*pitwall data drop NAME"):
        read(feed, known)


def test_absurd_weather_is_null_and_counted(feed: Path, known: World) -> None:
    change(feed / "weather.parquet", lambda weather: weather.assign(AirTemp=[20.0, 999.0, 21.0]))
    made = read(feed, known)
    assert made.quarantine.empty and made.tables["weather"]["air_temp"].isna().tolist() == [False, True, False]
    assert made.assumed["weather: AirTemp outside -60 to 70, read as null"] == 1


def test_without_a_session_status_the_first_lap_starts_the_clock(feed: Path, known: World) -> None:
    expected = read(feed, known).tables["laps"]
    (feed / "session_status.parquet").unlink()
    made = read(feed, known)
    pd.testing.assert_frame_equal(made.tables["laps"], expected)
    assert made.tables["session_status"].empty


def test_a_race_whose_start_nobody_gives_is_set_aside(feed: Path, known: World) -> None:
    (feed / "session_status.parquet").unlink()
    change(laps_file(feed), lambda laps: laps[laps["LapNumber"] > 1])
    made = read(feed, known)
    assert set(made.quarantine["reason"]) == {"no start of the race in session_status or a first lap"}
    assert all(made.tables[name].empty for name in ("laps", "weather", "track_status"))


def test_a_restart_does_not_move_the_clock(feed: Path, known: World) -> None:
    expected = read(feed, known).tables["laps"]
    again = pd.DataFrame({"Time": [FEED_START + 900, FEED_START + 600], "Status": ["Started", "Aborted"]})
    change(feed / "session_status.parquet", lambda log: pd.concat([log, again.assign(raceId=log["raceId"].iloc[0])]))
    made = read(feed, known)
    pd.testing.assert_frame_equal(made.tables["laps"], expected)
    assert made.tables["session_status"]["status"].tolist() == ["Started", "Aborted", "Started"]
    assert made.tables["session_status"]["message"].tolist() == [1, 2, 3]


def test_messages_of_one_instant_keep_their_order(feed: Path, known: World) -> None:
    def twice(log: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([log, log.assign(Status="2", Message="Yellow"), log.assign(Status="4", Message="SCDeployed")])

    change(feed / "track_status.parquet", twice)
    made = read(feed, known).tables["track_status"]
    assert made["status"].tolist() == ["1", "2", "4"] and made["message"].tolist() == [1, 2, 3]


def test_csv_files_give_the_same_laps_as_parquet(feed: Path, known: World) -> None:
    change(laps_file(feed), lambda laps: laps.assign(IsAccurate=laps["LapNumber"] > 1, FreshTyre=True, SpeedST=301.5))
    expected = read(feed, known)
    for path in sorted(feed.glob("*.parquet")):
        pd.read_parquet(path).to_csv(path.with_suffix(".csv"), index=False)
        path.unlink()
    made = read(feed, known)
    assert made.assumed == expected.assumed
    for name in ("laps", "weather", "track_status", "session_status"):
        pd.testing.assert_frame_equal(made.tables[name], expected.tables[name])


def test_seasons_may_differ_in_columns_and_widths(feed: Path, known: World) -> None:
    expected = read(feed, known).tables["laps"]
    laps, path = pd.read_parquet(laps_file(feed)), laps_file(feed)
    half = laps["driverId"] > laps["driverId"].median()
    laps[half].astype({"LapNumber": "int16"}).to_parquet(path)
    laps[~half].assign(DeletedReason=None).to_parquet(feed / "laps_1999.parquet")
    made = read(feed, known).tables["laps"]
    pd.testing.assert_frame_equal(
        made.sort_values(KEY, ignore_index=True), expected.sort_values(KEY, ignore_index=True)
    )


def test_a_correction_of_a_lap_is_a_new_version(feed: Path, world: Snapshot, known: World) -> None:
    first, before = read(feed, known).tables["laps"], snap(feed)
    change(laps_file(feed), lambda laps: laps.assign(LapTime=laps["LapTime"].mask(laps.index == 0, 88.8)))
    after = snap(feed, days=7)
    made = build_tables([world], TimeParams(), [after, before])
    laps = made.tables["laps"]
    versions = laps[laps.duplicated(KEY, keep=False)].sort_values("known_at")
    assert versions["known_estimated"].tolist() == [True, False]
    assert versions["seconds"].iloc[1] == 88.8
    assert versions["known_at"].iloc[1] == pd.Timestamp(after.fetched_at)
    assert Tables(made.tables).vintages() == [pd.Timestamp(after.fetched_at)]
    then = Tables(made.tables).as_of(pd.Timestamp(before.fetched_at))["laps"]
    pd.testing.assert_frame_equal(then, first.sort_values(KEY, ignore_index=True))


def test_the_calendar_is_the_one_that_was_known_when_the_laps_were_fetched(results: TableBuild) -> None:
    races = results.tables["races"]
    hour, at = pd.Timedelta(hours=1), [pd.Timestamp(NOW) + pd.Timedelta(days=days) for days in (10, 20)]
    later = [races.assign(starts_at=races["starts_at"] + n * hour, known_at=known) for n, known in enumerate(at, 1)]
    tables = {**results.tables, "races": pd.concat([later[1], races, later[0]])}
    for known, moved in ((NOW, 0), (at[0], 1), (at[1], 2)):
        found = World.at(tables, known).races["starts_at"]
        assert (found == races.set_index("race_id")["starts_at"].loc[found.index] + moved * hour).all()
    unknown_yet = {**results.tables, "races": pd.concat(later)}
    assert (World.at(unknown_yet, NOW).races["known_at"] == at[0]).all()
