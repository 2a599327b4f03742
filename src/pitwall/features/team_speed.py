"""What a team's car is good at: its speed on straights, and where its qualifying pace is better than usual.

The two advantages compare the team with itself: its gap to pole at power circuits (the fastest third by trap speed) or at
downforce circuits (the slowest third), against its gap at all circuits of the same window.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.params import Section, TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.features.machinery.shared.form import gap_to_pole, last_values
from pitwall.features.machinery.shared.green import CAR, READS
from pitwall.features.machinery.shared.race_laps import circuit_speeds, green_laps
from pitwall.features.machinery.shared.states import cumulative_known, per_constructor, rolling_mean, with_lineage

KEY = "lineage"


class Settings(Section):
    """`speed_window` and `window` in races; at least `fewest` races of a kind make an advantage; gaps are capped."""

    speed_window: int = 5
    window: int = 22
    fewest: int = 3
    gap_cap_pct: float = 7.0


def compute(tables: Tables, settings: Settings, time: TimeParams) -> pd.DataFrame:
    """Return one row per constructor after each race of its team that has laps."""
    races = circuit_speeds(tables).drop(columns="speed")
    rows = races.merge(_speeds(tables), on="race_id").merge(_gaps(tables, settings), on=["race_id", KEY], how="left")
    rows["known_at"] = rows[["known_at", "gap_known_at"]].max(axis=1)
    rows["straight_line_speed"] = rolling_mean(rows, KEY, "faster", settings.speed_window)
    gap, rank = (last_values(rows, KEY, name, settings.window) for name in ("gap", "rank"))
    rows["power_track_advantage"] = _advantage(gap, rank >= 2 / 3, settings.fewest)
    rows["downforce_track_advantage"] = _advantage(gap, rank <= 1 / 3, settings.fewest)
    rows["known_at"] = cumulative_known(rows.assign(all=0), ["all"])  # a circuit's rank is made of all teams' races
    return per_constructor(rows, tables)[GROUP.columns]


def _speeds(tables: Tables) -> pd.DataFrame:
    """Return per race and team how much faster its cars were on the straight than the median car, in km/h."""
    cars = green_laps(tables).groupby([*CAR, "constructor_id"], as_index=False)["speed_st"].median()
    cars["faster"] = cars["speed_st"] - cars.groupby("race_id")["speed_st"].transform("median")
    return with_lineage(cars, tables).groupby(["race_id", KEY], as_index=False)["faster"].mean()


def _gaps(tables: Tables, settings: Settings) -> pd.DataFrame:
    """Return per qualifying and team the gap of its better car to pole, in %."""
    lines = tables["qualifying"].assign(gap=lambda rows: gap_to_pole(rows).clip(upper=settings.gap_cap_pct))
    of_team = with_lineage(lines, tables).groupby(["race_id", KEY], as_index=False)
    return of_team.agg(gap=("gap", "min"), gap_known_at=("known_at", "max"))


def _advantage(gap: np.ndarray, kind: np.ndarray, fewest: int) -> np.ndarray:
    """Return the mean gap of each row less its mean where `kind`, NaN below `fewest` of those."""
    known = ~np.isnan(gap)
    chosen = known & kind
    total, part = (np.where(mask, gap, 0.0).sum(axis=1) / np.maximum(mask.sum(axis=1), 1) for mask in (known, chosen))
    return np.where(chosen.sum(axis=1) >= fewest, total - part, np.nan)


NO_SPEED = "no race with measured speeds yet (none before 2018)"
GROUP = FeatureGroup(
    name="team_speed",
    entities=("constructor",),
    reads=("races", "results", "qualifying", "constructors", *READS),
    features=(
        Feature(
            "straight_line_speed",
            "km/h",
            "speed of its cars on the longest straight less the median car's, mean of its last `speed_window` races",
            NO_SPEED,
        ),
        Feature(
            "power_track_advantage",
            "%",
            "gap to pole at all circuits less that at power circuits (fastest third by trap speed) over the last `window` "
            "races; positive: better there than usual",
            "fewer than `fewest` such races in the window, or no measured speeds (none before 2018)",
        ),
        Feature(
            "downforce_track_advantage",
            "%",
            "the same at downforce circuits (slowest third by trap speed)",
            "fewer than `fewest` such races in the window, or no measured speeds (none before 2018)",
        ),
    ),
    compute=compute,
    Settings=Settings,
    sets=("team",),
    reach="entity",
)
