"""Which constructors are one team under several names, and since when a name is that team's.

A team keeps its people, factory and much of its form when it is sold and renamed, but a dump gives it a new id each
time. `team_lineages.csv` beside this module knows the renames of the past, one line each with its reason; `teams` of
params.yaml adds to it or takes back. Members are named by their Ergast reference (spelt with `-` or `_`); each maps to the id of the first one in the
data. A name that another team bore before (Honda of the sixties) counts from `since` on.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.params import TeamName

FILE = Path(__file__).with_name("team_lineages.csv")
SECTION = "`teams` in params.yaml"


@dataclass(frozen=True)
class Member:
    """One name of a team: the line that it belongs to, and the first season in which it does (None: always)."""

    line: str
    since: int | None = None


def spelt(ref: str) -> str:
    """Return a reference as the file spells it."""
    return ref.strip().lower().replace("-", "_")


@cache
def known_members() -> dict[str, Member]:
    """Return the members of the shipped file by reference, in its order: the first one names the line."""
    with FILE.open(encoding="utf-8", newline="") as stream:
        return {
            row["ref"]: Member(row["line"], int(row["since"]) if row["since"] else None)
            for row in csv.DictReader(stream)
        }


def members(teams: Mapping[str, TeamName], refs: Iterable[str] = ()) -> dict[str, Member]:
    """Return the members of all lines by reference: those of the file, changed and extended by params.yaml.

    Args:
        teams: `teams` of params.yaml.
        refs: the references in the data, which may be joined as well.

    Raises:
        UnknownName: a team joins one that is neither in the data nor in the file.
        UsageError: teams join each other in a circle.
    """
    own = {spelt(ref): name for ref, name in teams.items()}
    file = {ref: member for ref, member in known_members().items() if ref not in own}
    known = {*map(spelt, refs), *known_members(), *own}
    found = dict(file)
    for ref, name in own.items():
        last = _last_joined(ref, own, known)
        alone = Member(f"{last} alone")  # file[last] may be gone, while its line goes on under the other names
        line = found.setdefault(last, alone).line
        found[ref] = Member(line, name.since)
    return found


def _last_joined(ref: str, own: Mapping[str, TeamName], known: Iterable[str]) -> str:
    """Return the team that one of params.yaml joins in the end, through others of params.yaml if need be."""
    seen = [ref]
    while (name := own.get(seen[-1])) is not None and name.joins is not None:
        joined = spelt(name.joins)
        if joined not in known:
            raise UnknownName(f"team in {SECTION}", name.joins, known)
        if joined in seen:
            raise UsageError(f"{SECTION}: {' joins '.join([*seen, joined])}; one of them must come first.")
        seen.append(joined)
    return seen[-1]


def lineage(ids: pd.Series, refs: pd.Series, teams: Mapping[str, TeamName]) -> pd.DataFrame:
    """Return `lineage`, the id shared by a team's names, and `lineage_since`, the season from which a name is its.

    Args:
        ids: constructor ids.
        refs: their references, aligned.
        teams: `teams` of params.yaml.
    """
    known = members(teams, refs)
    by_ref = {spelt(ref): each for ref, each in zip(refs, ids, strict=True)}
    first: dict[str, int] = {}
    for ref, member in known.items():
        if ref in by_ref:
            first.setdefault(member.line, by_ref[ref])
    of = [known.get(spelt(ref)) for ref in refs]
    shared = [own if member is None else first[member.line] for own, member in zip(ids, of, strict=True)]
    since = [None if member is None else member.since for member in of]
    columns = {
        "lineage": pd.Series(shared, ids.index, "int64"),
        "lineage_since": pd.Series(since, ids.index, "float64"),
    }
    return pd.DataFrame(columns, index=ids.index)
