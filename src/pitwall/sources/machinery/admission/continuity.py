"""Does a fresh snapshot of results continue the one before? Asked before it is kept; whether it is whole in itself, `_whole` asks.

A file that was cut short, or a dump of another vendor who numbers races otherwise, would pass for news: races would lose
their results, or stand in the calendar twice. So both are refused here, with what is missing and what to do. What a source
takes back on purpose is accepted by hand, race by race, and written into the snapshot's manifest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.canonical.calendar import too_many
from pitwall.sources.machinery.snapshots.read import Quarantine, read_raw
from pitwall.sources.machinery.snapshots.store import Snapshot

MOST_CARS_LOST = 2  # of one race; a correction takes a line back, a cut file takes many
MOST_RENAMED = (2, 0.02)  # ids that mean something else, in number and as a share: more are another numbering
REFERENCES = {
    "drivers": ("driverId", "driverRef"),
    "constructors": ("constructorId", "constructorRef"),
    "circuits": ("circuitId", "circuitRef"),
}
SHOWN = 3


@dataclass(frozen=True)
class _Dump:
    """What a snapshot says of its races: `races` by raceId, and the cars with a result."""

    snapshot: Snapshot

    @cached_property
    def races(self) -> pd.DataFrame:
        """year, round, name, date and circuitId by raceId."""
        facts = ["year", "round", "name", "date", "circuitId"]
        return self._read("races").drop_duplicates("raceId").set_index("raceId")[facts]

    @cached_property
    def results(self) -> pd.DataFrame:
        """RaceId, driverId and constructorId of every car with a result, a car once."""
        return self._read("results")[["raceId", "driverId", "constructorId"]].drop_duplicates(["raceId", "driverId"])

    @cached_property
    def run(self) -> pd.Index:
        """The ids of races with results."""
        return pd.Index(self.results["raceId"].unique()).intersection(self.races.index)

    @property
    def where(self) -> str:
        """Return where the snapshot came from, for messages."""
        return self.snapshot.location or self.snapshot.source

    def labels(self, races: Iterable[int]) -> list[str]:
        """Return races for people, by time."""
        named = self.races.loc[sorted(races, key=lambda race: (self.races["year"][race], self.races["round"][race]))]
        facts = zip(named.index, named["year"], named["round"], named["name"], strict=True)
        return [f"{year}-{round_:02d} {name} (raceId {race})" for race, year, round_, name in facts]

    def references(self, table: str) -> pd.Series:
        """Return the references of a table by id."""
        key, reference = REFERENCES[table]
        return self._read(table).drop_duplicates(key).set_index(key)[reference].str.casefold()

    def used(self, table: str, races: pd.Index) -> pd.Index:
        """Return the ids of a table that some races with results refer to."""
        key = REFERENCES[table][0]
        rows = self.races.rename_axis("raceId").reset_index() if table == "circuits" else self.results
        return pd.Index(rows.loc[rows["raceId"].isin(races), key].dropna().unique()).sort_values()

    def _read(self, table: str) -> pd.DataFrame:
        return read_raw(self.snapshot, table, Quarantine(self.snapshot.name)).data


def check_continuity(fresh: Snapshot, before: Snapshot, *, accept_removals: bool = False) -> tuple[int, ...]:
    """Refuse a snapshot that does not continue the one before it.

    Args:
        fresh: the snapshot that is to be kept.
        before: the newest one that is kept already.
        accept_removals: keep it although races, or results of races, are gone; it never accepts another vendor's ids.

    Returns:
        The ids of races whose removal was accepted; empty where nothing is gone.

    Raises:
        SourceError: it is of another vendor, or lacks races with results, or too many planned ones of a season.
    """
    then, now = _Dump(before), _Dump(fresh)
    _require_same_vendor(then, now)
    lost, planned = _lost_results(then, now), _dropped(then, now)
    if accept_removals:
        return tuple(sorted({int(race) for race in [*lost, *planned]}))
    told = []
    if len(lost):
        told.append(f"results of {len(lost)} races that had them: {', '.join(then.labels(lost)[:SHOWN])}{_more(lost)}")
    if len(planned):
        told.append(
            f"{len(planned)} planned races of one season: {', '.join(then.labels(planned)[:SHOWN])}{_more(planned)}"
        )
    if told:
        raise SourceError(
            f"{now.where} lacks what the newest snapshot ({before.name}) holds: {'; and '.join(told)}. A file that was cut short, "
            "or an older one, looks like this: fetch or export it again. If the source took them back, keep it with "
            f"`pitwall data ingest {fresh.source} --accept-removals` (`data use` takes the option too, where the location changes)."
        )
    return ()


def _lost_results(then: _Dump, now: _Dump) -> pd.Index:
    """Return races that had results and have none now, or have lost more than a car or two."""
    had = then.results[then.results["raceId"].isin(then.run)]
    left = had.merge(now.results, on=["raceId", "driverId"], how="left", indicator=True)
    gone = left.loc[left["_merge"].eq("left_only"), "raceId"].value_counts()
    return then.run.difference(now.run).union(gone.index[gone > MOST_CARS_LOST])


def _dropped(then: _Dump, now: _Dump) -> pd.Index:
    """Return the planned races of seasons that have lost more of them than are ever called off at once."""
    planned = then.races[~then.races.index.isin(then.run) & ~then.races.index.isin(now.races.index)]
    came = now.races[~now.races.index.isin(then.races.index)]
    return planned.index[too_many(planned["year"], came["year"])]


def _require_same_vendor(then: _Dump, now: _Dump) -> None:
    """Raise SourceError where rounds that were run, or people and teams, have other ids than before."""
    advice = (
        f"{now.where} numbers them otherwise than {then.where}, where the snapshots so far came from: it is another vendor's "
        "dump, and both together would be two calendars in one. Go on with the old one, or make a new project for this one."
    )
    gone = then.races.loc[then.run.difference(now.races.index)].rename_axis("raceId").reset_index()
    both = gone.merge(now.races.rename_axis("raceId_now").reset_index(), on=["year", "round"])
    both = both[~both["raceId_now"].isin(then.races.index)]
    if len(both):
        first = both.head(SHOWN)[["year", "round", "raceId", "raceId_now"]].itertuples(index=False)
        shown = [f"{year}-{round_:02d} was raceId {was}, is {now_}" for year, round_, was, now_ in first]
        raise SourceError(f"{len(both)} rounds have other ids: {', '.join(shown)}{_more(both)}. {advice}")
    common = then.run.intersection(now.races.index)
    was, is_ = then.races.loc[common], now.races.loc[common]
    other = common[
        (was["year"] != is_["year"]) | ((was["date"] != is_["date"]) & (was["circuitId"] != is_["circuitId"]))
    ]
    if _too_many(other, common):
        shown = [
            f"raceId {race} was {old}, is {new}"
            for race, old, new in zip(other[:SHOWN], then.labels(other[:SHOWN]), now.labels(other[:SHOWN]), strict=True)
        ]
        raise SourceError(f"{len(other)} races have other ids: {', '.join(shown)}{_more(other)}. {advice}")
    for table, (key, _) in REFERENCES.items():
        used = then.used(table, common)
        refs_then, refs_now = (dump.references(table).reindex(used) for dump in (then, now))
        other = used[(refs_then != refs_now.fillna("")).to_numpy()]
        if _too_many(other, used):
            shown = [f"{key} {each} was {refs_then[each]}, is {_said(refs_now[each])}" for each in other[:SHOWN]]
            raise SourceError(f"{len(other)} {table} have other ids: {', '.join(shown)}{_more(other)}. {advice}")


def _too_many(other: pd.Index, all_ids: pd.Index) -> bool:
    """Return whether more ids mean something else than a source corrects."""
    return len(other) > max(MOST_RENAMED[0], MOST_RENAMED[1] * len(all_ids))


def _said(reference: str) -> str:
    return "unknown" if pd.isna(reference) else reference


def _more(found: pd.Index | pd.DataFrame | pd.Series) -> str:
    return ", ..." if len(found) > SHOWN else ""
