"""Which driver, circuit or team is meant: by reference, code, name or id. People write `Spa`, `HAM` or `Max Verstappen`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

import pandas as pd

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.plugins import pick
from pitwall.domain.tables import Tables

KINDS = {
    "driver": ("drivers", "driver_id"),
    "circuit": ("circuits", "circuit_id"),
    "team": ("constructors", "constructor_id"),
}
Name = str | int
NEAR = 5


def entity(tables: Tables, kind: str, name: Name) -> tuple[int, str]:
    """Return (id, reference) of a driver, circuit or team.

    A reference is looked for first, then a driver's code, then a name; case, accents and the kind of space do not matter.

    Args:
        tables: with `drivers`, `circuits` or `constructors`.
        kind: "driver", "circuit" or "team" ("constructor").
        name: reference, code, full name, part of a name, or id.

    Raises:
        UnknownName: nothing has this name; offers the nearest ones.
        UsageError: several have; lists their references.
    """
    table, key = KINDS[kind_of(kind)]
    rows = tables.only(table).as_of()[table]
    if not isinstance(name, str):
        found = rows[rows[key] == int(name)]
        if found.empty:
            raise UnknownName(f"{kind} id", str(name), map(str, rows[key].head(NEAR)))
        return int(found[key].iloc[0]), str(found["ref"].iloc[0])
    for found in _matches(rows, _plain(name)):
        if len(found) == 1:
            return int(found[key].iloc[0]), str(found["ref"].iloc[0])
        if len(found):
            raise UsageError(f"{name!r} may be {' or '.join(sorted(found['ref']))}; say which {kind} by one of these.")
    raise UnknownName(kind, name, _near(_plain(name), rows))


def kind_of(name: str) -> str:
    """Return "driver", "circuit" or "team" (also called "constructor"); raise UnknownName for another kind."""
    kind = "team" if name == "constructor" else name
    pick("kind of entity", kind, KINDS)
    return kind


def entities(tables: Tables, kind: str, names: Iterable[Name] | Name | None) -> dict[int, str]:
    """Return {id: reference} of one name or several; empty for None."""
    if names is None:
        return {}
    several = [names] if isinstance(names, str) or not isinstance(names, Iterable) else list(names)
    return dict(entity(tables, kind, name) for name in several)


def _matches(rows: pd.DataFrame, plain: str) -> Iterable[pd.DataFrame]:
    """Yield the rows that match, the strictest way first."""
    names = rows["name"].map(_plain)
    yield rows[rows["ref"].map(_plain) == plain]
    if "code" in rows:
        yield rows[rows["code"].fillna("").map(_plain) == plain]
    yield rows[names == plain]
    yield rows[(" " + names + " ").str.contains(f" {plain} ", regex=False)]


def _plain(text: str) -> str:
    """Return a name without case, accents, hyphens and underscores."""
    letters = unicodedata.normalize("NFKD", str(text).casefold())
    return " ".join("".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c)).split())


def _near(plain: str, rows: pd.DataFrame) -> list[str]:
    """Return a few references that look alike: a list of all drivers since 1950 would help nobody."""
    refs = dict(zip(rows["ref"].map(_plain), rows["ref"], strict=True))
    close = get_close_matches(plain, refs, n=NEAR, cutoff=0.4)
    return [refs[name] for name in close] or sorted(rows["ref"])[:NEAR]
