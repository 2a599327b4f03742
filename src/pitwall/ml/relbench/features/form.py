"""Form in days: what a driver and the team they last drove for have shown, a line counting less the older it is."""

from __future__ import annotations

import numpy as np

from pitwall.ml.relbench.data.history import Known
from pitwall.ml.relbench.features.owned import Owned, owned
from pitwall.ml.relbench.features.tick import Array, Named, Tick

MONTHS, YEAR, CAREER = 60.0, 365.0, 1500.0
SPANS = (MONTHS, YEAR, CAREER)
IN_RACES = ("order", "unfinished", "retired", "lapped", "points", "beside_mate", "pace")
IN_QUALIFYING = ("place", "gap", "beside_mate", "front")
OF_TEAMS = ("order", "unfinished", "retired", "lapped", "points", "pace")
OF_TEAMS_IN_QUALIFYING = ("place", "gap")


def form(known: Known, tick: Tick) -> Named:
    """Return the form of a tick's drivers and of their last teams, by name, each (drivers,)."""
    races = owned(known.results, "driver", tick.drivers, known.instant)
    laps = owned(known.qualifying, "driver", tick.drivers, known.instant)
    return {
        **_shown("race", races, IN_RACES),
        **_shown("qualifying", laps, IN_QUALIFYING),
        **_lately(races, laps),
        **_teams(known, races),
    }


def last_team(known: Known, tick: Tick) -> Array:
    """Return the team of each driver's newest race; nan for a newcomer."""
    return owned(known.results, "driver", tick.drivers, known.instant).column("team")


def _shown(label: str, lines: Owned, columns: tuple[str, ...]) -> Named:
    found = {f"{label}_{column}_{span:.0f}": lines.mean(column, span) for column in columns for span in SPANS}
    slopes = {
        f"{label}_{column}_slope": found[f"{label}_{column}_{MONTHS:.0f}"] - found[f"{label}_{column}_{YEAR:.0f}"]
        for column in columns
    }
    return found | slopes


def _lately(races: Owned, laps: Owned) -> Named:
    found = {f"order_{back}_ago": races.column("order", back) for back in (1, 2, 3)}
    found |= {f"place_{back}_ago": laps.column("place", back) for back in (1, 2, 3)}
    found |= {f"races_{span:.0f}": races.amount(span) for span in SPANS}
    return found | {
        "unfinished_1_ago": races.column("unfinished"),
        "starts": races.amount(np.inf),
        "days_since_race": races.newest(races.age),
    }


def _teams(known: Known, races: Owned) -> Named:
    team = races.column("team")
    ids, index = np.unique(team[~np.isnan(team)], return_inverse=True)
    spot = np.full(races.count, len(ids))  # a newcomer's team is the one behind the last: it has shown nothing
    spot[~np.isnan(team)] = index
    cars = owned(known.results, "team", ids, known.instant)
    laps = owned(known.qualifying, "team", ids, known.instant)
    found = {}
    for span in (MONTHS, YEAR):
        for lines, columns in ((cars, OF_TEAMS), (laps, OF_TEAMS_IN_QUALIFYING)):
            for column in columns:
                found[f"team_{column}_{span:.0f}"] = np.append(lines.mean(column, span), np.nan)[spot]
    return found | {
        "mates_in_tick": np.append(np.bincount(spot, minlength=len(ids) + 1)[: len(ids)], 0).astype(np.float64)[spot],
        "team_changed": (team != races.column("team", 2)).astype(np.float64),
    }
