"""Is a fresh snapshot of results whole in itself? Asked before it is kept.

A file that was cut short or filtered reads without a fault, and so does one whose exporter filled a place in for every car. Both leave
traces: places that nobody took, cars that qualified and have no result, seasons in which nobody retired. None of it is in any real season.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property

import pandas as pd

from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.canonical.dump import LAST_SHARED_DRIVE
from pitwall.sources.machinery.snapshots.places import read_places
from pitwall.sources.machinery.snapshots.read import Quarantine, RawTable, read_raw
from pitwall.sources.machinery.snapshots.store import Snapshot

MOST_CARS = 2  # of one race: a line that is late or broken, and another
MOST_RACES = 2  # without a winner, or in another order than their rounds
RETIREMENT_FREE = 5  # races in a row; in 1950-2024 two at most had no car without a place
RETIREMENT_FREE_CARS = 75  # that took part in them: a small field may well arrive in whole
WAITING = 3  # races of which everything is published but the result: a source may be late for a weekend or two
AFTER = ("qualifying", "driver_standings", "constructor_standings")
SHOWN = 3
AGAIN = "the file was cut short, or lines were filtered out. Export it again in whole."


def check_whole(fresh: Snapshot) -> None:
    """Refuse a snapshot that lacks lines which must have been there, or says what cannot be.

    Raises:
        SourceError: says which races, what is missing and what to do.
    """
    dump = _Dump(fresh)
    for check in (_qualified, _started, _places, _retirements, _without_results, _order, _from_zero):
        for told in check(dump):
            raise SourceError(told)


class _Dump:
    """The tables of a snapshot that the checks read."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def read(self, table: str) -> pd.DataFrame:
        return read_raw(self._snapshot, table, Quarantine(self._snapshot.name)).data

    @cached_property
    def races(self) -> pd.DataFrame:
        """The calendar by raceId, in order of its rounds."""
        return self.read("races").drop_duplicates("raceId").set_index("raceId").sort_values(["year", "round"])

    @cached_property
    def qualifying(self) -> pd.DataFrame:
        return self.read("qualifying").drop_duplicates(["raceId", "driverId"])

    @cached_property
    def _read_results(self) -> tuple[RawTable, Quarantine]:
        aside = Quarantine(self._snapshot.name)
        table = read_raw(self._snapshot, "results", aside)
        read_places(table)
        return table, aside

    @cached_property
    def results(self) -> pd.DataFrame:
        """The results of races that the calendar holds, places read."""
        data = self._read_results[0].data
        return data[data["raceId"].isin(self.races.index)]

    @cached_property
    def broken(self) -> pd.Series:
        """How many lines of the results do not read, by raceId."""
        rows = self._read_results[1].frame()["row"]
        races = pd.to_numeric(rows.map(lambda row: json.loads(row).get("raceId")), errors="coerce")
        return races.value_counts()

    def named(self, races: pd.Series) -> str:
        """Return the first races of a series by raceId with its numbers of cars, for people."""
        ordered = [(race, races[race]) for race in self.races.index if race in races.index]
        facts = self.races.loc[[race for race, _ in ordered[:SHOWN]]]
        told = [
            f"{row.year}-{row.round:02d} {row.name_} (raceId {row.Index}): {count} cars"
            for row, (_, count) in zip(facts.rename(columns={"name": "name_"}).itertuples(), ordered, strict=False)
        ]
        return "; ".join(told) + (", ..." if len(ordered) > SHOWN else "")


def _absent(there: pd.DataFrame, where: pd.DataFrame) -> pd.Series:
    """Return by race how many cars of one table another lacks, of races that both hold."""
    both = there[there["raceId"].isin(where["raceId"])][["raceId", "driverId"]].drop_duplicates()
    known = pd.MultiIndex.from_frame(where[["raceId", "driverId"]])
    lost = both[~pd.MultiIndex.from_frame(both).isin(known)]
    return lost["raceId"].value_counts()


def _many(count: pd.Series) -> pd.Series:
    return count[count > MOST_CARS]


