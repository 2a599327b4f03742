"""One group of each kind of leak, and honest ones, each with the data in which it shows: what every check of the audit is tried on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US, Stage
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup
from pitwall.ml.audit import Effort, Subject
from pitwall.ml.audit._subject import Audited
from pitwall.testing.worlds.tiny import tiny_tables

SMALL = Effort(instants=10, cutoffs=1, worlds=1)
SESSION = ["race_id", "driver_id"]
CAR = ("race", "driver")
Compute = Callable[[Tables, Any, Any], pd.DataFrame]


@cache
def _short() -> Subject:
    return Subject(tiny_tables(2, 12, 8, seed=4), Params(), Stage.PRE_RACE, SMALL)


@cache
def _long() -> Subject:
    """Statistics need races."""
    return Subject(tiny_tables(4, 14, 10, seed=5), Params(), Stage.PRE_RACE, replace(SMALL, seasons=4))


def _postponed() -> Subject:
    """A race that was run a day after it was said to be: its results were known before the cut-off that counts."""
    tables = tiny_tables(2, 4, 6)
    races = tables["races"].copy()
    races.loc[races["race_id"] == 6, ["planned_at", "starts_at"]] += pd.Timedelta(days=1)
    return Subject(tables.replace(races=races), Params(), Stage.PRE_RACE, SMALL)


def _group(
    compute: Compute, reads: Sequence[str], entities: tuple[str, ...] = ("driver",), since: Stage = Stage.PRE_WEEKEND
) -> FeatureGroup:
    return FeatureGroup(
        "made", entities, tuple(reads), (Feature("made", "number", "made up", "never", since),), compute
    )


def _stamped(rows: pd.DataFrame, keys: Sequence[str], value: pd.Series) -> pd.DataFrame:
    return rows[[*keys, *STAMPS]].assign(made=value.astype("float64")).astype(dict.fromkeys(STAMPS, UTC_US))


def _places(value: Callable[[pd.DataFrame], pd.Series]) -> Compute:
    """Return a computation of a state after each race, made of the places of its driver."""

    def compute(tables: Tables, settings: Any, time: Any) -> pd.DataFrame:
        rows = tables["results"].sort_values(["event_timestamp", "driver_id"], ignore_index=True)
        return _stamped(rows, ["driver_id"], value(rows))

    return compute


def _entered(tables: Tables, value: pd.DataFrame) -> pd.DataFrame:
    """Return rows that stand before the race, with some value of its cars."""
    rows = tables["entries"].merge(value.set_axis([*SESSION, "value"], axis=1), on=SESSION, how="left")
    return _stamped(rows, SESSION, rows["value"])


def _own_place(tables: Tables, settings: Any, time: Any) -> pd.DataFrame:
    return _entered(tables, tables["results"][[*SESSION, "place"]])


def _number(tables: Tables, settings: Any, time: Any) -> pd.DataFrame:
    return _entered(tables, tables["entries"][[*SESSION, "number"]])


def _qualified(tables: Tables, settings: Any, time: Any) -> pd.DataFrame:
    return _stamped(tables["qualifying"], SESSION, tables["qualifying"]["place"])


def _brought_along(subject: Subject) -> Compute:
    """Return a computation that knows the places from outside the tables: no cut and no shuffle reaches them."""
    places = subject.cars[[*SESSION, "place"]].copy()
    places["place"] += 0.3 * np.random.default_rng(0).normal(size=len(places))
    return lambda tables, settings, time: _entered(tables, places)


def leaking() -> dict[str, Audited]:
    """Return {what leaks: a group with the data in which it shows}."""
    last = _group(_places(lambda rows: rows["place"]), ("results",))
    coming = _group(_places(lambda rows: rows.groupby("driver_id")["place"].shift(-1)), ("results",))
    worst = _group(_places(lambda rows: rows["place"] / rows["place"].max()), ("results",))
    return {
        "the next race": Audited(coming, _short()),
        "the worst place of all times": Audited(worst, _short()),
        "the race's own place": Audited(_group(_own_place, ("entries", "results"), CAR), _short()),
        "a session said to be known later": Audited(_group(_qualified, ("qualifying",), CAR, Stage.IN_RACE), _short()),
        "places from outside the tables": Audited(_group(_brought_along(_long()), ("entries",), CAR), _long()),
        "a race that was postponed": Audited(last, _postponed()),
    }


def honest() -> dict[str, Audited]:
    """Return {what is honest: a group with data}."""
    last = _group(_places(lambda rows: rows["place"]), ("results",))
    return {
        "the last place": Audited(last, _short()),
        "the car's number": Audited(_group(_number, ("entries",), CAR), _short()),
        "the qualifying place": Audited(_group(_qualified, ("qualifying",), CAR, Stage.PRE_RACE), _short()),
    }
