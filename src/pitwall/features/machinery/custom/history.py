"""Make a feature group of one plain function: from a driver's races so far to a number.

The function never sees a cut-off. It is called once after each race with the races up to that one, so it cannot look
ahead, and its values are stamped and versioned like those of any other group.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.errors import FeatureError
from pitwall.domain.params import TimeParams
from pitwall.domain.tables import SPECS, Tables
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup, NoSettings
from pitwall.features.machinery.sealed import reached
from pitwall.features.machinery.shared.form import starters_with_grid
from pitwall.features.machinery.shared.states import cumulative_known

READS = ("races", "results", "grid")
HISTORY: dict[str, str] = {
    "race_id": "id of the race",
    "season": "season",
    "round": "number of the race in its season",
    "circuit_id": "id of the circuit",
    "driver_id": "id of the driver",
    "constructor_id": "id of the team that they drove for",
    "event_timestamp": "end of the race, UTC",
    "grid": "starting slot, 1 is pole; null where none was recorded",
    "place": "place among the starters, 1 is the winner, retired cars last",
    "field_size": "number of starters",
    "classified": "has a finishing position",
    "retired": "did not finish",
    "points": "points of the race",
    "laps": "laps driven",
    "seconds": "race time of a car on the lead lap, else null",
    "fastest_lap": "own fastest lap in seconds, null where none was recorded (before 2004)",
}
RECENT = {
    "positions_last_5": "places of the driver's last five races, a list with the newest first; not of vectorised functions"
}
Function = Callable[[pd.DataFrame], object]
KEY = ["race_id", "driver_id"]
LAST = 5


class DriverRaces(pd.DataFrame):  # type: ignore[misc]
    """One driver's races so far, newest last; `positions_last_5` of it is a list of places, newest first (`RECENT`).

    Example:
        >>> DriverRaces({"place": [9, 8, 3, 2, 7, 1]})["positions_last_5"]
        [1, 7, 2, 3, 8]
    """

    @property
    def _constructor(self) -> type[DriverRaces]:
        return DriverRaces

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str) and key in RECENT:
            return super().__getitem__("place").tolist()[: -LAST - 1 : -1]
        return super().__getitem__(key)


@dataclass(frozen=True)
class HistoryFeature:
    """A function with what a feature must say of itself.

    Attributes:
        name: of the feature, and of its group.
        function: one driver's races so far -> a number, None where it has nothing to say; if `vectorised`, the races of
            all drivers in time order -> one number per row.
        unit: of the number.
        meaning: what it says.
        null: what it means when it is null.
        version: of the function; raise it when the meaning changes.
        needs: further tables with one row per race and driver; their columns come as `<table>_<column>`.
        vectorised: see `function`.
        sets: the named feature sets that hold it.
    """

    name: str
    function: Function = field(repr=False)
    unit: str = "number"
    meaning: str = "a custom feature"
    null: str = "before the first race, or the function gave none"
    version: int = 1
    needs: tuple[str, ...] = ()
    vectorised: bool = False
    sets: tuple[str, ...] = ("driver",)

    def group(self) -> FeatureGroup:
        """Return the feature group of this one feature.

        Raises:
            FeatureError: a needed table has not one row per race and driver.
        """
        for table in self.needs:
            if table not in SPECS or set(SPECS[table].key) != set(KEY):
                fitting = sorted({name for name, spec in SPECS.items() if set(spec.key) == set(KEY)} - {*READS})
                raise FeatureError(
                    f"feature {self.name} needs the table {table!r}, which has not one row per race and driver; "
                    f"it may need: {', '.join(fitting)}."
                )
        return FeatureGroup(
            name=self.name,
            entities=("driver",),
            reads=(*READS, *(table for table in self.needs if table not in READS)),
            features=(Feature(self.name, self.unit, self.meaning, self.null),),
            compute=self._compute,
            sets=self.sets,
            reach="all" if self.vectorised else "entity",
        )

    def _compute(self, tables: Tables, settings: NoSettings, time: TimeParams) -> pd.DataFrame:
        rows = histories(tables, self.needs)
        return state_rows(rows, {self.name: self.values(rows)}, everyone=self.vectorised)

    def values(self, rows: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Return the feature after each row of `histories`.

        Raises:
            FeatureError: the function failed, or gave something that is no number.
        """
        past = rows.drop(columns="known_at")
        if self.vectorised:
            return _column(self, past)
        values = np.empty(len(rows))
        kind = DriverRaces if _asks_for_recent(self.function) else pd.DataFrame  # the plain one is twice as fast
        for _, races in past.groupby("driver_id", sort=True):
            own = kind(races.reset_index(drop=True))
            values[races.index] = [_number(self, own.iloc[: count + 1]) for count in range(len(own))]
        return values


