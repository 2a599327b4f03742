"""Every kind of row that discovery finds keeps the contract, and the contract catches the ways to break it."""

from dataclasses import replace

import pandas as pd
import pytest

from pitwall.domain.errors import UsageError
from pitwall.domain.when import as_utc
from pitwall.ml.rows import row_kind, row_kinds
from pitwall.testing import check_row_kind, tiny_tables


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(upcoming=1)


@pytest.mark.parametrize("name", sorted(row_kinds()))
def test_row_kind_keeps_the_contract(name, tables):
    assert row_kind(name).name == name
    check_row_kind(row_kind(name), tables)


def of(name, change):
    """Return rows of a kind that are made in another way."""
    honest = row_kind(name)
    return replace(honest, make=lambda tables, stage: change(honest.make(tables, stage), tables))


def changed(change):
    """Return rows of cars that are made in another way."""
    return of("race_driver", change)


def newest_team(rows, tables):
    """The mistake that `as_published` avoids: the newest entry, whenever it was published."""
    newest = tables.only("entries").as_of()["entries"].set_index(["race_id", "driver_id"])["constructor_id"]
    key = pd.MultiIndex.from_frame(rows[["race_id", "driver_id"]])
    return rows.assign(constructor_id=newest.reindex(key).to_numpy())


def newest_lap(rows, tables):
    """The mistake that telling a lap once avoids: a set is asked about as the newest version of its first lap has it."""
    newest = tables.only("laps").as_of()["laps"].drop_duplicates(["race_id", "driver_id", "stint"])
    ends = newest.set_index(["race_id", "driver_id", "stint"])["event_timestamp"]
    key = pd.MultiIndex.from_frame(
        rows[["race_id", "driver_id", "stint"]].astype(newest[["race_id", "driver_id", "stint"]].dtypes)
    )
    return rows.assign(cutoff=as_utc(pd.Series(ends.reindex(key).array, rows.index)))


FAULTS = {
    "a race's compounds without their number": (
        replace(row_kind("race_compound"), key=("race_id",)),
        "have the key of another one",
    ),
    "compounds that nobody can name": (
        replace(row_kind("race_compound"), said=("race_id", "season", "round")),
        "lacks compound_id",
    ),
    "a stint without its number": (
        replace(row_kind("stint"), key=("race_id", "driver_id")),
        "have the key of another one",
    ),
    "a stint that is told again": (of("stint", newest_lap), "a version of laps that was published after its cut-off"),
    "a key that repeats": (changed(lambda rows, _: pd.concat([rows, rows])), "have the key of another one"),
    "a column that lacks": (changed(lambda rows, _: rows.drop(columns="circuit_id")), "lacks circuit_id"),
    "a cut-off in local time": (
        changed(lambda rows, _: rows.assign(cutoff=rows["cutoff"].dt.tz_localize(None))),
        "the cut-off is datetime64",
    ),
    "a cut-off that is null": (
        changed(lambda rows, _: rows.assign(cutoff=rows["cutoff"].where(rows["round"] > 1))),
        "every row",
    ),
    "a later version": (changed(newest_team), "a version of entries that was published after its cut-off"),
    "no rows": (changed(lambda rows, _: rows.head(0)), "there are no rows"),
    "a block that is no race": (replace(row_kind("race_driver"), key=("driver_id", "race_id")), "begins with the race"),
    "rows that cannot be named": (
        replace(row_kind("race_driver"), said=("race_id", "season", "round")),
        "lacks driver_id",
    ),
    "tables that are not said": (replace(row_kind("race_driver"), reads=("races",)), "unknown table 'entries'"),
    "a stage of no weekend": (replace(row_kind("race"), stages=("pre_season",)), "stages are some of"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_the_contract_catches(what, tables):
    kind, why = FAULTS[what]
    with pytest.raises((AssertionError, UsageError), match=why):
        check_row_kind(kind, tables)
