"""What is known of any race before its weekend: how often cars drop out and safety cars come out these days, and where.

One row when the race entered the calendar, and one after each race that was run until it begins: rates move during a season,
and a race far ahead is told what is known today.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.racing.race_conditions import STREET_CIRCUITS
from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.features.machinery.shared.attrition import READS, FieldSettings, field_states
from pitwall.features.machinery.shared.safety_car_rates import READS as SAFETY_CARS
from pitwall.features.machinery.shared.safety_car_rates import RateSettings, safety_car_races
from pitwall.features.machinery.shared.states import carried

NAMES = {
    "retired_after": "field_retirement_rate",
    "accident_after": "field_accident_rate",
    "breakdown_after": "field_breakdown_rate",
}
SAFETY_CAR = "field_safety_car_rate"
ALL = "all"  # one key for every race: a state of the sport


class Settings(FieldSettings, RateSettings):
    """How fast the rates of the field, of all races and of a circuit fade, and what they start from."""


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per race and instant at which something new was known of it before its start."""
    states = _states(tables, settings)
    races = tables["races"][["race_id", "circuit_id", "starts_at", *STAMPS]].sort_values("race_id")
    rows = pd.concat([_on_entry(races, states), _since(races, states)], ignore_index=True)
    rows["circuit_safety_car_ratio"] = _there(rows, safety_car_races(tables, settings))
    rows["safety_car_chance"] = _chance(rows["field_safety_car_rate"], rows["circuit_safety_car_ratio"].fillna(1.0))
    refs = tables["circuits"].set_index("circuit_id")["ref"]
    rows["street_circuit"] = rows["circuit_id"].map(refs).isin(STREET_CIRCUITS).astype("float64")
    return rows.sort_values(["race_id", *STAMPS], ignore_index=True)[GROUP.columns]


def _states(tables: Tables, settings: Settings) -> pd.DataFrame:
    """Return the rates after each race, in time order; `state_at` repeats when they arose."""
    field = field_states(tables, settings).rename(columns=NAMES)[[*STAMPS, *NAMES.values()]]
    races = safety_car_races(tables, settings).rename(columns={"rate": SAFETY_CAR})[[*STAMPS, SAFETY_CAR]]
    streams = [stream.assign(**{ALL: 0}) for stream in (field, races)]
    merged = carried(streams, [ALL], [*NAMES.values(), SAFETY_CAR])
    merged["state_at"] = merged["event_timestamp"]
    return merged.sort_values("event_timestamp", ignore_index=True).drop(columns=ALL)


def _on_entry(races: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """Return each race when it entered the calendar, with the newest state of before."""
    entered = races.sort_values(["event_timestamp", "race_id"], ignore_index=True)
    rows = pd.merge_asof(entered, states, on="event_timestamp", suffixes=("", "_state"), allow_exact_matches=False)
    return _known_when_both(rows)


def _since(races: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """Return each race after each state that arose between its entry and its start."""
    arose = states["event_timestamp"]
    first, end = (arose.searchsorted(races[name]) for name in ("event_timestamp", "starts_at"))
    count = np.maximum(end - first, 0)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    states = states.iloc[np.repeat(first, count) + within].reset_index(drop=True)
    of_race = races[["race_id", "circuit_id", "known_at"]].iloc[np.repeat(np.arange(len(races)), count)]
    return _known_when_both(of_race.reset_index(drop=True).join(states, rsuffix="_state"))


def _known_when_both(rows: pd.DataFrame) -> pd.DataFrame:
    known = rows[["known_at", "known_at_state"]].max(axis=1).astype(UTC_US)
    return rows.assign(known_at=known)


def _there(rows: pd.DataFrame, races: pd.DataFrame) -> pd.Series:
    """Return the ratio of each row's circuit as it stood with the row's state; null before its first race."""
    asked = (
        rows[["circuit_id", "state_at"]].assign(row=range(len(rows))).dropna().sort_values("state_at", kind="stable")
    )
    known = races[["circuit_id", "event_timestamp", "ratio"]].sort_values("event_timestamp", kind="stable")
    found = pd.merge_asof(asked, known, left_on="state_at", right_on="event_timestamp", by="circuit_id")
    return found.set_index("row")["ratio"].reindex(range(len(rows))).set_axis(rows.index)


def _chance(rate: pd.Series, ratio: pd.Series) -> pd.Series:
    """Return a rate whose odds are multiplied by a ratio: it stays below 1."""
    odds = rate / (1.0 - rate) * ratio
    return odds / (1.0 + odds)


NO_RACE = "no race was run yet"
NOT_TOLD = "no race of which it is known was run yet (none before 1993)"
GROUP = FeatureGroup(
    name="race_outlook",
    entities=("race",),
    reads=tuple(dict.fromkeys(("circuits", *READS, *SAFETY_CARS))),
    features=(
        Feature("field_retirement_rate", "share", "share of all cars that retire, recent races counting most", NO_RACE),
        Feature("field_accident_rate", "share", "the same of accidents, collisions and spins", NO_RACE),
        Feature("field_breakdown_rate", "share", "the same of every other cause, also where none is told", NO_RACE),
        Feature(
            "field_safety_car_rate",
            "share",
            "share of races with a safety car, recent ones counting most",
            NOT_TOLD,
        ),
        Feature(
            "circuit_safety_car_ratio",
            "ratio",
            "races at the circuit with a safety car over those expected of all races of the time, drawn to 1",
            "no race of which it is known was held at the circuit yet",
        ),
        Feature(
            "safety_car_chance", "share", "the rate of all races, its odds multiplied by the circuit's ratio", NOT_TOLD
        ),
        Feature("street_circuit", "0/1", "1 where the lap runs mostly over city streets", "never"),
    ),
    compute=compute,
    Settings=Settings,
    sets=("dnf", "safety_car", "track"),
)
