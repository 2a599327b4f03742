"""Whom a name in a user's file means: a team or driver by id, reference, code, name or a part of it, as people write them.

Case, accents and the kind of space do not matter. Those who took part nearest to the season are thought of first: `Lotus` was
another team in 1970 than in 2012, `HAM` is a code that others have had.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

TAKES_PART = ("results", "entries", "qualifying", "practice")
KINDS = {"driver": ("drivers", "driver_id"), "constructor": ("constructors", "constructor_id")}


@dataclass(frozen=True)
class Paddock:
    """What names refer to.

    Attributes:
        races: race_id by (season, round), of races that are held.
        people: by "driver" and "constructor" a table: id, ref, code (null of teams), name.
        seasons: by the same, id and season of everyone who took part.
    """

    races: pd.Series
    people: Mapping[str, pd.DataFrame]
    seasons: Mapping[str, pd.DataFrame]

    @classmethod
    def of(cls, tables: Mapping[str, pd.DataFrame]) -> Paddock:
        """Return what the canonical tables hold, in whatever version is known last."""
        newest = tables["races"].drop_duplicates("race_id", keep="last")
        held = newest[~newest["called_off"]]
        season = held.set_index("race_id")["season"]
        people, seasons = {}, {}
        for kind, (table, key) in KINDS.items():
            known = tables[table].drop_duplicates(key, keep="last").rename(columns={key: "id"})
            people[kind] = known.reindex(columns=["id", "ref", "code", "name"]).reset_index(drop=True)
            part = pd.concat([tables[name][["race_id", key]] for name in TAKES_PART]).drop_duplicates()
            took = pd.DataFrame({"id": part[key], "season": part["race_id"].map(season)})
            seasons[kind] = took.dropna().drop_duplicates()
        return cls(held.set_index(["season", "round"])["race_id"], people, seasons)

    def meant(self, kind: str, name: str, season: int) -> list[int]:
        """Return the ids of all whom a name fits equally well: one where it is clear, none where nobody has it.

        Args:
            kind: "driver" or "constructor".
            name: as a user wrote it.
            season: of the race that it is said of.
        """
        people = self.people[kind]
        if name.isdecimal():
            return [int(name)] if int(name) in set(people["id"]) else []
        took = self.seasons[kind]
        away = (took["season"] - season).abs().groupby(took["id"]).min()
        fits = people.assign(way=_ways(people, name), away=people["id"].map(away)).dropna(subset=["way", "away"])
        for worst in ("away", "way"):
            fits = fits[fits[worst] == fits[worst].min()]
        return sorted(int(each) for each in fits["id"])


def _ways(people: pd.DataFrame, name: str) -> pd.Series:
    """Return how loosely a name fits each of them: 0 the reference or code, 1 the name, 2 a part of it, null not at all."""
    wanted, names = _plain(name), people["name"].map(_plain)
    exact = (people["ref"].map(_plain) == wanted) | (people["code"].fillna("").map(_plain) == wanted)
    part = (" " + names + " ").str.contains(f" {wanted} ", regex=False)
    ways = pd.Series(float("nan"), people.index)
    for way, fits in ((2.0, part), (1.0, names == wanted), (0.0, exact)):
        ways[fits & bool(wanted)] = way
    return ways


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", str(text).casefold())
    return " ".join("".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c)).split())