def _asks_for_recent(function: Function) -> bool:
    """Tell whether a function, or one that it calls, names something of `RECENT`."""
    return any(name in part.__code__.co_consts for part in reached(function) for name in RECENT)


def histories(tables: Tables, needs: Sequence[str] = ()) -> pd.DataFrame:
    """Return the races of all drivers who started, in time order: `HISTORY`, what `needs` add, and `known_at`."""
    rows = starters_with_grid(tables).merge(tables["races"][["race_id", "round", "circuit_id"]], on="race_id")
    races = rows.groupby("race_id")
    rows["place"] = races["place"].rank(method="first").astype("int64")
    rows["field_size"] = races["place"].transform("size")
    rows = rows[[*HISTORY, "known_at"]]
    for table in needs:
        columns = [column for column in SPECS[table].columns if column not in (*KEY, "constructor_id")]
        names = {column: f"{table}_{column}" for column in columns} | {"known_at": "also_known_at"}
        rows = rows.merge(tables[table][[*KEY, *names]].rename(columns=names), on=KEY, how="left")
        also = rows.pop("also_known_at")
        rows["known_at"] = rows["known_at"].where(~(also > rows["known_at"]), also)
    return rows.sort_values(["event_timestamp", *KEY], ignore_index=True)


def state_rows(rows: pd.DataFrame, values: dict[str, npt.NDArray[np.float64]], *, everyone: bool) -> pd.DataFrame:
    """Return driver state rows with some features: one per race, known when the races that it may be made of are.

    Args:
        rows: as `histories` returns them.
        values: the features after each row.
        everyone: they may be made of all drivers' races so far, not of the driver's own alone.
    """
    states = rows[["driver_id", *STAMPS]].copy()
    per = states.assign(everyone=0)
    states["known_at"] = cumulative_known(per, ["everyone" if everyone else "driver_id"])
    return states.assign(**values)


def _number(feature: HistoryFeature, past: pd.DataFrame) -> float:
    value = _called(feature, past)
    if value is None or value is pd.NA:
        return np.nan
    if isinstance(value, bool | np.bool_ | int | np.integer | float | np.floating) and not np.isinf(value):
        return float(value)
    raise FeatureError(
        f"feature {feature.name} is {value!r} ({type(value).__name__}) after {row_name(past)}; a feature is one finite "
        "number, or None where there is nothing to say."
    )


def _column(feature: HistoryFeature, rows: pd.DataFrame) -> npt.NDArray[np.float64]:
    column = pd.Series(_called(feature, rows))
    if not column.index.equals(rows.index):
        raise FeatureError(
            f"feature {feature.name} gave {len(column)} values for {len(rows)} rows, or in another order; a vectorised "
            "feature returns one number per row, on the index that it was given."
        )
    try:
        values = column.to_numpy(dtype="float64", na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise FeatureError(f"feature {feature.name} gave values that are no numbers: {error}.") from error
    if np.isinf(values).any():
        bad = rows.iloc[: int(np.isinf(values).argmax()) + 1]
        raise FeatureError(
            f"feature {feature.name} is infinite after {row_name(bad)}; say null where there is no number."
        )
    return np.asarray(values)


def _called(feature: HistoryFeature, given: pd.DataFrame) -> object:
    try:
        return feature.function(given)
    except FeatureError:
        raise
    except Exception as error:  # whatever a user's function raises, it is told with the place and the columns
        raise FeatureError(
            f"feature {feature.name} failed after {row_name(given)}: {type(error).__name__}: {error}. "
            f"It is given a DataFrame with the columns {', '.join(given.columns)}."
        ) from error


def row_name(rows: pd.DataFrame) -> str:
    """Return the last row's driver and race as words."""
    last = rows.iloc[-1]
    return f"driver {last['driver_id']}, race {last['season']}-{last['round']:02d}"
