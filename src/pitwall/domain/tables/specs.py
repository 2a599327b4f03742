"""What each canonical table holds: columns, types, keys and meaning, as data from which the Pandera schemas are made.

`pitwall.domain.tables` says what the times of a row mean, and reads and writes the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pitwall.domain.when import UTC_US

if TYPE_CHECKING:
    import pandera.pandas as pa

STAMPS = {"event_timestamp": UTC_US, "known_at": UTC_US, "known_estimated": "bool"}


@dataclass(frozen=True)
class TableSpec:
    """One canonical table: its key, its columns with pandas dtypes, which of them may be null, and what a row is."""

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    nullable: frozenset[str]
    row: str

    def schema(self) -> pa.DataFrameSchema:
        """Return the strict Pandera schema: columns, types, nulls, one row per key and version."""
        import pandera.pandas as pa

        columns = {
            name: pa.Column(dtype, nullable=name in self.nullable, checks=_checks(name))
            for name, dtype in {**self.columns, **STAMPS}.items()
        }
        return pa.DataFrameSchema(columns, strict=True, ordered=True, unique=[*self.key, "known_at"], name=self.name)

    @property
    def all_columns(self) -> list[str]:
        """Return the column names in order, stamps last."""
        return [*self.columns, *STAMPS]


def _checks(column: str) -> list[pa.Check]:
    import pandera.pandas as pa

    limits = {
        "season": pa.Check.in_range(1950, 2100),
        "round": pa.Check.in_range(1, 40),
        "grid": pa.Check.ge(1),
        "place": pa.Check.ge(1),
        "points": pa.Check.ge(0),
        "laps": pa.Check.ge(0),
        "lat": pa.Check.in_range(-90, 90),
        "lng": pa.Check.in_range(-180, 180),
    }
    return [limits[column]] if column in limits else []


def _spec(name: str, row: str, key: str, columns: str, nullable: str = "") -> TableSpec:
    """Read the compact notation `name:type` below; types are i(nt), f(loat), s(tring), b(ool), o(ptional bool), t(ime)."""
    types = {"i": "int64", "f": "float64", "s": "string", "b": "bool", "o": "boolean", "t": UTC_US}
    parsed = {part.split(":")[0]: types[part.split(":")[1]] for part in columns.split()}
    return TableSpec(name, tuple(key.split()), parsed, frozenset(nullable.split()), row)


_CAR = "race_id:i driver_id:i constructor_id:i"
_AIR = "air_temp:f track_temp:f humidity:f pressure:f rainfall:o wind_direction:f wind_speed:f"
_AIR_NAMES = " ".join(part.split(":")[0] for part in _AIR.split())

SPECS: dict[str, TableSpec] = {
    spec.name: spec
    for spec in [
        _spec(
            "races",
            "a race of the calendar; `*_estimated` marks a session time that was assumed. The instants are those known now, in "
            "every version; `planned_at` is the start as that version announced it. `called_off`: it left the calendar unrun",
            "race_id",
            "race_id:i season:i round:i circuit_id:i name:s starts_at:t qualifying_at:t practice_at:t sprint_at:t "
            "start_estimated:b qualifying_estimated:b practice_estimated:b planned_at:t called_off:b",
            "sprint_at",
        ),
        _spec(
            "circuits",
            "a circuit; degrees and metres",
            "circuit_id",
            "circuit_id:i ref:s name:s country:s lat:f lng:f alt:f",
            "country lat lng alt",
        ),
        _spec(
            "drivers",
            "a driver",
            "driver_id",
            "driver_id:i ref:s code:s name:s born:t nationality:s",
            "code born nationality",
        ),
        _spec(
            "constructors",
            "a constructor; `lineage` is the id shared by one team across its renames, from season `lineage_since` on",
            "constructor_id",
            "constructor_id:i ref:s name:s nationality:s lineage:i lineage_since:f",
            "nationality lineage_since",
        ),
        _spec(
            "entries",
            "a car that takes part in a race (the actual starters, a stated simplification)",
            "race_id driver_id",
            f"{_CAR} number:f",
            "number",
        ),
        _spec(
            "grid",
            "a starting slot after penalties, from 1; a start from the pit lane stands behind the last slot",
            "race_id driver_id",
            f"{_CAR} grid:i pit_lane:b",
        ),
        _spec(
            "qualifying",
            "a qualifying line before penalties; q1, q2, q3 in seconds",
            "race_id driver_id",
            f"{_CAR} place:i q1:f q2:f q3:f",
            "q1 q2 q3",
        ),
        _spec(
            "practice",
            "a practice line: best time in seconds, laps driven; session FP1 to FP4",
            "race_id driver_id session",
            f"{_CAR} session:s place:i seconds:f laps:f",
            "seconds laps",
        ),
        _spec(
            "sprints",
            "a line of a sprint's classification",
            "race_id driver_id",
            f"{_CAR} grid:f place:i points:f laps:i status:s",
            "grid",
        ),
        _spec(
            "results",
            "a line of a race's classification; `place` is 1..n over all cars (retired cars last), `classified` False "
            "for those without a finishing position; `started` False: did not qualify or withdrew; `seconds` total time "
            "of cars on the lead lap; `fastest_lap` seconds and its `fastest_rank`",
            "race_id driver_id",
            f"{_CAR} place:i classified:b started:b retired:b points:f laps:i seconds:f fastest_lap:f fastest_rank:f status:s",
            "seconds fastest_lap fastest_rank",
        ),
        _spec(
            "pit_stops",
            "a pit stop; seconds in the pit lane, null where the time given cannot be",
            "race_id driver_id stop",
            "race_id:i driver_id:i stop:i lap:i seconds:f",
            "seconds",
        ),
        _spec(
            "lap_times",
            "a lap of a car in a race; place at its end",
            "race_id driver_id lap",
            "race_id:i driver_id:i lap:i place:f seconds:f",
            "place seconds",
        ),
        _spec(
            "race_control",
            "an interruption of a race by race control: a safety_car (from `lap` until_lap), a red_flag, or a lap under a "
            "virtual_safety_car; numbered per race and kind",
            "race_id kind number",
            "race_id:i kind:s number:i lap:i until_lap:f cause:s",
            "until_lap cause",
        ),
        _spec(
            "session_sectors",
            "the sectors of a car's best lap in a session (FP1 to FP4, Q1 to Q3), seconds",
            "race_id driver_id session",
            f"{_CAR} session:s sector_1:f sector_2:f sector_3:f",
            "sector_1 sector_2 sector_3",
        ),
        _spec(
            "weather_forecasts",
            "a forecast of the weather at a race, published `lead_hours` before its start; air in C",
            "race_id lead_hours",
            "race_id:i lead_hours:i rain_probability:f air_temp:f",
            "air_temp",
        ),
        _spec(
            "driver_standings",
            "the drivers' championship after a race",
            "race_id driver_id",
            "race_id:i driver_id:i points:f place:f wins:i",
            "place",
        ),
        _spec(
            "constructor_standings",
            "the constructors' championship after a race",
            "race_id constructor_id",
            "race_id:i constructor_id:i points:f place:f wins:i",
            "place",
        ),
        _spec(
            "laps",
            "a lap as driven; not `completed`: the unfinished last lap of a car that stopped. start, end and pit in the race "
            "clock; `seconds` the lap time, also null on laps that were completed (red flags, laps into the pit at the end); "
            "tyre_laps on the set at the end of the lap; speeds km/h; `track_status` all codes in force during the lap; "
            "weather (C, %, mbar, degrees, m/s) as at its start",
            "race_id driver_id lap",
            f"{_CAR} lap:i completed:b place:f seconds:f seconds_source:s start_seconds:f end_seconds:f "
            "sector_1:f sector_2:f sector_3:f pit_in_seconds:f pit_out_seconds:f stint:f compound:s tyre_laps:f new_tyre:o "
            "speed_i1:f speed_i2:f speed_fl:f speed_st:f track_status:s accurate:b personal_best:o deleted:o "
            f"deleted_reason:s {_AIR}",
            "place seconds seconds_source sector_1 sector_2 sector_3 pit_in_seconds pit_out_seconds stint compound tyre_laps "
            f"new_tyre speed_i1 speed_i2 speed_fl speed_st personal_best deleted deleted_reason {_AIR_NAMES}",
        ),
        _spec(
            "start_tyres",
            "the tyres that a car starts on, shown on the grid; tyre_laps on the set before the start, seconds of the race clock at "
            "which wheels must be on",
            "race_id driver_id",
            f"{_CAR} seconds:f compound:s tyre_laps:f new_tyre:o",
            "tyre_laps new_tyre",
        ),
        _spec(
            "weather",
            "a sample of the weather at the track, about one a minute; units as in `laps`, seconds in the race clock",
            "race_id sample",
            f"race_id:i sample:i seconds:f {_AIR}",
            _AIR_NAMES,
        ),
        _spec(
            "track_status",
            "a change of the track's status: 1 clear, 2 yellow, 4 safety car, 5 red flag, 6 virtual safety car, 7 its end; "
            "of messages of one instant the last one holds",
            "race_id message",
            "race_id:i message:i seconds:f status:s text:s",
            "text",
        ),
        _spec(
            "session_status",
            "a change of the session's status: Started, Aborted (red flag), Finished, ...; a later Started is a restart",
            "race_id message",
            "race_id:i message:i seconds:f status:s",
        ),
        _spec(
            "upgrades",
            "an upgrade of a team's car that a user flags, numbered per race and team; `session` is the one in which it first ran "
            "(FP1 to FP4, Q qualifying, S sprint, R race)",
            "race_id constructor_id number",
            "race_id:i constructor_id:i number:i session:s note:s",
            "note",
        ),
        _spec(
            "corner_speeds",
            "mean speed of a car in corners, from a user's telemetry, km/h; `lap` 0 stands for the whole session (as in `upgrades`)",
            "race_id driver_id session lap",
            "race_id:i driver_id:i session:s lap:i speed:f",
        ),
    ]
}
