"""The tiny world lap by lap: laps, weather, track and session status that agree with its `lap_times` and `results`.

Every third race is wet, the second of each season has a safety car, half of the cars stop once, a car that retires leaves
an unfinished lap, and one lap of each race has no time: what a feature that reads laps must cope with.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from pitwall.domain.racing.start_tyres import start_tyres
from pitwall.domain.tables import SPECS
from pitwall.domain.when import as_utc

STOP_AFTER_LAP = 5
PIT_LOSS = 20.0
SAFETY_CAR = (250.0, 500.0)
WEATHER_SECONDS = np.arange(-600.0, 1500.0, 60.0)
KEY = ["race_id", "driver_id"]


def tiny_laps(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the lap tables of a tiny world.

    Args:
        tables: its races, results and lap_times.
    """
    races = tables["races"].set_index("race_id")
    run = races[races.index.isin(tables["results"]["race_id"])]
    laps = _conditions(_driven(tables), races)
    ends = laps.groupby("race_id")["end_seconds"].max()
    frames = {
        "laps": laps,
        "start_tyres": start_tyres(laps),
        "weather": _weather(run),
        "track_status": _log(run, _track_messages),
        "session_status": _log(run, lambda race: _session_messages(ends[race.name])),
    }
    return {name: _canonical(name, frame, races) for name, frame in frames.items()}


def _driven(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the laps in the race clock, an unfinished one after the last lap of a car that retired."""
    results = tables["results"][[*KEY, "constructor_id", "retired"]]
    laps = tables["lap_times"].merge(results, on=KEY).sort_values([*KEY, "lap"], ignore_index=True)
    laps["completed"] = True
    unfinished = laps[laps["retired"]].groupby(KEY).tail(1)
    unfinished = unfinished.assign(lap=unfinished["lap"] + 1, completed=False, place=np.nan)
    laps = pd.concat([laps, unfinished]).sort_values([*KEY, "lap"], ignore_index=True)
    stops = laps["driver_id"] % 2 == 0
    laps["stint"] = 1.0 + (stops & (laps["lap"] > STOP_AFTER_LAP))
    laps["seconds"] += PIT_LOSS * (stops & (laps["lap"] == STOP_AFTER_LAP + 1))
    laps["end_seconds"] = laps.groupby(KEY)["seconds"].cumsum()
    laps["start_seconds"] = laps["end_seconds"] - laps["seconds"]
    into = stops & (laps["lap"] == STOP_AFTER_LAP)
    laps["pit_in_seconds"] = (laps["end_seconds"] - 2).where(into)
    laps["pit_out_seconds"] = (laps["start_seconds"] + PIT_LOSS - 2).where(stops & (laps["lap"] == STOP_AFTER_LAP + 1))
    laps["tyre_laps"] = laps.groupby([*KEY, "stint"]).cumcount() + 1.0
    untimed = laps["driver_id"].eq(laps.groupby("race_id")["driver_id"].transform("min")) & laps["lap"].eq(4)
    laps["seconds"] = laps["seconds"].where(laps["completed"] & ~untimed)
    return laps


def _conditions(laps: pd.DataFrame, races: pd.DataFrame) -> pd.DataFrame:
    """Add tyres, speeds, sectors, flags and the weather at the start of each lap."""
    timed, wet = laps["seconds"].notna(), _wet(laps["race_id"])
    neutral = laps["race_id"].map(races["round"]).eq(2)
    neutral &= (laps["end_seconds"] > SAFETY_CAR[0]) & (laps["start_seconds"] < SAFETY_CAR[1])
    dry = np.where(laps["stint"] == 1, "MEDIUM", "HARD")
    sectors = {f"sector_{n}": (share * laps["seconds"]).round(3) for n, share in ((1, 0.3), (2, 0.4), (3, 0.3))}
    speeds = {
        f"speed_{at}": kmh - 0.5 * laps["lap"] for at, kmh in (("i1", 280), ("i2", 260), ("fl", 270), ("st", 310))
    }
    return laps.assign(
        **sectors,
        **speeds,
        **_air(laps["start_seconds"], laps["race_id"]),
        seconds_source=pd.Series("timing", laps.index).where(timed),
        compound=np.where(wet, "INTERMEDIATE", dry),
        new_tyre=laps["stint"].eq(1),
        track_status=np.where(neutral, "4", "1"),
        accurate=timed & ~neutral & (laps["lap"] > 1) & laps["pit_in_seconds"].isna() & laps["pit_out_seconds"].isna(),
        personal_best=laps["seconds"].eq(laps.groupby(KEY)["seconds"].cummin()),
        deleted=False,
        deleted_reason=None,
    )


def _wet(race: pd.Series) -> pd.Series:
    return race % 3 == 0


def _air(seconds: pd.Series, race: pd.Series) -> dict[str, pd.Series]:
    sample = (seconds // 60).clip(lower=WEATHER_SECONDS[0] / 60)
    return {
        "air_temp": 22.0 + 0.01 * sample - 5.0 * _wet(race),
        "track_temp": 34.0 - 0.05 * sample - 10.0 * _wet(race),
        "humidity": 50.0 + 30.0 * _wet(race),
        "pressure": 1000.0 + 0.0 * sample,
        "rainfall": _wet(race),
        "wind_direction": 90.0 + sample,
        "wind_speed": 1.5 + 0.0 * sample,
    }


def _weather(run: pd.DataFrame) -> pd.DataFrame:
    times = pd.DataFrame({"seconds": WEATHER_SECONDS, "sample": np.arange(1, len(WEATHER_SECONDS) + 1)})
    rows = run.reset_index()[["race_id"]].merge(times, how="cross")
    return rows.assign(**_air(rows["seconds"], rows["race_id"]))


Messages = list[tuple[float, str, str]]


def _track_messages(race: pd.Series) -> Messages:
    first = [(-600.0, "1", "AllClear")]
    return (
        [*first, (SAFETY_CAR[0], "4", "SCDeployed"), (SAFETY_CAR[1], "1", "AllClear")] if race["round"] == 2 else first
    )


def _session_messages(end: float) -> Messages:
    return [(-1800.0, "Inactive", ""), (0.0, "Started", ""), (end, "Finished", ""), (end + 300, "Finalised", "")]


def _log(run: pd.DataFrame, messages: Callable[[pd.Series], Messages]) -> pd.DataFrame:
    rows = [
        (race_id, number, *message)
        for race_id, race in run.iterrows()
        for number, message in enumerate(messages(race), start=1)
    ]
    return pd.DataFrame(rows, columns=["race_id", "message", "seconds", "status", "text"])


def _canonical(name: str, frame: pd.DataFrame, races: pd.DataFrame) -> pd.DataFrame:
    """Stamp rows with the instant of the race clock at which they happened, as the real feed does."""
    spec, clock = SPECS[name], "end_seconds" if name == "laps" else "seconds"
    elapsed = pd.to_timedelta((frame[clock] * 1e6).round().astype("int64"), unit="us")
    moment = as_utc(frame["race_id"].map(races["starts_at"]) + elapsed)
    stamped = frame.assign(event_timestamp=moment, known_at=moment, known_estimated=True)[spec.all_columns]
    return stamped.astype({**spec.columns, "known_estimated": "bool"}).sort_values(list(spec.key), ignore_index=True)
