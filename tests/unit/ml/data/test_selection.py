"""A selection settles names, hashes the same for the same choice, and says what it was chosen by."""

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.tables import empty_table
from pitwall.ml import DataSelection
from pitwall.ml.data.entity_names import entity
from pitwall.ml.rows import row_kind
from pitwall.testing.worlds.tiny import tiny_tables

NAMES = ["Lewis Hamilton", "Max Verstappen", "Jos Verstappen", "Sergio Pérez", "Mick", "Michael", "X", "Y"]


@pytest.fixture(scope="module")
def tables():
    world = tiny_tables(seasons=3, races=4, cars=6, upcoming=1)
    drivers = world["drivers"].assign(
        ref=["hamilton", "max_verstappen", "verstappen", "perez", "mick_schumacher", "michael_schumacher", "x", "y"],
        code=["HAM", "VER", None, "PER", "MSC", "MSC", "XXX", None],
        name=[f"{name} Schumacher" if name.startswith("Mi") else name for name in NAMES],
    )
    races = world["races"].copy()
    races.loc[races["race_id"] == 6, "sprint_at"] = races.loc[races["race_id"] == 6, "qualifying_at"]
    laps = world["laps"].assign(compound="MEDIUM").astype({"compound": "string"})
    laps.loc[(laps["race_id"] == 7) & (laps["lap"] == 3), "compound"] = "INTERMEDIATE"
    return world.replace(drivers=drivers.astype(world["drivers"].dtypes.to_dict()), races=races, laps=laps)


@pytest.mark.parametrize(
    ("name", "ref"),
    [
        ("hamilton", "hamilton"),
        ("HAM", "hamilton"),
        ("ham", "hamilton"),
        ("Lewis Hamilton", "hamilton"),
        ("Sergio Perez", "perez"),
        ("Max-Verstappen", "max_verstappen"),
        ("verstappen", "verstappen"),
        ("Lewis", "hamilton"),
        (4, "perez"),
    ],
)
def test_drivers_are_found_by_reference_code_name_and_id(tables, name, ref):
    assert entity(tables, "driver", name)[1] == ref


def test_unclear_and_unknown_names_are_told(tables):
    with pytest.raises(UsageError, match="may be michael_schumacher or mick_schumacher"):
        entity(tables, "driver", "MSC")
    with pytest.raises(UnknownName, match="did you mean 'hamilton'"):
        entity(tables, "driver", "hamiltom")
    with pytest.raises(UnknownName, match="driver id '99'"):
        entity(tables, "driver", 99)
    with pytest.raises(UnknownName, match="kind of entity 'pilot'"):
        entity(tables, "pilot", "HAM")


@pytest.mark.parametrize(
    ("seasons", "meant"),
    [
        ([2021, 2023], (2021, 2023)),
        ((2021, 2023), (2021, 2022, 2023)),
        ("2022:2023", (2022, 2023)),
        ("2022:", (2022, 2023)),
        ("2022", (2022,)),
        (2022, (2022,)),
        (np.int64(2022), (2022,)),
        (pd.Series([2022, 2023]), (2022, 2023)),
        (range(2021, 2023), (2021, 2022)),
        (None, (2021, 2022, 2023)),
    ],
)
def test_seasons_are_written_in_many_ways(tables, seasons, meant):
    assert DataSelection.of(tables, seasons).seasons == meant


@pytest.mark.parametrize("seasons", [[2020], "2019:2022", [], "recent", (2030, 2029)])
def test_seasons_without_entries_are_refused(tables, seasons):
    with pytest.raises(UsageError, match="data hold 2021 to 2023|are written as"):
        DataSelection.of(tables, seasons)


def test_the_same_choice_has_the_same_hash(tables):
    one = DataSelection.of(
        tables, (2021, 2022), drivers=["HAM", "perez"], circuits="Circuit 2", conditions={"sprint": False}
    )
    same = DataSelection.of(
        tables, "2021:2022", drivers=[4, "Lewis Hamilton"], circuits=[2], conditions={"sprint": False}
    )
    assert (one, hash(one), one.hash) == (same, hash(same), same.hash)
    assert one.as_dict() == {
        "seasons": [2021, 2022],
        "circuits": ["circuit_2"],
        "drivers": ["hamilton", "perez"],
        "teams": [],
        "conditions": {"sprint": False},
        "stage": "pre_race",
    }
    others = [
        DataSelection.of(tables, 2021, drivers=["HAM", "perez"]),
        DataSelection.of(tables, (2021, 2022), drivers="HAM", circuits=2, conditions={"sprint": False}),
        DataSelection.of(tables, (2021, 2022), drivers=["HAM", 4], circuits=2, stage="pre_weekend"),
    ]
    assert len({one.hash, *(other.hash for other in others)}) == 4


def test_the_spine_is_the_chosen_part_of_the_whole_spine(tables):
    spine = DataSelection.of(tables, [2022, 2023], drivers=["HAM", "PER"], circuits=[1, 2], stage="pre_weekend").spine(
        tables
    )
    whole = row_kind("race_driver").spine(tables, "pre_weekend")
    expected = whole[
        whole["season"].isin([2022, 2023]) & whole["driver_id"].isin([1, 4]) & whole["circuit_id"].isin([1, 2])
    ]
    pd.testing.assert_frame_equal(spine, expected.reset_index(drop=True))
    everything = DataSelection.of(tables).spine(tables)
    pd.testing.assert_frame_equal(everything, row_kind("race_driver").spine(tables, "pre_race"))


def test_teams_are_chosen(tables):
    spine = DataSelection.of(tables, 2021, teams=["Team 2"]).spine(tables)
    assert set(spine["constructor_id"]) == {2}
    assert len(spine) == 8


def test_sprints_are_known_before_the_race_and_rain_is_not(tables):
    sprint = DataSelection.of(tables, conditions={"sprint": True})
    wet = DataSelection.of(tables, conditions={"wet": True})
    dry = DataSelection.of(tables, conditions={"wet": False})
    assert (sprint.by_outcome, wet.by_outcome) == ((), ("wet",))
    assert set(sprint.spine(tables)["race_id"]) == {6}
    assert set(wet.spine(tables)["race_id"]) == {7}
    assert set(dry.spine(tables)["race_id"]) == set(range(1, 12)) - {7}  # the race to come is neither


def test_street_circuits_are_known_by_reference(tables):
    circuits = tables["circuits"].assign(ref=["monaco", "spa", "baku", "monza"]).astype({"ref": "string"})
    here = tables.replace(circuits=circuits)
    street = DataSelection.of(here, 2021, conditions={"street": True})
    assert set(street.spine(here)["circuit_id"]) == {1, 3}
    assert street.by_outcome == ()


def test_conditions_that_no_table_tells_are_refused(tables):
    with pytest.raises(UnknownName, match="did you mean 'sprint'"):
        DataSelection.of(tables, conditions={"sprnt": True})
    lapless = tables.replace(laps=empty_table("laps"))
    with pytest.raises(UsageError, match="the table laps is empty"):
        DataSelection.of(lapless, conditions={"wet": True}).spine(lapless)


def test_an_empty_selection_says_where_it_became_empty(tables):
    with pytest.raises(UsageError, match="no entry is left after choosing drivers y"):
        DataSelection.of(tables, 2021, drivers="y").spine(tables)
