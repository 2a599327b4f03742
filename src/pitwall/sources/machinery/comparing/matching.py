"""Find what two sources mean alike: races by season and round, drivers and teams by what they are called.

Ids and references differ between publishers (`hamilton`, `lewis-hamilton`), names hardly do. A driver is found by reference, by name without
accents, or by birthday and surname; a team by reference or name. What is found twice is found by nobody: it is listed, never guessed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.sources.machinery.reading.format import plain

Keys = Iterator[tuple[str, ...]]


@dataclass(frozen=True)
class Match:
    """What the ids of another source are called here: {id there: id here} by kind, and what was not found, in words."""

    races: Mapping[int, int]
    drivers: Mapping[int, int]
    constructors: Mapping[int, int]
    unknown: Mapping[str, list[str]]

    def column(self, name: str) -> Mapping[int, int] | None:
        """Return the ids of a column, None where it holds none that two sources share."""
        known = {"race_id": self.races, "driver_id": self.drivers, "constructor_id": self.constructors}
        return known.get(name)

    def here(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows of the other source under the ids of this one; those of which an id was not found are left out."""
        for name in rows.columns:
            if (known := self.column(name)) is not None:
                mapped = rows[name].map(known)
                rows = rows.assign(**{name: mapped})[mapped.notna()].astype({name: "int64"})
        return rows


def match(ours: Tables, theirs: Tables) -> Match:
    """Return what the ids of one source's tables are called in another's."""
    races, no_race = _joined(_of_races(ours["races"]), _of_races(theirs["races"]))
    drivers, no_driver = _joined(_of_people(ours["drivers"]), _of_people(theirs["drivers"]))
    teams, no_team = _joined(_of_teams(ours["constructors"]), _of_teams(theirs["constructors"]))
    return Match(races, drivers, teams, {"races": no_race, "drivers": no_driver, "constructors": no_team})


def _joined(
    ours: Iterable[tuple[int, list[tuple[str, ...]]]], theirs: Iterable[tuple[int, list[tuple[str, ...]]]]
) -> tuple[dict[int, int], list[str]]:
    """Match by the first key, of those that a thing has, which is one thing's alone here."""
    by_key: dict[tuple[str, ...], set[int]] = {}
    for number, keys in ours:
        for key in keys:
            by_key.setdefault(key, set()).add(number)
    found: dict[int, int] = {}
    lost: list[str] = []
    for number, keys in theirs:
        one = next((min(by_key[key]) for key in keys if len(by_key.get(key, ())) == 1), None)
        if one is None or one in found.values():
            lost.append(" ".join(keys[0][1:]))
        else:
            found[number] = one
    return found, sorted(lost)


def _of_races(races: pd.DataFrame) -> Iterator[tuple[int, list[tuple[str, ...]]]]:
    for row in races.sort_values("race_id").itertuples():
        yield int(row.race_id), [("race", f"{row.season}-{row.round:02d}")]


def _of_people(drivers: pd.DataFrame) -> Iterator[tuple[int, list[tuple[str, ...]]]]:
    for row in drivers.sort_values("driver_id").itertuples():
        keys: list[tuple[str, ...]] = [("name", letters(row.name)), ("ref", letters(row.ref))]
        if not pd.isna(row.born):
            keys.append(("born", f"{row.born:%Y-%m-%d}", letters(str(row.name).split()[-1])))
        yield int(row.driver_id), keys


def _of_teams(constructors: pd.DataFrame) -> Iterator[tuple[int, list[tuple[str, ...]]]]:
    for row in constructors.sort_values("constructor_id").itertuples():
        yield int(row.constructor_id), [("ref", letters(row.ref)), ("name", letters(row.name))]


def letters(text: object) -> str:
    """Return the letters and digits of a name, without accents and in lower case.

    Example:
        >>> letters("Nico Hülkenberg") == letters("nico-hulkenberg")
        True
    """
    bare = unicodedata.normalize("NFKD", str(text))
    return plain("".join(letter for letter in bare if not unicodedata.combining(letter)))
