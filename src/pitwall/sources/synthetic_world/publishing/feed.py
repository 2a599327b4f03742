"""The messages of the synthetic world's timing feed: status of the track, and samples of the weather.

What happens is known by lap; the leader's clock turns it into instants.
"""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pandas as pd

from pitwall.sources.synthetic_world.publishing.history import Round
from pitwall.sources.synthetic_world.racing.course import LapLog

FEED_START = 3600.0
SAMPLE_SECONDS, BEFORE_START = 60.0, 1800.0
YELLOW_SECONDS = 25.0
TRACK_WARMER = 12.0  # than the air, in the dry
TEXTS = {"1": "AllClear", "2": "Yellow", "4": "SCDeployed", "5": "Red", "6": "VSCDeployed", "7": "VSCEnding"}
VSC_ENDS = 12.0  # seconds of "ending"


def messages(laps: pd.DataFrame, log: LapLog) -> pd.DataFrame:
    """Return the changes of the track's status: Time, Status, Message.

    Args:
        laps: of all cars, with their instants.
        log: of the race; its status is that of the leader's laps.
    """
    leader = laps[laps["LapTime"].notna() | ~laps["FastF1Generated"]].groupby("LapNumber")
    begins, ends = leader["LapStartTime"].min(), leader["Time"].min()
    changes = [(FEED_START - BEFORE_START, "1")]
    numbered = [(lap, status) for lap, status in enumerate(log.status, start=1) if lap in begins.index]
    for code, group in groupby(numbered, key=lambda pair: pair[1][0]):
        span = [lap for lap, _ in group]
        if code == "4":
            changes += [(begins[span[0]], "4"), (ends[span[-1]], "1")]
        elif code == "6":
            changes += [(begins[span[0]], "6"), (ends[span[-1]] - VSC_ENDS, "7"), (ends[span[-1]], "1")]
    for lap, status in numbered:
        if "5" in status:
            again = begins.get(lap + 1, ends[lap] + 60)
            changes += [(ends[lap], "5"), (again, "1")]
    changes += _yellow(laps, changes)
    rows = sorted((round(float(at), 3), status) for at, status in changes)
    return pd.DataFrame([(at, status, TEXTS[status]) for at, status in rows], columns=["Time", "Status", "Message"])


def _yellow(laps: pd.DataFrame, changes: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Return yellow flags where cars stopped while the track was clear."""
    known = sorted(changes)
    found: list[tuple[float, str]] = []
    for at in sorted(laps.loc[laps["FastF1Generated"], "Time"]):
        status = next(code for time, code in reversed(known) if time <= at)
        later = min((time for time, _ in known if time > at), default=np.inf)
        if status == "1" and at + YELLOW_SECONDS < later and (not found or found[-1][0] < at):
            found += [(at, "2"), (at + YELLOW_SECONDS, "1")]
    return found


def statuses_during(events: pd.DataFrame, begins: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return all codes in force during each lap, in the order in which they came, each once."""
    times, codes = events["Time"].to_numpy(), events["Status"].to_numpy()
    first = np.searchsorted(times, begins, side="right") - 1
    last = np.searchsorted(times, ends, side="left") - 1
    known = {pair: "".join(dict.fromkeys(codes[pair[0] : pair[1] + 1])) for pair in set(zip(first, last, strict=True))}
    return np.array([known[pair] for pair in zip(first, last, strict=True)], dtype=object)


def air(each: Round, log: LapLog, laps: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return samples of the weather, one a minute, with the units of the feed."""
    begins = laps.groupby("LapNumber")["LapStartTime"].min()
    times = np.arange(FEED_START - BEFORE_START, laps["Time"].max() + SAMPLE_SECONDS, SAMPLE_SECONDS)
    lap = np.clip(np.searchsorted(begins.to_numpy(), times, side="right") - 1, 0, len(log.falls) - 1)
    wet, rain = np.array(log.wetness)[lap], np.array(log.falls)[lap] > 0
    day, drift = each.day, np.cumsum(rng.normal(0, 0.05, len(times)))
    temperature = day.air + drift
    samples = {
        "Time": times,
        "AirTemp": temperature,
        "TrackTemp": temperature + TRACK_WARMER * (1 - wet) * (1 - 0.5 * day.rain) + rng.normal(0, 0.3, len(times)),
        "Humidity": np.clip(day.humidity + 15 * wet - drift, 5, 99),
        "Pressure": np.full(len(times), day.pressure),
        "WindSpeed": np.clip(day.wind + rng.normal(0, 0.4, len(times)), 0, None),
    }
    frame = pd.DataFrame(samples).round(1)
    direction = (day.direction + rng.normal(0, 20, len(times))).round().astype(int) % 360
    return frame.assign(Rainfall=rain, WindDirection=direction)
