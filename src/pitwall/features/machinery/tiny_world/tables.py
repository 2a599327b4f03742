"""A tiny racing world in memory: canonical tables in which results follow latent skill, for tests, examples and trials.

It is no data source: nothing is parsed, nothing is written. Drivers and teams have hidden skills (teams' change each
season), one car per season gets a rookie, and `corrected` adds a later version of some rows, as a later snapshot would. It
lives here because a custom feature is tried out on it at registration; tests know it as `pitwall.testing.tiny_tables`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import SPECS, STAMPS, Tables, empty_table
from pitwall.domain.when import as_utc, hours
from pitwall.features.machinery.tiny_world.laps import STOP_AFTER_LAP, tiny_laps
from pitwall.features.machinery.tiny_world.sessions import tiny_sessions

FIRST_SEASON = 2021
POINTS = (25, 18, 15, 12, 10, 8, 6, 4, 2, 1)
LAPS = 50
TIMED_LAPS = 12  # laps with recorded times; a car that retires has half of them


def tiny_tables(seasons: int = 3, races: int = 6, cars: int = 8, seed: int = 0, upcoming: int = 0) -> Tables:
    """Return a small canonical world, valid against `pitwall.domain.tables.SPECS`.

    Args:
        seasons: number of seasons, from 2021.
        races: races per season, two weeks apart from March, at as many circuits.
        cars: even number of cars; two per team, one rookie per season after the first.
        seed: of the world.
        upcoming: so many of the last races have not been run: the first of them has entries, practice, qualifying and
            grid, none has results.
    """
    rng = np.random.default_rng(seed)
    world = _World(rng, seasons, races, cars)
    calendar = _calendar(seasons, races)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SPECS}
    first_open = len(calendar) - upcoming
    for number, race in enumerate(calendar.to_dict("records")):
        if number <= first_open:
            weekend = _weekend(world, race, rng)
            _add_weekend(rows, weekend)
            if number < first_open:
                _add_race(rows, weekend, rng)
    rows["race_control"] = _interruptions(calendar[:first_open])
    frames = {name: _frame(name, rows[name], calendar) for name in SPECS}
    frames |= _reference(world, calendar)
    frames |= _standings(frames["results"], calendar)
    frames |= tiny_laps(frames)
    frames |= tiny_sessions(frames)
    return Tables(frames)


def corrected(
    tables: Tables,
    name: str,
    rows: Callable[[pd.DataFrame], pd.Series],
    known_at: pd.Timestamp,
    **changes: Any,
) -> Tables:
    """Return the tables with a new version, known at `known_at`, of the rows that `rows(frame)` selects."""
    frame = tables[name]
    version = frame[rows(frame)].assign(**changes, known_at=known_at, known_estimated=False)
    versions = pd.concat([frame, version.astype(dict(frame.dtypes))], ignore_index=True)
    return tables.replace(**{name: versions})


class _World:
    """Hidden skills: `driver[d]`, `team[season, t]`; `seats[season]` maps seat to driver, two seats per team."""

    def __init__(self, rng: np.random.Generator, seasons: int, races: int, cars: int) -> None:
        teams = cars // 2
        self.circuits, self.teams, self.drivers = races, teams, cars + seasons - 1
        self.driver = rng.normal(0, 0.5, self.drivers)
        start = np.linspace(0.9, -0.9, teams)
        self.team = np.stack([start + rng.normal(0, 0.25, teams) for _ in range(seasons)])
        self.seats = [[*range(cars - 1), cars - 1 + season] for season in range(seasons)]


def _calendar(seasons: int, races: int) -> pd.DataFrame:
    frame = pd.DataFrame(
        [(season, round_) for season in range(FIRST_SEASON, FIRST_SEASON + seasons) for round_ in range(1, races + 1)],
        columns=["season", "round"],
    )
    frame["race_id"] = np.arange(1, len(frame) + 1)
    frame["circuit_id"] = frame["round"]
    frame["name"] = "Grand Prix " + frame["round"].astype(str)
    time = TimeParams()
    march = pd.to_datetime(frame["season"].astype(str) + "-03-01 13:00", utc=True)
    frame["starts_at"] = march + pd.to_timedelta(14 * (frame["round"] - 1), unit="D")
    frame["qualifying_at"] = frame["starts_at"] - hours(time.qualifying_before_race_h)
    frame["practice_at"] = frame["starts_at"] - hours(time.practice_before_race_h)
    frame["sprint_at"] = pd.NaT
    frame = frame.assign(planned_at=frame["starts_at"], called_off=False)
    return frame.assign(start_estimated=False, qualifying_estimated=True, practice_estimated=True)


def _weekend(world: _World, race: dict[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Return one row per car with skill, practice and qualifying seconds, grid."""
    season = race["season"] - FIRST_SEASON
    drivers = np.array(world.seats[season])
    teams = np.arange(len(drivers)) // 2
    skill = world.driver[drivers] + world.team[season, teams]
    car = pd.DataFrame({"race_id": race["race_id"], "driver_id": drivers + 1, "constructor_id": teams + 1})
    car["skill"] = skill
    car["practice"] = 82 - 0.5 * skill + rng.normal(0, 0.4, len(car))
    car["q1"] = 80 - 0.5 * skill + rng.normal(0, 0.25, len(car))
    car["place"] = car["q1"].rank(method="first").astype(int)
    penalty = np.where(rng.random(len(car)) < 0.08, 3.5, 0)
    car["grid"] = (car["place"] + penalty).rank(method="first").astype(int)
    return car


