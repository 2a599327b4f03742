"""Among whom a name is looked for: those who take part in a race first, then those who did before it, the last ones first.

A code or a surname belongs to several people over the years: VER was Vergne in 2013. What decides is the time of the race that
is spoken of, so somebody who first took part after it is not meant at all; who never took part yet may still be new to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.ml.data.calendar import Race

HERE = float("inf")  # takes part in the race that is spoken of
NEVER = float("-inf")  # took part in no race yet
OWNERS = {"driver_id": "drivers", "constructor_id": "constructors"}


@dataclass(frozen=True)
class Among:
    """Who may be meant, and who is thought of first.

    Attributes:
        where: what is spoken of, for messages, e.g. 2013-05.
        nearness: by key column: a number by id, the highest first; who has none is not meant.
        numbers: {car number: driver ids}; people write them, and no name here is one.
    """

    where: str
    nearness: Mapping[str, pd.Series]
    numbers: Mapping[int, tuple[int, ...]] = field(default_factory=dict)


def of_race(tables: Tables, race: Race, cars: pd.DataFrame | None = None) -> Among:
    """Return who may be meant at a race.

    Args:
        tables: with entries, races, drivers and constructors; circuits where circuits are asked for.
        race: the race.
        cars: driver_id and constructor_id of those who take part, instead of the recorded entrants.
    """
    entered, newest = _entered(tables), tables.only(*OWNERS.values()).as_of()
    earlier, later = entered[entered["starts_at"] < race.starts_at], entered[entered["starts_at"] > race.starts_at]
    own = entered[entered["race_id"] == race.race_id]
    if own.empty:  # no entry list yet: the entrants of the last race are assumed
        own = earlier[earlier["starts_at"] == earlier["starts_at"].max()]
    here = own if cars is None else cars
    nearness = {key: _nearness(newest[table][key], earlier, later, key, here[key]) for key, table in OWNERS.items()}
    places = _places(tables, race.starts_at)
    places.loc[places.index == race.circuit_id] = HERE
    return Among(race.label, {**nearness, "circuit_id": places}, _numbers(own))


def of_instant(tables: Tables, instant: pd.Timestamp) -> Among:
    """Return who may be meant at an instant: who was entered last by then first. See `of_race`."""
    entered, newest = _entered(tables), tables.only(*OWNERS.values()).as_of()
    past = entered["event_timestamp"] <= instant  # not known_at: a name that is corrected later was a name before
    nearness = {key: _nearness(newest[table][key], entered[past], entered[~past], key) for key, table in OWNERS.items()}
    return Among(f"{instant:%Y-%m-%d}", {**nearness, "circuit_id": _places(tables, instant)})


def of_seasons(tables: Tables, seasons: tuple[int, ...]) -> Among:
    """Return who may be meant in some seasons: who takes part in one of them first, then everybody."""
    entered, newest = _entered(tables), tables.only(*OWNERS.values(), "circuits").as_of()
    within = entered[entered["season"].isin(seasons)]
    nearness = {
        key: pd.Series(0.0, index=newest[table][key]).mask(lambda ids, key=key: ids.index.isin(within[key]), HERE)
        for key, table in {**OWNERS, "circuit_id": "circuits"}.items()
    }
    span = str(seasons[0]) if len(seasons) == 1 else f"{seasons[0]} to {seasons[-1]}"
    return Among(span, nearness)


def _entered(tables: Tables) -> pd.DataFrame:
    """Return every entry with the season, the start and the circuit of its race."""
    newest = tables.only("entries", "races").as_of()
    return newest["entries"].merge(newest["races"][["race_id", "season", "starts_at", "circuit_id"]], on="race_id")


def _nearness(
    known: pd.Series, earlier: pd.DataFrame, later: pd.DataFrame, key: str, here: Iterable[int] = ()
) -> pd.Series:
    """Return the last start by id; those who only took part later are left out."""
    last = earlier.groupby(key)["starts_at"].max().astype("int64").astype("float64").reindex(known.unique())
    takes_part = last.index.isin(list(here))
    meant = last.notna() | ~last.index.isin(later[key]) | takes_part
    return last.fillna(NEVER).mask(takes_part, HERE)[meant]


def _places(tables: Tables, instant: pd.Timestamp) -> pd.Series:
    """Return the circuits by how near to an instant, before or after it, a race is held there."""
    if "circuits" not in tables:
        return pd.Series(dtype="float64")
    newest = tables.only("circuits", "races").as_of()
    distance = (newest["races"]["starts_at"] - instant).abs() / pd.Timedelta(seconds=1)
    nearest = -distance.groupby(newest["races"]["circuit_id"]).min()
    return nearest.reindex(newest["circuits"]["circuit_id"]).fillna(NEVER)


def _numbers(own: pd.DataFrame) -> dict[int, tuple[int, ...]]:
    raced = own.dropna(subset="number")
    return {int(number): tuple(cars["driver_id"].astype(int)) for number, cars in raced.groupby("number")}
