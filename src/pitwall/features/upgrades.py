"""What a team's newest upgrade brought, where a user says who brought one when: no data set of results or laps does.

A change of pace beside a flag, not its cause: circuits suit cars differently, and the others bring parts as well. So the same
number of sessions stands on either side, and a team that stood still while the field moved has lost.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.form import quali_gap_of_teams
from pitwall.features.machinery.shared.states import carried, per_constructor, resets, with_lineage

KEY = "lineage"
EFFECT = "upgrade_effectiveness"


class Settings(Section):
    """`window` is the most qualifying sessions on either side; a gap beyond `gap_cap_pct` shows trouble, not pace."""

    window: int = 5
    gap_cap_pct: float = 7.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per constructor after each qualifying that follows an upgrade of its team, and one at the next season's start."""
    sessions = quali_gap_of_teams(tables, settings.gap_cap_pct).dropna(subset="gap")
    rows = _with_newest_upgrade(sessions, tables)
    rows[EFFECT] = np.nan
    for _, season in rows.groupby([KEY, "season"]):
        rows.loc[season.index, EFFECT] = _effects(season, settings.window)
    rows = rows[rows["upgraded_at"].notna()]
    columns = [KEY, *GROUP.columns[1:]]
    states = carried([rows[columns], resets(rows, KEY, tables)], [KEY], [])
    return per_constructor(states, tables)[GROUP.columns]


def _with_newest_upgrade(sessions: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Add `upgraded_at`; an upgrade is known as it runs, before the session's times are, and a later one comes with a vintage."""
    upgrades = with_lineage(tables["upgrades"], tables)[[KEY, "event_timestamp"]].drop_duplicates()
    return pd.merge_asof(
        sessions.sort_values("event_timestamp", kind="stable"),
        upgrades.assign(upgraded_at=upgrades["event_timestamp"]).sort_values("event_timestamp", kind="stable"),
        on="event_timestamp",
        by=KEY,
        allow_exact_matches=False,
    )


def _effects(season: pd.DataFrame, window: int) -> list[float]:
    """Return, after each session of a team's season, the mean gap of the first sessions since the upgrade less that of as many before.

    Null without a session of the season before the upgrade: another season's car is another car.
    """
    gaps = season["gap"].to_numpy()
    since = season.groupby("upgraded_at", dropna=False).cumcount().to_numpy() + 1
    effects = []
    for done, after in enumerate(since, start=1):
        first = done - after  # sessions before the upgrade
        each = min(after, first, window)
        effects.append(gaps[first : first + each].mean() - gaps[first - each : first].mean() if each else np.nan)
    return effects


GROUP = FeatureGroup(
    name="upgrades",
    entities=("constructor",),
    reads=("races", "qualifying", "constructors", "upgrades"),
    features=(
        Feature(
            EFFECT,
            "%",
            "mean gap of its better car to the best qualifying time over the first sessions since the team's newest upgrade (as many "
            "as have been completed, at most `window`) less that over the same number before it, same season; negative is faster; "
            "single gaps capped",
            "no upgrade of the team this season, or no qualifying before or since, or none given (`pitwall data use user_files`)",
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("user_files",),
    reach="entity",
)
