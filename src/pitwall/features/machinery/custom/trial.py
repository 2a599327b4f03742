"""Try a custom feature out on a tiny world, at registration: is it a pure function, and does it say then what it says now?

A function that draws random numbers, reads the clock or a file, edits what it is given, remembers between calls or looks
ahead would pass unseen through a training and fail in the race. Each of these is tried here, in a second, and told with
the feature, the rows and the reason.
"""

from __future__ import annotations

import dis
import inspect
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cache, partial, wraps
from types import CodeType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.errors import FeatureError, LeakError
from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.domain.when import BEFORE
from pitwall.features.machinery.build import check_names
from pitwall.features.machinery.child import in_child
from pitwall.features.machinery.custom.history import HistoryFeature, histories, row_name
from pitwall.features.machinery.group import FeatureGroup
from pitwall.features.machinery.replay import replay_check
from pitwall.features.machinery.sealed import forget, held_tables, no_files, reached
from pitwall.features.machinery.tiny_world.tables import corrected, tiny_tables

NOW = {"now", "today", "utcnow"}
SHOWN = 3
TRIED = 3


def try_out(feature: HistoryFeature) -> None:
    """Raise unless the feature is a pure function of a driver's races so far, on a tiny world.

    Raises:
        FeatureError: it is impure, depends on the order of rows or calls, or gives no number.
        LeakError: it looks ahead.
    """
    check_names([feature.group()])
    _check_code(feature)
    rows = histories(tiny_world().as_of(), feature.needs)
    in_child(partial(_check_values, feature, rows), f"feature {feature.name}")
    refuse_leaks_of(feature.group())


def refuse_leaks_of(group: FeatureGroup) -> None:
    """Raise LeakError if what a group says of a race changes when the races after it are taken away."""
    world = tiny_world()
    known = world["results"]["known_at"].drop_duplicates().sort_values()
    violations = replay_check(group, world, Params(), known.tail(TRIED) - BEFORE)  # the last moment before each
    if violations:
        shown = "\n".join(str(violation) for violation in violations[:SHOWN])
        raise LeakError(f"{group.name} looks ahead ({len(violations)} differences in the replay):\n{shown}")


@cache
def tiny_world() -> Tables:
    """Return the world of the trial: two short seasons, a race to come, and a place that was corrected a season later."""
    world = tiny_tables(seasons=2, races=4, cars=6, upcoming=1)
    later = world["races"].query("race_id == 6")["starts_at"].iloc[0] - pd.Timedelta(days=3)
    return corrected(world, "results", lambda rows: (rows["race_id"] == 3) & (rows["place"] == 2), later, place=6)


def _check_code(feature: HistoryFeature) -> None:
    """Refuse code that names the clock of pandas, or that holds a table of its own: a table that no cut shortens."""
    function = inspect.unwrap(feature.function)
    if not inspect.isfunction(function):
        raise FeatureError(f"feature {feature.name} is a {type(function).__name__}; expected a plain Python function.")
    for part in reached(function):
        if asked := NOW & set(_attributes(part.__code__)):
            why = "the same races must always give the same number"
            raise FeatureError(_impure(feature, f"asks for .{min(asked)}()", why))
    for kind, name in held_tables(function):
        why = "it holds rows of after the race, whatever the cut-off; read the races that it is given"
        raise LeakError(_impure(feature, f"reads the {kind} {name} from outside", why))


