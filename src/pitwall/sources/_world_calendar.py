"""The calendar and the circuits of the synthetic world."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from pitwall.sources._world_names import COUNTRIES, PLACES
from pitwall.sources._world_weekend import Circuit

SEASON_WEEKS = 38


@dataclass(frozen=True)
class Venue:
    """A circuit with its name, its place on earth, its usual start hour (UTC) and its lap."""

    number: int
    name: str
    country: str
    lat: float
    lng: float
    alt: int
    hour: int
    circuit: Circuit


def venues(rng: np.random.Generator) -> list[Venue]:
    """Return one venue per place name."""
    made = []
    for number, place in enumerate(PLACES, start=1):
        lap = float(rng.uniform(68, 104))
        laps = round(5400 / lap)
        made.append(
            Venue(
                number=number,
                name=place.replace("-", " "),
                country=COUNTRIES[int(rng.integers(len(COUNTRIES)))],
                lat=round(float(rng.uniform(-38, 60)), 4),
                lng=round(float(rng.uniform(-120, 150)), 4),
                alt=int(rng.integers(0, 900)),
                hour=int(rng.choice([5, 12, 13, 13, 13, 14, 15, 19])),
                circuit=Circuit(lap, laps, float(rng.uniform(18, 25))),
            )
        )
    return made


def season_calendar(
    season: int, races: int, venues_: list[Venue], rng: np.random.Generator
) -> list[tuple[datetime, Venue]]:
    """Return (start in UTC, venue) of a season's races, from early March to the end of November."""
    visited = [venues_[i] for i in np.sort(rng.permutation(len(venues_))[:races])]
    march = datetime(season, 3, 8, tzinfo=UTC)
    sunday = march + timedelta(days=(6 - march.weekday()) % 7)
    weeks = np.unique(np.linspace(0, SEASON_WEEKS, races).round().astype(int))
    return [
        (sunday + timedelta(weeks=int(week), hours=venue.hour), venue)
        for week, venue in zip(weeks, visited, strict=True)
    ]


def session_columns(start: datetime) -> dict[str, str | None]:
    """Return the date and time columns of a race and its sessions."""
    sessions = {
        "fp1": start - timedelta(hours=49.5),
        "fp2": start - timedelta(hours=46),
        "fp3": start - timedelta(hours=26.5),
        "quali": start - timedelta(hours=23),
    }
    columns: dict[str, str | None] = {"date": f"{start:%Y-%m-%d}", "time": f"{start:%H:%M:%S}"}
    for name, at in sessions.items():
        columns |= {f"{name}_date": f"{at:%Y-%m-%d}", f"{name}_time": f"{at:%H:%M:%S}"}
    return columns | {"sprint_date": None, "sprint_time": None}
