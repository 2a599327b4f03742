"""Which teams take part in the newest season for the first time, under a name that no line of renames holds.

A new team is no mistake, but a renamed one that nobody linked loses its form. So both are said, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pitwall.domain.params import TeamName
from pitwall.sources.machinery.canonical.lineage import SECTION, members, spelt

TAKES_PART = ("entries", "qualifying", "practice")


def new_teams(tables: Mapping[str, pd.DataFrame], teams: Mapping[str, TeamName]) -> list[str]:
    """Return the new teams, as `name (ref)`, sorted; none where the tables hold a single season.

    Args:
        tables: the canonical tables.
        teams: `teams` of params.yaml.
    """
    season = tables["races"].drop_duplicates("race_id", keep="last").set_index("race_id")["season"]
    lines = [tables[name][["race_id", "constructor_id"]] for name in TAKES_PART]
    seen = pd.concat(lines, ignore_index=True)
    years = seen["race_id"].map(season)
    before = seen.loc[years < years.max(), "constructor_id"]
    now = set(seen.loc[years == years.max(), "constructor_id"]) - set(before)
    if before.empty:
        return []
    known = tables["constructors"].drop_duplicates("constructor_id", keep="last")
    linked = members(teams, known["ref"])
    new = known[known["constructor_id"].isin(now) & ~known["ref"].map(spelt).isin(linked)]
    return sorted(f"{name} ({ref})" for name, ref in zip(new["name"], new["ref"], strict=True))


def told(team: str) -> str:
    """Return what to say of a new team."""
    return f"new team: {team}, its form starts from nothing; if it is an old team renamed, add it to {SECTION}"
