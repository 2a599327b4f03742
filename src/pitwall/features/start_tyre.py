"""The tyres that a car starts on, beside those of the field, and how long cars on such tyres have driven before their first stop.

Known when all cars must have their wheels on, five minutes before the start. Of 2018, when compounds had seven names, the three
softest count as soft.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.racing.first_stops import CAR, first_stops
from pitwall.domain.racing.tyres import DRY, RAIN_TYRES
from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US, Stage
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.shared.attrition import faded_sums
from pitwall.features.machinery.shared.states import starters

KINDS = {
    **dict.fromkeys(DRY, 1.0),  # soft or softer
    "MEDIUM": 2.0,
    "HARD": 3.0,
    **dict.fromkeys(RAIN_TYRES, 4.0),
}
KIND = "start_tyre"
ON = {"start_on_soft": 1.0, "start_on_hard": 3.0, "start_on_rain_tyres": 4.0}
SOFT = 1.0
DRIVEN = "tyre_first_stop"


class Settings(Section):
    """How the first stops of a tyre fade with each race on it, and how many cars of all circuits a circuit's mean is drawn by."""

    decay: float = 0.97
    weight: float = 5.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per car whose tyres at the start are told."""
    cars = tables["start_tyres"].assign(**{KIND: lambda rows: rows["compound"].map(KINDS).astype("float64")})
    cars = cars[cars[KIND].notna()].merge(tables["races"][["race_id", "circuit_id"]], on="race_id")
    cars[STAMPS] = cars.groupby("race_id")[STAMPS].transform("max").astype(UTC_US)
    rows = _beside_the_field(cars)
    sums = _driven(rows, tables)
    rows = _newest(rows, _states(sums, [KIND], settings.decay), [KIND], "all")
    rows = _newest(rows, _states(sums, ["circuit_id", KIND], 1.0), ["circuit_id", KIND], "here")
    everywhere = rows["sum_all"] / rows["cars_all"]
    drawn = rows["sum_here"].fillna(0.0) + settings.weight * everywhere
    rows[DRIVEN] = drawn / (rows["cars_here"].fillna(0.0) + settings.weight)
    return rows.sort_values(["event_timestamp", *CAR], ignore_index=True)[GROUP.columns]


def _beside_the_field(cars: pd.DataFrame) -> pd.DataFrame:
    """Add what the car stands on, and what the others do."""
    race = cars["race_id"]
    flags = {name: (cars[KIND] == kind).astype("float64") for name, kind in ON.items()}
    field = race.groupby(race).transform("size")
    rank = cars[KIND].groupby(race).rank()
    hardness = (rank - 0.5) / field - 0.5
    team = hardness.groupby([race, cars["constructor_id"]])
    others = team.transform("size") - 1
    mates = (team.transform("sum") - hardness) / others.where(others > 0)
    return cars.assign(
        **flags,
        field_on_soft=(cars[KIND] == SOFT).groupby(race).transform("mean"),
        start_hardness=hardness,
        team_hardness_gap=(hardness - mates).fillna(0.0),
    )


def _driven(rows: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Return sum and number of the first stops of each race by tyre, with the stamps of its result."""
    told = rows[[*CAR, "circuit_id", KIND]].merge(first_stops(tables), on=CAR)
    results = starters(tables).groupby("race_id", as_index=False)[STAMPS].max()
    stops = tables["pit_stops"].groupby("race_id")["known_at"].max()
    tyres = rows.groupby("race_id")["known_at"].max()
    for late in (results["race_id"].map(stops), results["race_id"].map(tyres)):
        results["known_at"] = results["known_at"].where(~(late > results["known_at"]), late).astype(UTC_US)
    sums = told.groupby(["race_id", "circuit_id", KIND], as_index=False)["share"].agg(["sum", "size"])
    done = sums.merge(results, on="race_id")
    return done.sort_values(["event_timestamp", "race_id", KIND], ignore_index=True)


def _states(sums: pd.DataFrame, keys: list[str], decay: float) -> pd.DataFrame:
    """Return the sums so far after each race, by the keys, each known when all that it holds is."""
    entity = sums.groupby(keys).ngroup().to_numpy()
    values = faded_sums(entity, sums[["sum", "size"]].to_numpy(dtype="float64"), decay)
    known = sums["known_at"].astype("int64").groupby(entity).cummax()
    known_at = pd.to_datetime(known, unit="us", utc=True).astype(UTC_US)
    return sums[[*keys, "event_timestamp"]].assign(sum=values[:, 0], cars=values[:, 1], state_known_at=known_at)


def _newest(rows: pd.DataFrame, states: pd.DataFrame, keys: list[str], where: str) -> pd.DataFrame:
    """Add the newest state of before each row; the row is known when the state is, too."""
    asked = rows.sort_values("event_timestamp", kind="stable", ignore_index=True)
    named = states.rename(columns={"sum": f"sum_{where}", "cars": f"cars_{where}"})
    found = pd.merge_asof(asked, named, on="event_timestamp", by=keys, allow_exact_matches=False)
    late = found["state_known_at"] > found["known_at"]
    known = found["known_at"].where(~late, found["state_known_at"]).astype(UTC_US)
    return found.assign(known_at=known).drop(columns="state_known_at")


NOT_SHOWN = "before the cars stand on the grid, or not told (none before 2018)"
PRE_RACE = Stage.PRE_RACE
GROUP = FeatureGroup(
    name="start_tyre",
    entities=("race", "driver"),
    reads=("start_tyres", "races", "results", "pit_stops"),
    features=(
        Feature(
            KIND, "code", "tyre at the start: 1 soft or softer, 2 medium, 3 hard, 4 rain tyre", NOT_SHOWN, PRE_RACE
        ),
        Feature("start_on_soft", "0/1", "1 where the car starts on soft or softer tyres", NOT_SHOWN, PRE_RACE),
        Feature("start_on_hard", "0/1", "1 where it starts on hard ones", NOT_SHOWN, PRE_RACE),
        Feature("start_on_rain_tyres", "0/1", "1 where it starts on rain tyres", NOT_SHOWN, PRE_RACE),
        Feature("field_on_soft", "share", "share of the cars that start on soft or softer tyres", NOT_SHOWN, PRE_RACE),
        Feature(
            "start_hardness",
            "share",
            "rank of the tyre by hardness among those of the field, as a share of it: above 0 harder than most",
            NOT_SHOWN,
            PRE_RACE,
        ),
        Feature(
            "team_hardness_gap",
            "share",
            "that rank less the one of the team's other car: teams that split their tyres split their stops; 0 of a car that is alone",
            NOT_SHOWN,
            PRE_RACE,
        ),
        Feature(
            DRIVEN,
            "share",
            "mean share of the distance to the first stop of cars that started on such tyres at the circuit so far, drawn to that of "
            "all circuits, whose recent races count most",
            f"{NOT_SHOWN}, or no car has driven on such tyres to a first stop yet",
            PRE_RACE,
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("pit_window",),
)