def _add_weekend(rows: dict[str, list[dict[str, Any]]], car: pd.DataFrame) -> None:
    keys = car[["race_id", "driver_id", "constructor_id"]]
    rows["entries"] += keys.assign(number=car["driver_id"] + 10).to_dict("records")
    rows["grid"] += keys.assign(grid=car["grid"], pit_lane=False).to_dict("records")
    rows["qualifying"] += keys.assign(place=car["place"], q1=car["q1"], q2=np.nan, q3=np.nan).to_dict("records")
    place = car["practice"].rank(method="first").astype(int)
    practice = keys.assign(session="FP1", place=place, seconds=car["practice"], laps=20.0)
    rows["practice"] += practice.to_dict("records")


def _add_race(rows: dict[str, list[dict[str, Any]]], car: pd.DataFrame, rng: np.random.Generator) -> None:
    keys = car[["race_id", "driver_id", "constructor_id"]]
    retired = rng.random(len(car)) < 0.12
    score = 1.6 * car["skill"] - 0.25 * car["grid"] + rng.gumbel(0, 0.7, len(car))
    place = (-(score - 100 * retired)).rank(method="first").astype(int).to_numpy()
    points = np.array([POINTS[p - 1] if p <= len(POINTS) and not r else 0 for p, r in zip(place, retired, strict=True)])
    fastest = 84 - 0.5 * car["skill"].to_numpy() + rng.normal(0, 0.3, len(car))
    result = keys.assign(
        place=place,
        classified=~retired,
        started=True,
        retired=retired,
        points=points.astype(float),
        laps=np.where(retired, LAPS // 2, LAPS),
        seconds=np.where(retired, np.nan, 85.0 * LAPS + 4.0 * place),
        fastest_lap=fastest,
        fastest_rank=pd.Series(fastest).rank(method="first").to_numpy(),
        status=np.where(retired, "Engine", "Finished"),
    )
    rows["results"] += result.to_dict("records")
    rows["lap_times"] += _laps(result).to_dict("records")
    stops = keys.drop(columns="constructor_id").assign(stop=1, lap=STOP_AFTER_LAP)
    rows["pit_stops"] += stops.assign(seconds=22 + rng.normal(0, 0.5, len(car)))[~retired].to_dict("records")


def _laps(result: pd.DataFrame) -> pd.DataFrame:
    """Return laps in which cars run where they finish, each lap a little slower than the fastest one."""
    laps = result[["race_id", "driver_id", "place", "fastest_lap", "retired"]].merge(
        pd.DataFrame({"lap": np.arange(1, TIMED_LAPS + 1)}), how="cross"
    )
    laps["seconds"] = laps["fastest_lap"] + 0.05 * laps["lap"]
    driven = ~laps["retired"] | (laps["lap"] <= TIMED_LAPS // 2)
    return laps.loc[driven, ["race_id", "driver_id", "lap", "place", "seconds"]]


def _interruptions(run: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the safety cars of `_tiny_laps`: one in the second race of each season."""
    period = {"kind": "safety_car", "number": 1, "lap": 3, "until_lap": 6.0, "cause": "Accident"}
    return [{"race_id": race, **period} for race in run.loc[run["round"] == 2, "race_id"]]


def _frame(name: str, rows: list[dict[str, Any]], calendar: pd.DataFrame) -> pd.DataFrame:
    """Return a canonical table of race rows, stamped by the session that they belong to."""
    if not rows:
        return empty_table(name)
    frame = pd.DataFrame(rows)
    races = calendar.set_index("race_id").loc[frame["race_id"]]
    event, known = _stamps(name, races, TimeParams())
    return _canonical(name, frame.assign(event_timestamp=event.to_numpy(), known_at=known.to_numpy()))


def _stamps(name: str, races: pd.DataFrame, time: TimeParams) -> tuple[pd.Series, pd.Series]:
    session = hours(time.session_lasts_h), hours(time.session_known_after_h)
    if name == "entries":
        event = races["practice_at"] - hours(time.entries_known_before_practice_h)
        return event, event
    if name == "grid":
        event = races["starts_at"] - hours(time.grid_known_before_race_h)
        return event, event
    if name in ("practice", "qualifying"):
        event = races[f"{name}_at"] + session[0]
        return event, event + session[1]
    event = races["starts_at"] + hours(time.race_lasts_h)
    return event, event + hours(time.race_known_after_h)


def _canonical(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    spec = SPECS[name]
    for column, dtype in {**spec.columns, **STAMPS}.items():
        if dtype.startswith("datetime"):
            frame[column] = as_utc(frame[column])
    frame = frame.assign(known_estimated=True)[spec.all_columns]
    return frame.astype({**spec.columns, **STAMPS}).sort_values(list(spec.key), ignore_index=True)


def _reference(world: _World, calendar: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the calendar (known on 1 January of each season) and the reference tables (known since 1950)."""
    since = pd.Timestamp("1950-01-01", tz="UTC")
    january = pd.to_datetime(calendar["season"].astype(str) + "-01-01", utc=True)
    always = {"event_timestamp": since, "known_at": since}
    circuit, driver, team = (np.arange(1, n + 1) for n in (world.circuits, world.drivers, world.teams))
    circuits = pd.DataFrame({"circuit_id": circuit, "lat": 45.0, "lng": circuit * 5.0, "alt": 100.0, **always})
    drivers = pd.DataFrame({"driver_id": driver, "code": [f"D{n:02d}" for n in driver], "nationality": "X", **always})
    drivers["born"] = pd.Timestamp("1995-01-01", tz="UTC")
    constructors = pd.DataFrame(
        {"constructor_id": team, "lineage": team, "lineage_since": np.nan, "nationality": "X", **always}
    )
    named = {
        "circuits": circuits.assign(ref=_names("circuit", circuit), name=_names("Circuit", circuit), country="X"),
        "drivers": drivers.assign(ref=_names("driver", driver), name=_names("Driver", driver)),
        "constructors": constructors.assign(ref=_names("team", team), name=_names("Team", team)),
        "races": calendar.assign(event_timestamp=january, known_at=january),
    }
    return {name: _canonical(name, frame) for name, frame in named.items()}


def _names(kind: str, ids: np.ndarray) -> list[str]:
    return [f"{kind}_{number}" for number in ids]


def _standings(results: pd.DataFrame, calendar: pd.DataFrame) -> dict[str, pd.DataFrame]:
    frames = {}
    for name, key in (("driver_standings", "driver_id"), ("constructor_standings", "constructor_id")):
        won = results.assign(wins=(results["place"] == 1).astype(int))
        table = won.pivot_table(index="race_id", columns=key, values=["points", "wins"], aggfunc="sum")
        season = calendar.set_index("race_id")["season"].reindex(table.index)
        total = table.groupby(season).cumsum() if len(table) else table
        long = total.stack(key, future_stack=True).dropna().reset_index()  # noqa: PD013 - two value columns at once
        long["place"] = long.groupby("race_id")["points"].rank(method="first", ascending=False)
        frames[name] = _frame(name, long.to_dict("records"), calendar)
    return frames
