"""A table of races with a weekend or two, each at the instants that a test is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from pitwall.domain.tables import SPECS
from pitwall.domain.when import as_utc

FIRST_ROUND = 7
SESSIONS_H = {"practice_at": 50, "qualifying_at": 23, "starts_at": 0}
USUAL = {
    **{"season": 2024, "circuit_id": 1, "name": "Somewhere Grand Prix", "called_off": False},
    **{"practice_at": "2024-05-17T11:30Z", "qualifying_at": "2024-05-18T14:00Z", "starts_at": "2024-05-19T13:00Z"},
    **{"start_estimated": False, "qualifying_estimated": False, "practice_estimated": False, "known_estimated": False},
    **{"known_at": "2023-10-01T00:00Z", "event_timestamp": "2023-10-01T00:00Z"},
}


def weekend(start: datetime) -> dict[str, Any]:
    """Return the sessions of a race at an instant: practice two days and qualifying one day before."""
    return {name: f"{start - timedelta(hours=hours):%Y-%m-%dT%H:%MZ}" for name, hours in SESSIONS_H.items()}


def calendar(*races: Mapping[str, Any]) -> pd.DataFrame:
    """Return a table of races, one a row, from round 7 on, each with its own values over those of a usual weekend."""
    numbered = [{"race_id": number, "round": number, **USUAL, **race} for number, race in enumerate(races, FIRST_ROUND)]
    frame = pd.DataFrame(numbered).assign(sprint_at=pd.NaT, planned_at=lambda rows: rows["starts_at"])
    spec = SPECS["races"]
    times = [name for name in frame if name.endswith("_at") or name == "event_timestamp"]
    frame = frame.assign(**{name: as_utc(frame[name]) for name in times})
    return frame[spec.all_columns].astype(spec.columns)