def _attributes(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in {"LOAD_ATTR", "LOAD_METHOD"}:
            yield str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _attributes(constant)


def _check_values(feature: HistoryFeature, rows: pd.DataFrame) -> None:
    """Watch, limit and repeat the computation; only for a process of its own."""
    warnings.simplefilter("ignore")
    _check_orders(feature, rows, _check_calls(feature, rows))


def _check_calls(feature: HistoryFeature, rows: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return the values of a first run, in which every call is watched."""

    @wraps(feature.function)
    def watched(given: pd.DataFrame) -> object:
        original, state = given.copy(), _random_state()
        with _watched_clock(feature):
            value = feature.function(given)
        if not given.equals(original) or list(given.columns) != list(original.columns):
            raise FeatureError(_impure(feature, f"edits its input after {row_name(original)}", "work on a copy"))
        if _random_state() != state:
            why = "use a generator of its own with a fixed seed, or none"
            raise FeatureError(
                _impure(feature, f"draws from the global random numbers after {row_name(original)}", why)
            )
        return value

    return replace(feature, function=watched).values(rows)


def _check_orders(feature: HistoryFeature, rows: pd.DataFrame, first: npt.NDArray[np.float64]) -> None:
    """Refuse values that differ when it is all done again, in another order of the rows that belong to one instant."""
    again = _sealed_values(feature, rows)
    why = "random numbers, a clock, or something kept between calls"
    _refuse_difference(feature, rows, first, again, f"gives another number when it is called again: {why}")
    shuffled = rows.sample(frac=1.0, random_state=1).sort_values("event_timestamp", kind="stable")
    given = shuffled.reset_index(drop=True)
    renamed = {driver: -driver for driver in given["driver_id"].unique()}
    given["driver_id"] = given["driver_id"].map(renamed)  # ids mean nothing, and drivers now come in the reverse order
    back = pd.Series(feature.values(given), index=shuffled.index).reindex(rows.index).to_numpy()
    what = "the order of rows or of calls, or a driver's id"
    _refuse_difference(feature, rows, first, back, f"depends on {what}; the rows of one race come in no order")


def _sealed_values(feature: HistoryFeature, rows: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return the values of a run that may open no file, in whatever language its readers are written."""
    forget(feature.function)
    try:
        with no_files():
            return feature.values(rows)
    except Exception as error:
        why = "a feature is a function of the races that it is given, and of nothing else"
        raise FeatureError(_impure(feature, f"fails when no file may be opened ({error})", why)) from error


def _refuse_difference(
    feature: HistoryFeature,
    rows: pd.DataFrame,
    before: npt.NDArray[np.float64],
    now: npt.NDArray[np.float64],
    reason: str,
) -> None:
    differs = ~np.isclose(before, now, rtol=1e-9, atol=1e-12, equal_nan=True)  # sums in another order round otherwise
    if differs.any():
        at = np.flatnonzero(differs)
        shown = "; ".join(f"{row_name(rows.iloc[: row + 1])}: {before[row]:g}, then {now[row]:g}" for row in at[:SHOWN])
        raise FeatureError(
            _impure(feature, f"{reason}. {len(at)} of {len(rows)} rows differ ({shown})", "make it pure")
        )


@contextmanager
def _watched_clock(feature: HistoryFeature) -> Iterator[None]:
    """Refuse calls of the clock and of files, by helpers too; Python's profiler sees every call of a C function."""
    calls: set[str] = set()

    def watch(_frame: Any, event: str, called: Any) -> None:
        if event == "c_call" and _forbidden(called):
            calls.add(f"{called.__qualname__}()")

    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(None)
    if calls:
        why = "a feature is a function of the races that it is given, and of nothing else"
        raise FeatureError(_impure(feature, f"calls {', '.join(sorted(calls))}", why))


def _forbidden(called: Callable[..., Any]) -> bool:
    module, owner = getattr(called, "__module__", None), getattr(called, "__self__", None)
    clock = module == "time" or (isinstance(owner, type) and issubclass(owner, date) and called.__name__ in NOW)
    return clock or (module in {"io", "_io"} and called.__name__ == "open")


def _random_state() -> tuple[object, bytes, int]:
    numpy = np.random.get_state(legacy=False)
    state = numpy["state"]  # type: ignore[call-overload]
    return random.getstate(), state["key"].tobytes(), state["pos"]


def _impure(feature: HistoryFeature, what: str, why: str) -> str:
    return f"feature {feature.name} {what}: {why}."
