"""A grid that nobody knows: the race keeps its results, no slot is made up, and all that follows works without it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables, save_tables
from pitwall.features import groups
from pitwall.sources._snapshots import take_snapshot
from pitwall.sources._tables import TableBuild, build_tables
from pitwall.sources.ergast import SOURCE, ErgastSettings

Rows = list[dict[str, str]]
Editor = Callable[[str, Callable[[Rows], Any]], None]


def build(dump: Path) -> TableBuild:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    taken = take_snapshot(SOURCE, str(dump), ErgastSettings(), dump.parent / "raw", now=now, previous=None)
    assert taken is not None
    return build_tables([taken], TimeParams())


def set_grid(value: str, cars: slice = slice(None)) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        for row in [row for row in rows if row["raceId"] == rows[0]["raceId"]][cars]:
            row["grid"] = value

    return change


@pytest.mark.parametrize("value", ["\\N", "NA", "-1", "0", "7"])
def test_a_race_whose_grid_is_unknown_keeps_its_results(value: str, dump: Path, edit: Editor) -> None:
    edit("results", set_grid(value))
    made = build(dump)
    save_tables(made.tables, dump.parent / "tables")
    race, results = made.tables["results"]["race_id"].iloc[0], made.tables["results"]
    assert made.quarantine.empty and len(results) == len(pd.read_csv(dump / "results.csv"))
    assert race not in set(made.tables["grid"]["race_id"])
    assert len(made.tables["entries"].query("race_id == @race")) == results.query("race_id == @race")["started"].sum()
    if value in {"0", "7", "-1"}:
        why = "not a whole number from 0" if value == "-1" else "the same for every car of a race"
        assert made.assumed == {f"results: grid {why}, read as null": (results["race_id"] == race).sum()}


@pytest.mark.parametrize("value", ["\\N", "-1"])
def test_one_car_without_a_slot_keeps_its_result(value: str, dump: Path, edit: Editor) -> None:
    edit("results", set_grid(value, slice(0, 1)))
    edit("results", set_grid("0", slice(1, 2)))
    made = build(dump)
    first, second = (made.tables["results"].iloc[each] for each in (0, 1))
    grid = made.tables["grid"].query("race_id == @first.race_id").set_index("driver_id")
    assert made.quarantine.empty and first["driver_id"] not in grid.index
    assert grid.loc[second["driver_id"], "pit_lane"] and grid["pit_lane"].sum() == 1
    assert grid.loc[second["driver_id"], "grid"] == grid["grid"].max()


def test_the_grid_of_the_coming_race_may_be_unknown_too(dump: Path, edit: Editor) -> None:
    edit("grid", set_grid("0"))
    made = build(dump)
    coming = pd.read_csv(dump / "grid.csv")["raceId"].iloc[0]
    assert coming not in set(made.tables["grid"]["race_id"])
    assert coming in set(made.tables["entries"]["race_id"])


def test_features_and_baselines_work_without_a_grid(dump: Path, edit: Editor) -> None:
    """Of two races one has no grid, of another one car has none."""
    edit("results", set_grid("-1"))
    edit("results", lambda rows: rows[-1].update({"grid": "\\N"}))
    tables = Tables(build(dump).tables)
    unknown = tables["results"]["race_id"].iloc[0]
    for name, group in groups().items():
        if "grid" in group.reads:
            rows = group.compute(tables.only(*group.reads), group.Settings(), TimeParams())
            assert len(rows), f"{name} has no rows"
            numbers = rows.select_dtypes("number").to_numpy(dtype=np.float64)
            assert not np.isinf(numbers).any(), name
    session = groups()["session"]
    rows = session.compute(tables.only(*session.reads), session.Settings(), TimeParams())
    assert rows.loc[rows["race_id"] == unknown, "grid"].isna().all()
    assert rows.loc[rows["race_id"] != unknown, "grid"].notna().any()
