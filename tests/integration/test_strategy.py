"""What a stop costs, asked of a project: nothing of what came later is used, and what cannot be said is refused with what can be."""

import json

import pytest

from pitwall.domain.errors import ForecastError, UnknownName, UsageError
from pitwall.domain.params import Params
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows.live.strategy import what_if

RACE, WET = "2023-02", "2023-03"


@pytest.fixture(scope="module")
def tables():
    return tiny_tables(seasons=3, races=3, cars=6)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, in_memory, tables):
    return in_memory(tmp_path_factory.mktemp("strategy"), tables, Params())


@pytest.fixture(scope="module")
def asked(tables):
    """Return the race's first car on a dry tyre after its second lap, by reference."""
    laps, races = tables.as_of()["laps"], tables.as_of()["races"]
    race = races.query("season == 2023 and round == 2")["race_id"].iloc[0]
    own = laps[
        (laps["race_id"] == race)
        & (laps["lap"] == 2)
        & laps["completed"]
        & laps["compound"].isin(["SOFT", "MEDIUM", "HARD"])
    ]
    drivers = tables.as_of()["drivers"].set_index("driver_id")["ref"]
    return race, str(drivers[own["driver_id"].iloc[0]])


def test_every_lap_that_is_left_has_its_cost(workspace, asked):
    found = what_if(workspace, RACE, 2, asked[1])
    stops = [each.stop for each in found.choices if each.stop is not None]
    assert stops == list(range(3, 3 + len(stops)))
    assert min(each.lost for each in found.choices) == found.best.lost == 0.0
    assert json.loads(json.dumps(found.to_json()))["driver"] == asked[1]


def test_nothing_that_came_later_is_used(tmp_path, in_memory, tables, workspace, asked):
    race, ref = asked
    laps = tables["laps"].copy()
    later = (laps["race_id"] >= race) & (laps["lap"] > 3)
    laps.loc[later, "seconds"] *= 1.5
    spoilt = in_memory(tmp_path, tables.replace(laps=laps), Params())
    assert what_if(spoilt, RACE, 2, ref) == what_if(workspace, RACE, 2, ref)
    laps.loc[laps["race_id"] < race, "seconds"] *= 1.2
    other = in_memory(tmp_path / "other", tables.replace(laps=laps), Params())
    assert what_if(other, RACE, 2, ref) != what_if(workspace, RACE, 2, ref), "earlier races are what it is learned from"


def test_what_cannot_be_said_is_refused(workspace, asked):
    with pytest.raises(ForecastError, match="found --lap 99"):
        what_if(workspace, RACE, 99, asked[1])
    with pytest.raises(UnknownName):
        what_if(workspace, RACE, 2, "nobody at all")
    with pytest.raises(ForecastError, match="on no dry tyre"):
        what_if(workspace, WET, 2, asked[1])
    with pytest.raises((UsageError, ForecastError), match="--laps|before"):
        what_if(workspace, "2021-01", 2, asked[1])
