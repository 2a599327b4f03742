"""What the embedded world publishes: same settings, same bytes; sessions, results, corrections and laps that agree."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.params import TimeParams
from pitwall.domain.refs import folder_hash
from pitwall.sources.machinery.canonical.tables import TableBuild, build_tables
from pitwall.sources.machinery.snapshots.store import Snapshot, take_snapshot
from pitwall.sources.synthetic import SOURCE, SyntheticSettings, fetch
from pitwall.sources.synthetic_world import World
from pitwall.sources.synthetic_world.publishing.publication import publish
from pitwall.sources.synthetic_world.racing.events import DISQUALIFIED_LATER
from pitwall.testing.checks.source import NOW

YEARS = SyntheticSettings(seasons=2, teams=6, races=12, first_season=2022, seed=5)


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", na_values="\\N")


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    made = take_snapshot(SOURCE, None, YEARS, tmp_path_factory.mktemp("raw"), now=NOW, previous=None)
    assert made is not None
    return made


@pytest.fixture(scope="module")
def folder(taken: Snapshot) -> Path:
    return taken.folder


@pytest.fixture(scope="module")
def built(taken: Snapshot) -> TableBuild:
    return build_tables([taken], TimeParams())


def test_bytes_follow_from_the_settings(tmp_path: Path) -> None:
    hashes = []
    for name, seed in (("one", 2), ("two", 2), ("other", 8)):
        (tmp_path / name).mkdir()
        fetch(None, SyntheticSettings(seasons=2, teams=3, races=3, seed=seed), tmp_path / name)
        hashes.append(folder_hash(tmp_path / name))
    assert hashes[0] == hashes[1] != hashes[2]


def test_the_last_season_has_a_next_race_with_a_published_grid(folder: Path) -> None:
    races, results, grid = (read(folder, name) for name in ("races", "results", "grid"))
    run = races["raceId"].isin(results["raceId"])
    assert races[run].groupby("year").size().tolist() == [12, 8]
    coming = races[~run].sort_values("round")["raceId"].iloc[0]
    assert grid["raceId"].unique().tolist() == [coming]
    assert (read(folder, "qualifying")["raceId"] == coming).sum() == len(grid) == 12
    assert (read(folder, "weather_forecasts")["raceId"] == coming).sum() == 3


def test_fields_and_points_change_by_season() -> None:
    world = World(SyntheticSettings(seasons=4, races=3))
    cars = {race // 100: len(world.cars(race)) for race in world.races}
    assert list(cars.values()) == [26, 22, 20, 22]


def test_every_file_reads_and_nothing_is_set_aside(built: TableBuild) -> None:
    assert built.quarantine.empty
    full = ("laps", "weather", "track_status", "session_status", "lap_times", "sprints", "session_sectors")
    assert all(len(built.tables[name]) for name in (*full, "weather_forecasts", "pit_stops", "race_control"))


def test_grid_slots_and_places_are_taken_once(folder: Path) -> None:
    results = read(folder, "results")
    assert not results[results["grid"] > 0].duplicated(["raceId", "grid"]).any()
    assert not results.duplicated(["raceId", "positionOrder"]).any()
    assert (results.groupby("raceId")["positionOrder"].max() == results.groupby("raceId").size()).all()


def test_sectors_add_up_to_the_times_of_qualifying(folder: Path) -> None:
    sectors = read(folder, "session_sectors")
    best = sectors[sectors["session"] == "Q1"].set_index(["raceId", "driverId"])
    text = read(folder, "qualifying").set_index(["raceId", "driverId"])["q1"].str.split(":", expand=True).astype(float)
    total = best[["sector1", "sector2", "sector3"]].sum(axis=1)
    assert np.allclose(total, (60 * text[0] + text[1])[total.index], atol=1e-6)


def test_laps_agree_with_the_classification(built: TableBuild) -> None:
    laps, results = built.tables["laps"], built.tables["results"]
    last = laps[laps["completed"]].groupby(["race_id", "driver_id"])["lap"].max()
    told = results[results["race_id"].isin(laps["race_id"]) & (results["laps"] > 0)]
    told = told.drop_duplicates(["race_id", "driver_id"]).set_index(["race_id", "driver_id"])["laps"]
    assert last.sort_index().equals(told.sort_index().astype(last.dtype))
    timed = laps[laps["seconds"].notna()]
    assert np.allclose(timed["end_seconds"] - timed["start_seconds"], timed["seconds"], atol=0.002)
    ordered = laps.sort_values(["race_id", "driver_id", "lap"])
    begins = ordered.groupby(["race_id", "driver_id"])["end_seconds"].shift()
    assert (ordered["start_seconds"] >= begins - 0.002).where(begins.notna(), other=True).all()


def test_a_stop_starts_a_stint_on_other_tyres(built: TableBuild) -> None:
    laps = built.tables["laps"].sort_values(["race_id", "driver_id", "lap"])
    before = laps.groupby(["race_id", "driver_id"])[["stint", "tyre_laps"]].shift()
    fresh = laps["stint"] > before["stint"]
    assert fresh.sum() > 50 and (laps.loc[fresh, "tyre_laps"] == 1).all()
    same = ~fresh & before["stint"].notna()
    assert (laps["tyre_laps"] == before["tyre_laps"] + 1)[same].all()


def test_standings_add_up(folder: Path) -> None:
    results, sprints = read(folder, "results"), read(folder, "sprint_results")
    last = results.loc[results["raceId"] < 202300, "raceId"].max()
    standings = read(folder, "driver_standings").query(f"raceId == {last}").set_index("driverId")["points"]
    official = results.set_index(["raceId", "driverId"])["points"]
    if (folder / "results_corrections.csv").is_file():
        corrected = read(folder, "results_corrections").query(f"raceId < {last}").set_index(["raceId", "driverId"])
        official.loc[corrected.index] = corrected["points"]
    points = pd.concat([official.reset_index(), sprints[["raceId", "driverId", "points"]]]).query("raceId < 202300")
    assert points.groupby("driverId")["points"].sum()[standings.index].tolist() == standings.tolist()
    assert sprints["raceId"].nunique() > 3 and results["points"].max() == 26


def test_a_late_decision_is_published_days_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pitwall.sources.synthetic_world.racing.events.DISQUALIFIED", 0.08)
    world = World(SyntheticSettings(seasons=2, teams=5, races=4, laps_seasons=0))
    publish(world, tmp_path)
    first, later = (read(tmp_path, name) for name in ("results", "results_corrections"))
    out = later[later["positionText"] == "D"]
    fates = [(race, driver) for race in world.races if world.round(race).run for driver in _disqualified(world, race)]
    assert list(out[["raceId", "driverId"]].itertuples(index=False, name=None)) == fates and len(fates) > 1
    assert not first["positionText"].eq("D").any() and (out["points"] == 0).all()
    dates = later.merge(read(tmp_path, "races")[["raceId", "date"]], on="raceId")
    days = (pd.to_datetime(dates["publishedAt"].str[:10]) - pd.to_datetime(dates["date"])).dt.days
    assert days.between(2, 8).all()
    changed = later.merge(first, on=["raceId", "driverId"], suffixes=("", "_first"))
    assert (changed["positionOrder"] != changed["positionOrder_first"]).sum() > len(out)


def _disqualified(world: World, race: int) -> list[int]:
    fate = world.run(race).fate[0]
    return [int(world.round(race).field.driver[car]) + 1 for car in np.flatnonzero(fate == DISQUALIFIED_LATER)]
