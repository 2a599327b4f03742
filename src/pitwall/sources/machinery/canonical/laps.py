"""Make the canonical lap tables from one snapshot of a source of laps: check, join to the calendar, shape, stamp.

The feed's clock counts from the start of its recording. It is set to the race clock by the first "Started" of the session
status (where a race has none, by the start of the first lap), and to UTC by assuming that this was the scheduled start:
the feed holds no other link. So every stamp is estimated; within a race they are right to the millisecond of the feed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from pitwall.domain.errors import SourceError
from pitwall.domain.racing.start_tyres import start_tyres
from pitwall.domain.tables import SPECS
from pitwall.domain.when import as_utc
from pitwall.sources.machinery.canonical.stamps import LIVE, since_start
from pitwall.sources.machinery.reading.columns import shown
from pitwall.sources.machinery.reading.format import plain
from pitwall.sources.machinery.reading.instants import FEW
from pitwall.sources.machinery.snapshots.plausible import QUALIFYING, blank_quick_laps, blank_quick_sectors, typical
from pitwall.sources.machinery.snapshots.read import Quarantine, RawTable, read_raw
from pitwall.sources.machinery.snapshots.store import Snapshot

LOGS = {"weather": "sample", "track_status": "message", "session_status": "message"}
SECTORS = ("Sector1Time", "Sector2Time", "Sector3Time")
CLEAR = "1"
STATUS = {"allclear": "1", "yellow": "2", "scdeployed": "4", "red": "5", "vscdeployed": "6", "vscending": "7"}
COMPOUNDS = {"S": "SOFT", "M": "MEDIUM", "H": "HARD", "I": "INTERMEDIATE", "INTER": "INTERMEDIATE", "W": "WET"}
SEPARATORS = re.compile(r"""[\s,;|/+\[\]'"-]""")
OFF = 30.0  # s by which a lap's time may lie above its own clock
MOST_OFF = 0.1  # of a file's laps (a stoppage puts one lap of every car so far off)
FAR_OFF = 1800.0  # s; no stoppage was ever booked to a lap like that
RENAMES = {
    "raceId": "race_id",
    "driverId": "driver_id",
    "constructorId": "constructor_id",
    "LapNumber": "lap",
    "Position": "place",
    "LapTime": "seconds",
    "LapTimeSource": "seconds_source",
    "Sector1Time": "sector_1",
    "Sector2Time": "sector_2",
    "Sector3Time": "sector_3",
    "Stint": "stint",
    "Compound": "compound",
    "TyreLife": "tyre_laps",
    "FreshTyre": "new_tyre",
    "SpeedI1": "speed_i1",
    "SpeedI2": "speed_i2",
    "SpeedFL": "speed_fl",
    "SpeedST": "speed_st",
    "TrackStatus": "track_status",
    "IsAccurate": "accurate",
    "IsPersonalBest": "personal_best",
    "Deleted": "deleted",
    "DeletedReason": "deleted_reason",
    "AirTemp": "air_temp",
    "TrackTemp": "track_temp",
    "Humidity": "humidity",
    "Pressure": "pressure",
    "Rainfall": "rainfall",
    "WindDirection": "wind_direction",
    "WindSpeed": "wind_speed",
    "Status": "status",
    "Message": "text",
}
INSTANTS = {
    "LapStartTime": "start_seconds",
    "Time": "end_seconds",
    "PitInTime": "pit_in_seconds",
    "PitOutTime": "pit_out_seconds",
}


@dataclass(frozen=True)
class World:
    """What laps refer to: `races` (by race_id: season, round, circuit_id, starts_at), the ids of drivers and constructors, the
    quickest typical lap of each circuit (`_plausible`), and the cars of each race with results (race_id, driver_id)."""

    races: pd.DataFrame
    drivers: pd.Series
    constructors: pd.Series
    quickest: pd.Series = field(default_factory=lambda: pd.Series(dtype="float64"))
    entrants: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame({"race_id": [], "driver_id": []}, dtype="int64")
    )

    @classmethod
    def at(cls, tables: Mapping[str, pd.DataFrame], instant: datetime) -> World:
        """Return what laps fetched at an instant refer to: the calendar as it was known then, every id known so far."""
        races = tables["races"].sort_values("known_at", kind="stable")
        known = pd.concat([races[races["known_at"] > instant][::-1], races[races["known_at"] <= instant]])
        calendar = known.drop_duplicates("race_id", keep="last").set_index("race_id")
        circuits = calendar["circuit_id"]
        quickest = typical(_known_laps(tables), circuits)
        entrants = tables["results"][["race_id", "driver_id"]].drop_duplicates()
        return cls(
            calendar, tables["drivers"]["driver_id"], tables["constructors"]["constructor_id"], quickest, entrants
        )