def _qualified(dump: _Dump) -> Iterator[str]:
    if len(short := _many(_absent(dump.qualifying, dump.results))):
        yield (
            f"results of {len(short)} races lack cars that qualified for them ({dump.named(short)}). Each car has a line, also "
            f"those that retired or did not start: {AGAIN}"
        )


def _started(dump: _Dump) -> Iterator[str]:
    started = dump.results[~dump.results["positionText"].isin(("F", "W"))]
    short = _many(_absent(started, dump.qualifying))
    if len(short) > MOST_RACES:  # a session or two may be published in part
        yield f"qualifying of {len(short)} races lacks cars that started in them ({dump.named(short)}): {AGAIN}"


def _places(dump: _Dump) -> Iterator[str]:
    alone = dump.results["raceId"].map(dump.races["year"]) > LAST_SHARED_DRIVE
    places = dump.results[alone].groupby("raceId")["positionOrder"].agg(["min", "max", "nunique"])
    broken = dump.broken.reindex(places.index, fill_value=0)
    lost = places["max"] - places["nunique"] - broken
    winners = lost[(places["min"] > 1) & (broken == 0)]
    if len(short := _many(lost)):
        yield f"results of {len(short)} races lack places in the middle ({dump.named(short)}): {AGAIN}"
    if len(winners) > MOST_RACES:
        yield f"results of {len(winners)} races have no winner, nobody with positionOrder 1 ({dump.named(winners)}): {AGAIN}"


def _retirements(dump: _Dump) -> Iterator[str]:
    placed = dump.results["position"].notna().groupby(dump.results["raceId"]).all()
    in_order = placed.reindex([race for race in dump.races.index if race in placed.index])
    turns = (~in_order).cumsum()[in_order]
    for _, races in turns.groupby(turns):
        cars = dump.results["raceId"].value_counts().loc[races.index]
        if len(races) >= RETIREMENT_FREE and cars.sum() >= RETIREMENT_FREE_CARS:
            yield (
                f"in {len(races)} races on end every car of the results has a place ({dump.named(cars)}). Cars that retired have no "
                "position and a letter (R, W, F, D, E, N) in positionText: either their lines were filtered out, or the places "
                "were filled in. Give the file as its publisher wrote it."
            )


def _without_results(dump: _Dump) -> Iterator[str]:
    run = set(dump.results["raceId"]) | set(dump.broken.index)
    told = [dump.read(name) for name in AFTER]
    lines = pd.concat([rows["raceId"] for rows in told], ignore_index=True)
    lines = lines[lines.isin(dump.races.index) & ~lines.isin(run)]
    if lines.nunique() > WAITING and run:
        cars = dump.qualifying["raceId"].value_counts().reindex(lines.unique(), fill_value=0)
        yield (
            f"{lines.nunique()} races have qualifying or standings and no results ({dump.named(cars)}). Results are published before the "
            f"next race: {AGAIN}"
        )


def _order(dump: _Dump) -> Iterator[str]:
    for season, races in dump.races.groupby("year"):
        late = races["date"] < races["date"].cummax()
        if late.sum() > max(MOST_RACES, len(races) / 2):  # races that are postponed may keep their rounds
            first = "; ".join(
                f"round {row.round} on {row.date:%Y-%m-%d}" for row in races[late].head(SHOWN).itertuples()
            )
            yield (
                f"{int(late.sum())} races of {season} take place before an earlier round ({first}): the dates of races.csv were read with day "
                "and month the wrong way round, or belong to other races. Write them as YYYY-MM-DD."
            )


def _from_zero(dump: _Dump) -> Iterator[str]:
    lines = dump.results.merge(
        dump.qualifying[["raceId", "driverId", "position"]], on=["raceId", "driverId"], suffixes=("", "_q")
    )
    first = lines[lines["grid"] == 0].drop_duplicates(
        "raceId", keep=False
    )  # where several have 0, the grid is not known
    pole = first.loc[first["position_q"] == 1, "raceId"].nunique()
    if pole > MOST_RACES and pole > first["raceId"].nunique() / 2:
        yield (
            f"the grid of results.csv counts from 0: the car that qualified first has slot 0, the pit lane, in {pole} races. Add 1 to the slots."
        )
