"""The embedded world: same settings, same bytes; a signal in grid, form and team; a race to forecast."""

from pathlib import Path

import pandas as pd

from pitwall.domain.refs import folder_hash
from pitwall.sources.synthetic import SyntheticSettings, fetch


def world(folder: Path, **settings: int) -> Path:
    folder.mkdir()
    fetch(None, SyntheticSettings(**settings), folder)
    return folder


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", na_values="\\N")


def test_bytes_follow_from_the_settings(tmp_path: Path) -> None:
    small = {"seasons": 2, "teams": 3, "races": 3}
    one, two = world(tmp_path / "1", **small), world(tmp_path / "2", **small)
    other = world(tmp_path / "3", **small, seed=8)
    assert folder_hash(one) == folder_hash(two) != folder_hash(other)


def test_the_last_season_has_a_next_race_with_a_published_grid(tmp_path: Path) -> None:
    folder = world(tmp_path / "w", seasons=3, teams=5, races=9)
    races, results, grid = (read(folder, name) for name in ("races", "results", "grid"))
    run = races["raceId"].isin(results["raceId"])
    assert races[run].groupby("year").size().tolist() == [9, 9, 6]
    coming = races[~run].sort_values("round")["raceId"].iloc[0]
    assert grid["raceId"].unique().tolist() == [coming]
    assert (read(folder, "qualifying")["raceId"] == coming).sum() == len(grid) == 10
    assert (read(folder, "practice")["raceId"] == coming).sum() == 3 * len(grid)


def test_grid_slots_are_taken_once(tmp_path: Path) -> None:
    results = read(world(tmp_path / "w", seasons=2, teams=5, races=10), "results")
    on_grid = results[results["grid"] > 0]
    assert not on_grid.duplicated(["raceId", "grid"]).any()
    assert not results.duplicated(["raceId", "positionOrder"]).any()
    assert (results.groupby("raceId")["positionOrder"].max() == results.groupby("raceId").size()).all()


def test_grid_and_last_years_form_tell_something(tmp_path: Path) -> None:
    folder = world(tmp_path / "w", seasons=3, teams=10, races=10)
    results = read(folder, "results").merge(read(folder, "races")[["raceId", "year"]], on="raceId")
    assert results["grid"].corr(results["positionOrder"], "spearman") > 0.4
    assert 0.05 < (results["positionText"] == "R").mean() < 0.3
    mean = results.groupby(["year", "driverId"])["positionOrder"].mean()
    assert mean[2017].corr(mean[2018]) > 0.3


def test_standings_add_up(tmp_path: Path) -> None:
    folder = world(tmp_path / "w", seasons=2, teams=4, races=5)
    results = read(folder, "results").merge(read(folder, "races")[["raceId", "year"]], on="raceId")
    last = results[results["year"] == 2017]["raceId"].max()
    standings = read(folder, "driver_standings").set_index(["raceId", "driverId"])["points"][last]
    expected = results[results["year"] == 2017].groupby("driverId")["points"].sum()
    assert standings.sort_index().tolist() == expected.sort_index().tolist()


def test_the_default_world_has_the_troubles_of_real_seasons(tmp_path: Path) -> None:
    """Bands around 2014 to 2024 (`studies/realism.py`): wide enough for chance, too narrow for a world without trouble."""
    results = read(world(tmp_path / "w"), "results").merge(read(tmp_path / "w", "status"), on="statusId")
    ran = results["status"].str.fullmatch(r"Finished|\+\d Laps?")
    assert (~ran[results["grid"].between(1, 3)]).mean() < 0.12
    assert (~ran[results["grid"] >= 13]).mean() > 0.15
    pole = results[ran & (results["grid"] == 1)]["positionOrder"]
    assert 0.48 < (pole == 1).mean() < 0.66
    assert 0.06 < pole.between(4, 10).mean() < 0.18
