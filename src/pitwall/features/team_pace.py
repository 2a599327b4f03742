"""How quick a team's cars are in qualifying, and whether they are catching up within the season.

What an upgrade brought cannot be told from all else that changes a car's pace, and only a user's own file says which car was
upgraded when (`upgrades`). What the data support without one is the change itself, by whatever cause.
"""

from __future__ import annotations

import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.form import last_values, quali_gap_of_teams
from pitwall.features.machinery.shared.states import carried, per_constructor, resets, rolling_mean

KEY = "lineage"


class Settings(Section):
    """`window` in qualifying sessions; a gap beyond `gap_cap_pct` shows trouble, not pace."""

    window: int = 3
    gap_cap_pct: float = 7.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per constructor after each qualifying of its team, and one at the start of the next season."""
    rows = quali_gap_of_teams(tables, settings.gap_cap_pct)
    rows["team_quali_gap"] = rolling_mean(rows, KEY, "gap", settings.window)
    of_season = last_values(rows, [KEY, "season"], "gap", 2 * settings.window)
    rows["team_pace_change"] = of_season[:, settings.window :].mean(axis=1) - of_season[:, : settings.window].mean(
        axis=1
    )
    columns = [KEY, *GROUP.columns[1:]]
    states = carried([rows[columns], resets(rows, KEY, tables)], [KEY], ["team_quali_gap"])
    return per_constructor(states, tables)[GROUP.columns]


GROUP = FeatureGroup(
    name="team_pace",
    entities=("constructor",),
    reads=("races", "qualifying", "constructors"),
    features=(
        Feature(
            "team_quali_gap",
            "%",
            "mean gap of its better car to the best time over its last `window` qualifying sessions, single gaps capped",
            "no qualifying time recorded yet (none before 1994)",
        ),
        Feature(
            "team_pace_change",
            "%",
            "that mean less the one over the `window` sessions before them, same season; negative is catching up, "
            "by whatever cause",
            "fewer than twice `window` timed sessions in the season so far",
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("team",),
    reach="entity",
)
