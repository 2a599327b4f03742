"""Which driver, circuit or team is meant: by reference, code, name or id. People write `Spa`, `HAM` or `Max Verstappen`.

This is the only place that decides it, for files, notebooks and commands. What the name is said of (`pitwall.ml.data.among`) says
who is thought of first: a code means another driver in 2013 than in 2024.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

import pandas as pd

from pitwall.domain.errors import MANY, UnknownName, UsageError
from pitwall.domain.plugins import pick
from pitwall.domain.tables import Tables
from pitwall.ml.data.among import HERE, Among

KINDS = {
    "driver": ("drivers", "driver_id"),
    "circuit": ("circuits", "circuit_id"),
    "team": ("constructors", "constructor_id"),
}
Name = str | int
NEAR = 5


def entity(tables: Tables, kind: str, name: Name, among: Among | None = None) -> tuple[int, str]:
    """Return (id, reference) of a driver, circuit or team.

    Of all whom the name fits, those who are thought of first count; of these a reference as it is spelt counts before a code, a
    code before a name and a whole name before a part of one. Case, accents and the kind of space do not matter. An id means the
    same one at any time.

    Args:
        tables: with `drivers`, `circuits` or `constructors`.
        kind: "driver", "circuit" or "team" ("constructor").
        name: reference, code, full name, part of a name, or id.
        among: who may be meant; everybody alike when None.

    Raises:
        UnknownName: nobody who may be meant has this name; offers the nearest ones.
        UsageError: several have; lists their references.
    """
    table, key = KINDS[kind_of(kind)]
    rows = tables.only(table).as_of()[table]
    if not isinstance(name, str) or name.strip().isdecimal():
        return _of_id(rows, key, kind, name, among)
    where = f"{kind} of {among.where}" if among else kind
    name = name.strip()
    rows = rows.assign(near=rows[key].map(among.nearness[key]) if among else 0.0).dropna(subset="near")
    fits = rows.assign(way=_ways(rows, name)).dropna(subset="way")
    for best in ("near", "way"):
        fits = fits[fits[best] == fits[best].max()]
    if fits.empty:
        raise UnknownName(where, name, _near(plain(name), rows))
    if len(fits) > 1:
        raise UsageError(f"{name!r} may be {' or '.join(sorted(fits['ref']))}; say which {where} by one of these.")
    return int(fits[key].iloc[0]), str(fits["ref"].iloc[0])


def kind_of(name: str) -> str:
    """Return "driver", "circuit" or "team" (also called "constructor"); raise UnknownName for another kind."""
    kind = "team" if name == "constructor" else name
    pick("kind of entity", kind, KINDS)
    return kind


def entities(
    tables: Tables, kind: str, names: Iterable[Name] | Name | None, among: Among | None = None
) -> dict[int, str]:
    """Return {id: reference} of one name or several; empty for None."""
    if names is None:
        return {}
    several = [names] if isinstance(names, str) or not isinstance(names, Iterable) else list(names)
    return dict(entity(tables, kind, name, among) for name in several)


def by_reference(tables: Tables, kind: str, refs: Iterable[str]) -> dict[int, str]:
    """Return {id: reference} of references that were settled before; raise UnknownName where one is none."""
    table, key = KINDS[kind]
    rows = tables.only(table).as_of()[table]
    known = dict(zip(rows["ref"].astype(str), rows[key].astype(int), strict=True))
    return {int(pick(kind, ref, known)): ref for ref in refs}


def short_names(codes: pd.Series, names: pd.Series) -> pd.Series:
    """Return codes, or surnames of all where one has no code; where two are the same, with the initial before, else the whole name."""
    said = (codes if codes.notna().all() else names.str.split().str[-1]).astype(str)
    for longer in (names.str[0] + ". " + said, names):
        said = said.where(~said.duplicated(keep=False), longer)
    return said


def _of_id(rows: pd.DataFrame, key: str, kind: str, name: Name, among: Among | None) -> tuple[int, str]:
    """Return whom an id means; a number of a car, which people take for a name, is told from it where that can be."""
    refs = rows.set_index(key)["ref"]
    if among and isinstance(name, str) and (drivers := _with_number(int(name), key, among)):
        found = " or ".join(sorted(str(refs[driver]) for driver in drivers))
        raise UsageError(f"{name.strip()} is the number of a car in {among.where}, not a driver's id; write {found}.")
    if int(name) not in refs.index:
        raise UnknownName(f"{kind} id", str(name), map(str, refs.index[:NEAR]))
    return int(name), str(refs[int(name)])


def _with_number(number: int, key: str, among: Among) -> tuple[int, ...]:
    """Return the drivers of the cars with a number, unless it is the id of one who takes part."""
    if key != "driver_id" or among.nearness[key].get(number) == HERE:
        return ()
    return among.numbers.get(number, ())


def _ways(rows: pd.DataFrame, text: str) -> pd.Series:
    """Return how strictly a text fits each row, null not at all.

    4: as its reference is spelt, 3: its code, 2: its name, 1: a part of its name, or its reference in another spelling. So `hill`
    is one driver, and `Hill`, where two of that name take part, is asked back.
    """
    wanted, names, refs = plain(text), rows["name"].map(plain), rows["ref"].astype(str)
    ways = pd.Series(float("nan"), index=rows.index)
    if wanted:
        ways[(" " + names + " ").str.contains(f" {wanted} ", regex=False) | (refs.map(plain) == wanted)] = 1.0
        ways[names == wanted] = 2.0
        if "code" in rows:
            ways[rows["code"].fillna("").map(plain) == wanted] = 3.0
    ways[refs == text] = 4.0
    return ways


@lru_cache(maxsize=8192)  # the names of all drivers are asked again for every line of a file
def plain(text: str) -> str:
    """Return a name without case, accents, hyphens and underscores."""
    letters = unicodedata.normalize("NFKD", str(text).casefold())
    return " ".join("".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c)).split())


def _near(written: str, rows: pd.DataFrame) -> list[str]:
    """Return references that look alike, of those thought of first before others: all drivers since 1950 would help nobody."""
    for circle in (rows[rows["near"] == rows["near"].max()], rows):
        spelt: dict[str, str] = {}
        for row in circle.to_dict("records"):
            for text in (row["ref"], row["name"], *str(row["name"]).split(), row.get("code")):
                spelt.setdefault(plain(text), str(row["ref"]))
        close = get_close_matches(written, spelt, n=NEAR, cutoff=0.6)
        if close:
            return list(dict.fromkeys(spelt[text] for text in close))
    refs = sorted(rows.loc[rows["near"] == rows["near"].max(), "ref"].astype(str))
    return refs if len(refs) <= MANY else refs[:NEAR]
