"""A grid that nobody knows: the race keeps its results, no slot is made up, and all that follows works without it."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables, save_tables
from pitwall.features import groups
from pitwall.sources.ergast import SOURCE, ErgastSettings
from pitwall.sources.machinery.canonical.tables import TableBuild, build_tables
from pitwall.sources.machinery.snapshots.store import take_snapshot

WHOLE = {0: "\\N", 1: "NA", 2: "-1", 3: "0", 4: "7"}  # races by what their grid says of every car
CARS = {0: "\\N", 1: "-1", 2: "0"}  # cars of the sixth race


def build(dump: Path) -> TableBuild:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    taken = take_snapshot(SOURCE, str(dump), ErgastSettings(), dump.parent / "raw", now=now, previous=None)
    assert taken is not None
    return build_tables([taken], TimeParams())


@pytest.fixture(scope="module")
def given(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dump in which five races have no grid, of a sixth two cars have none and one starts from the pit lane."""
    dump = Path(shutil.copytree(pristine, tmp_path_factory.mktemp("given") / "dump"))
    rows = pd.read_csv(dump / "results.csv", dtype="string", keep_default_na=False)
    races = rows["raceId"].unique()
    for number, value in WHOLE.items():
        rows.loc[rows["raceId"] == races[number], "grid"] = value
    cars = rows.index[rows["raceId"] == races[len(WHOLE)]]
    for number, value in CARS.items():
        rows.loc[cars[number], "grid"] = value
    rows.to_csv(dump / "results.csv", index=False)
    coming = pd.read_csv(dump / "grid.csv")
    coming.assign(grid=0).to_csv(dump / "grid.csv", index=False)
    return dump


@pytest.fixture(scope="module")
def made(given: Path) -> TableBuild:
    return build(given)


def test_a_race_whose_grid_is_unknown_keeps_its_results(made: TableBuild, given: Path) -> None:
    save_tables(made.tables, given.parent / "tables")
    results, raw = made.tables["results"], pd.read_csv(given / "results.csv")
    assert made.quarantine.empty and len(results) == len(raw)
    unknown = raw["raceId"].unique()[: len(WHOLE)]
    assert not made.tables["grid"]["race_id"].isin(unknown).any()
    entered = made.tables["entries"].groupby("race_id").size()
    assert (entered[unknown] == results.groupby("race_id")["started"].sum()[unknown]).all()


def test_unknown_slots_are_counted(made: TableBuild, given: Path) -> None:
    lines = pd.read_csv(given / "results.csv").groupby("raceId", sort=False).size().to_numpy()
    assert made.assumed == {
        "results: grid not a whole number from 0, read as null": lines[2] + 1,
        "results: grid the same for every car of a race, read as null": lines[3] + lines[4],
        "grid: grid the same for every car of a race, read as null": len(pd.read_csv(given / "grid.csv")),
    }


def test_one_car_without_a_slot_keeps_its_result(made: TableBuild, given: Path) -> None:
    raw = pd.read_csv(given / "results.csv")
    race = raw["raceId"].unique()[len(WHOLE)]
    drivers = raw.loc[raw["raceId"] == race, "driverId"].tolist()
    grid = made.tables["grid"][made.tables["grid"]["race_id"] == race].set_index("driver_id")
    assert not grid.index.isin(drivers[:2]).any() and len(grid) > 1
    assert grid["pit_lane"].sum() == 1 and grid.loc[drivers[2], "pit_lane"]
    assert grid.loc[drivers[2], "grid"] == grid["grid"].max()


def test_the_grid_of_the_coming_race_may_be_unknown_too(made: TableBuild, given: Path) -> None:
    coming = pd.read_csv(given / "grid.csv")["raceId"].iloc[0]
    assert coming not in set(made.tables["grid"]["race_id"])
    assert coming in set(made.tables["entries"]["race_id"])


def test_features_work_without_a_grid(made: TableBuild, given: Path) -> None:
    tables = Tables(made.tables)
    for name, group in groups().items():
        if "grid" in group.reads:
            rows = group.compute(tables.only(*group.reads), group.Settings(), TimeParams())
            assert len(rows), f"{name} has no rows"
            assert not np.isinf(rows.select_dtypes("number").to_numpy(dtype=np.float64)).any(), name
    session = groups()["session"]
    rows = session.compute(tables.only(*session.reads), session.Settings(), TimeParams())
    unknown = rows["race_id"].isin(pd.read_csv(given / "results.csv")["raceId"].unique()[: len(WHOLE)])
    assert rows.loc[unknown, "grid"].isna().all() and rows.loc[~unknown, "grid"].notna().any()