def _known_laps(tables: Mapping[str, pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Yield the laps of qualifying and the fastest laps of races, with race, session and seconds."""
    parts = [("qualifying", part) for part in QUALIFYING] + [("results", "fastest_lap")]
    for name, column in parts:
        table = tables[name]
        yield pd.DataFrame({"race": table["race_id"], "session": column, "seconds": table[column]})


@dataclass
class LapTables:
    """The canonical lap tables of one snapshot, and how many values were assumed, by what."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    assumed: dict[str, int] = field(default_factory=dict)

    def assume(self, values: pd.Series, value: str | bool, what: str) -> pd.Series:
        """Fill nulls with a value and count them."""
        if count := int(values.isna().sum()):
            self.assumed[f"laps: {what} not given, read as {value}"] = count
        return values.fillna(value)


def lap_tables(snapshot: Snapshot, world: World, quarantine: Quarantine) -> LapTables:
    """Return laps, tyres at the start, weather, track and session status of a snapshot, in the columns, types and stamps of `SPECS`.

    Raises:
        SourceError: no race of the laps is in the calendar.
    """
    raw = {name: read_raw(snapshot, name, quarantine) for name in ("laps", *LOGS)}
    _require_one_world(raw["laps"].data, world)
    made = LapTables(assumed=quarantine.assumed)
    read_status(raw["laps"], "TrackStatus")
    read_status(raw["track_status"], "Status")
    for table in raw.values():
        table.require_known("raceId", world.races.index.to_series())
    _check_laps(raw["laps"], world)
    starts = race_starts(raw["session_status"].data, raw["laps"].data)
    for table in raw.values():
        table.reject(~table.data["raceId"].isin(starts.index), "no start of the race in session_status or a first lap")
    clocked = {name: _on_race_clock(table.data, starts) for name, table in raw.items()}
    laps = _laps(clocked["laps"], made)
    made.tables["laps"] = _stamped("laps", laps, world)
    made.tables["start_tyres"] = _stamped("start_tyres", start_tyres(laps), world)
    for name, number in LOGS.items():
        made.tables[name] = _stamped(name, _log(clocked[name], number), world)
    return made


def read_status(table: RawTable, column: str) -> None:
    """Spell track statuses as their digits: a list of them or FastF1's word would hide a safety car.

    Raises:
        SourceError: they are in no known form.
    """
    given = table.data[column]
    words = {text: STATUS.get(plain(text), SEPARATORS.sub("", text)) for text in given.dropna().unique()}
    read = given.map({text: each for text, each in words.items() if re.fullmatch("[1-7]+", each)}).astype("string")
    odd = given.notna() & read.isna()
    if odd.sum() >= FEW and read.isna().all():
        raise SourceError(
            f"{table.name}: no value of the column {column!r} is a track status (found {shown(given.unique())}); write digits from 1 to 7, as "
            "FastF1 does."
        )
    table.data[column] = read
    if table.file.nullable(column):
        table.data[column] = given.where(odd, read)
        table.blank(column, odd, "not a track status")
    else:
        table.reject(odd, f"{column}: not a track status")


def race_starts(session_status: pd.DataFrame, laps: pd.DataFrame) -> pd.Series:
    """Return the session clock at the start of each race, by raceId."""
    started = session_status[session_status["Status"] == "Started"].groupby("raceId")["Time"].min()
    first_laps = laps[laps["LapNumber"] == 1].groupby("raceId")["LapStartTime"].min()
    return started.combine_first(first_laps)


def _require_one_world(laps: pd.DataFrame, world: World) -> None:
    """Refuse laps of which not one race is in the calendar: set aside one by one they would hide the mistake."""
    given = laps[["raceId", "Season", "RoundNumber"]].drop_duplicates()
    race = world.races[["season", "round"]].reindex(given["raceId"])
    same = (given["Season"].to_numpy() == race["season"].to_numpy()) & (
        given["RoundNumber"].to_numpy() == race["round"]
    )
    if len(given) and not same.any():
        raise SourceError(
            f"none of the {len(given)} races of the laps is in the calendar of the results; their ids must be the same. Choose "
            "the source of results that they belong to (`pitwall data use NAME`), or stop using them (`pitwall data drop NAME`)."
        )


def _check_laps(laps: RawTable, world: World) -> None:
    laps.require_known("driverId", world.drivers)
    laps.require_known("constructorId", world.constructors)
    race = world.races.loc[laps.data["raceId"]]
    same = (laps.data["Season"] == race["season"].to_numpy()) & (laps.data["RoundNumber"] == race["round"].to_numpy())
    laps.reject(_strangers(laps.data, world), "driverId: no car of this race")
    same = same.reindex(laps.data.index)
    laps.reject(~same, "raceId: another season or round in the calendar")
    laps.reject(laps.data["Time"] < laps.data["LapStartTime"], "Time: before LapStartTime")
    laps.require_unique(["raceId", "driverId", "LapNumber"])
    unfinished = laps.data["FastF1Generated"].fillna(value=False).astype(bool)
    stopped = laps.data["LapNumber"].where(unfinished).groupby([laps.data["raceId"], laps.data["driverId"]])
    laps.reject(laps.data["LapNumber"] > stopped.transform("min"), "a lap after the car's unfinished last lap")
    _blank_off_the_clock(laps)
    circuits = world.races["circuit_id"]
    blank_quick_laps(laps, "LapTime", world.quickest, circuits)
    for column in SECTORS:
        blank_quick_sectors(laps, column, circuits)


def _strangers(laps: pd.DataFrame, world: World) -> pd.Series:
    """Return which laps are of a driver who is not in the results of their race: another numbering, by car perhaps."""
    cars = pd.MultiIndex.from_frame(world.entrants)
    there = pd.MultiIndex.from_frame(laps[["raceId", "driverId"]]).isin(cars)
    return laps["raceId"].isin(world.entrants["race_id"]) & ~there


def _blank_off_the_clock(laps: RawTable) -> None:
    """Read lap times as null that are far above what the session's clock says of the same lap.

    Raises:
        SourceError: many are, as times that were added up are.
    """
    above = laps.data["LapTime"] - (laps.data["Time"] - laps.data["LapStartTime"])
    off = above > OFF
    if off.sum() >= FEW and off.sum() > MOST_OFF * above.notna().sum():
        raise SourceError(
            f"laps: the column 'LapTime' does not agree with 'Time' and 'LapStartTime': {int(off.sum()):,} laps last longer than from the one to the "
            "other. Are its times added up? Give the time of each lap."
        )
    laps.blank("LapTime", above > FAR_OFF, "longer than the session's clock says")


def _on_race_clock(data: pd.DataFrame, starts: pd.Series) -> pd.DataFrame:
    """Return the rows with their instants in seconds since the start of the race, under canonical names."""
    start = data["raceId"].map(starts)
    instants = {name: (data[column] - start).round(3) for column, name in INSTANTS.items() if column in data}
    return data.rename(columns=RENAMES).assign(**instants)


def _laps(rows: pd.DataFrame, made: LapTables) -> pd.DataFrame:
    return rows.assign(
        compound=rows["compound"].str.upper().replace(COMPOUNDS),
        completed=~made.assume(rows["FastF1Generated"], False, "FastF1Generated").astype(bool),
        accurate=made.assume(rows["accurate"], False, "IsAccurate").astype(bool),
        track_status=made.assume(rows["track_status"], CLEAR, "TrackStatus"),
    )


def _log(rows: pd.DataFrame, number: str) -> pd.DataFrame:
    """Number the entries of a log within each race, in order of time and then of the file."""
    ordered = rows.sort_values(["race_id", "end_seconds"], kind="stable")
    return ordered.assign(**{number: ordered.groupby("race_id").cumcount() + 1, "seconds": ordered["end_seconds"]})


def _stamped(name: str, rows: pd.DataFrame, world: World) -> pd.DataFrame:
    """Stamp rows with the instant at which they happened: live timing is public as it happens, tyres on the grid are seen."""
    spec = SPECS[name]
    moment = as_utc(rows["race_id"].map(world.races["starts_at"]) + since_start(rows[LIVE[name]]))
    stamped = rows.assign(event_timestamp=moment, known_at=moment, known_estimated=True)[spec.all_columns]
    return stamped.astype({**spec.columns, "known_estimated": "bool"}).reset_index(drop=True)
