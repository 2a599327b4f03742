"""A race of a few laps whose every number a test chooses: tables in which it was driven as told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pitwall.domain.tables import STAMPS, Tables
from pitwall.domain.tables.specs import SPECS


def driven_race(tables: Tables, *cars: Sequence[float], race: int = 1, **columns: Sequence[Any]) -> Tables:
    """Return the tables with the laps of one race alone, driven by cars 1, 2, ...

    Args:
        tables: of a world in which the race was run.
        cars: the lap times (s) of each car.
        race: whose laps they are.
        columns: of the table of laps: per car one value per lap, or one for all of them.
    """
    template = tables["laps"].query("race_id == @race").iloc[:1].assign(pit_in_seconds=None, pit_out_seconds=None)
    start = tables["races"].set_index("race_id").loc[race, "starts_at"]
    parts = []
    for number, seconds in enumerate(cars, start=1):
        laps = pd.concat([template] * len(seconds), ignore_index=True)
        laps = laps.assign(driver_id=number, lap=range(1, len(seconds) + 1), seconds=seconds, completed=True)
        laps["end_seconds"] = laps["seconds"].cumsum()
        laps["start_seconds"] = laps["end_seconds"] - laps["seconds"]
        parts.append(laps.assign(**{name: values[number - 1] for name, values in columns.items()}))
    frame = pd.concat(parts, ignore_index=True)
    instant = start + pd.to_timedelta(frame["end_seconds"], unit="s")
    frame = frame.assign(event_timestamp=instant, known_at=instant)
    return tables.replace(laps=frame.astype({**SPECS["laps"].columns, **STAMPS}))
