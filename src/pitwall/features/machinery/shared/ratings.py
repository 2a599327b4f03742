"""Dynamic ratings of drivers and teams, learned session by session with the filter of `_filter`.

Four ratings are kept apart, because each session shows something else: the order of a race (a Plackett-Luce order,
through its Savage scores), its fastest laps, qualifying and practice. A state row follows each session, and one stands
at the start of each season, when winters have changed cars more than drivers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US
from pitwall.features.machinery.group import STAMPS
from pitwall.features.machinery.shared.filter import Array, FilterSettings, SkillFilter
from pitwall.features.machinery.shared.form import pace_gap
from pitwall.features.machinery.shared.states import carried, season_starts, starters, with_lineage

COLUMNS = ["race_id", "driver_id", "lineage", "score", *STAMPS]
PARTS = ["q1", "q2", "q3"]


class RatingSettings(FilterSettings):
    """The filter's constants, the cap of a gap in %, and the first season that is rated."""

    gap_cap_pct: float = 2.5
    first_season: int = 1980


RUNS_KEPT = 32  # a replay of four instants asks for 24; each takes about 3 MB
_RUNS: dict[str, tuple[pd.DataFrame, pd.DataFrame]] = {}
Observe = Callable[[Tables, RatingSettings], pd.DataFrame]


def ratings(
    tables: Tables, settings: RatingSettings, side: int, observations: Mapping[str, Observe] | None = None
) -> pd.DataFrame:
    """Return all ratings of one side (0 drivers, 1 teams), merged into rows that carry every one.

    Args:
        tables: one version per row.
        settings: the constants.
        side: 0 for drivers, 1 for teams.
        observations: rating -> what it scores of each session; `OBSERVATIONS` when None.

    Returns:
        driver_id or lineage, stamps, and per rating its value and `<rating>_sd`; sorted by key and time.
    """
    key = ("driver_id", "lineage")[side]
    seasons = season_starts(tables)
    seasons = seasons[seasons["season"] >= settings.first_season]
    races = tables["races"]
    rated = races.loc[races["season"] >= settings.first_season, "race_id"]
    streams = []
    observations = observations or OBSERVATIONS
    for name, observe in observations.items():
        seen = observe(tables, settings)
        showed = seen.groupby("race_id")["score"].transform("count") >= 3  # a session that compares nobody is none
        cars = with_lineage(seen[showed & seen["race_id"].isin(rated)], tables)
        sides = rate(cars[COLUMNS], seasons, settings)
        streams.append(sides[side].rename(columns={"id": key, "value": name, "sd": f"{name}_sd"}))
    return carried(streams, [key], [part for name in observations for part in (name, f"{name}_sd")])


def rate(cars: pd.DataFrame, seasons: pd.DataFrame, settings: FilterSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Run the filter over sessions in the order in which they happened.

    Args:
        cars: `COLUMNS`, one session per race, one pair of stamps per session.
        seasons: season, event_timestamp, known_at of each season's start.
        settings: the filter's constants.

    Returns:
        Rows of the drivers and of the teams: id, stamps, value, sd. The groups of drivers and of teams ask for the same
        runs, so the newest are kept; do not write into the tables.
    """
    asked = _digest(cars, seasons, settings)
    if asked not in _RUNS:
        while len(_RUNS) >= RUNS_KEPT:
            del _RUNS[next(iter(_RUNS))]
        _RUNS[asked] = _run(cars, seasons, settings)
    return _RUNS[asked]


def _digest(cars: pd.DataFrame, seasons: pd.DataFrame, settings: FilterSettings) -> str:
    """Return a hash of all that a run of the filter depends on."""
    whole = hashlib.sha256(settings.model_dump_json().encode())
    for table in (cars[COLUMNS], seasons[["season", *STAMPS]]):
        whole.update(pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes() + b"|")
    return whole.hexdigest()


def _run(cars: pd.DataFrame, seasons: pd.DataFrame, settings: FilterSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    cars = cars.sort_values(["event_timestamp", "race_id", "driver_id"], ignore_index=True)
    driver, drivers = pd.factorize(cars["driver_id"], sort=True)
    team, teams = pd.factorize(cars["lineage"], sort=True)
    skill = SkillFilter(len(drivers), len(teams), settings)
    score = cars["score"].to_numpy(np.float64)
    event, known = (cars[stamp].astype("int64").to_numpy() for stamp in STAMPS)
    known = np.maximum.accumulate(known) if len(known) else known
    new_rules = seasons["season"].isin(settings.new_rules).tolist()
    winters = list(zip(new_rules, *(seasons[stamp].astype("int64").tolist() for stamp in STAMPS), strict=True))
    said = _Said(np.r_[drivers, teams].astype(np.int64), len(drivers))
    for first, last in pairwise(_cuts(cars["race_id"].to_numpy())):
        while winters and winters[0][1] <= event[first]:
            new, january, published = winters.pop(0)
            said.add(skill, skill.winter(new), january, max(published, int(known[max(first - 1, 0)]) if first else 0))
        session = slice(first, last)
        took_part = skill.observe(driver[session], len(drivers) + team[session], score[session])
        said.add(skill, took_part, int(event[first]), int(known[last - 1]))
    for new, january, published in winters:
        said.add(skill, skill.winter(new), january, max(published, int(known[-1]) if len(known) else 0))
    return said.tables()


class _Said:
    """The rows that a run of the filter leaves behind."""

    def __init__(self, ids: npt.NDArray[np.int64], drivers: int) -> None:
        self._ids, self._drivers = ids, drivers
        self._parts: list[tuple[npt.NDArray[np.intp], int, int, Array, Array]] = []

    def add(self, skill: SkillFilter, index: npt.NDArray[np.intp], event: int, known: int) -> None:
        self._parts.append((index, event, known, skill.mean[index], skill.sd(index)))

    def tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        sizes = [len(part[0]) for part in self._parts]
        index = np.concatenate([np.empty(0, np.intp), *(part[0] for part in self._parts)])
        frame = pd.DataFrame({"id": self._ids[index]})
        for position, stamp in enumerate(STAMPS, start=1):
            micros = np.repeat(np.array([part[position] for part in self._parts], dtype=np.int64), sizes)
            frame[stamp] = pd.to_datetime(micros, unit="us", utc=True).astype(UTC_US)
        frame["value"] = np.concatenate([np.empty(0), *(part[3] for part in self._parts)])
        frame["sd"] = np.concatenate([np.empty(0), *(part[4] for part in self._parts)])
        return frame[index < self._drivers], frame[index >= self._drivers]


def _cuts(race_id: npt.NDArray[np.int64]) -> list[int]:
    if not len(race_id):
        return []
    return [int(cut) for cut in np.flatnonzero(np.r_[True, race_id[1:] != race_id[:-1], True])]


def savage(rank: pd.Series, race_id: pd.Series) -> pd.Series:
    """Return Savage scores of an order per race, mean 0 and sd 1, best highest; NaN where the rank is.

    They are minus the log of the expected arrival of the k-th of n exponential times: the linear view of Plackett-Luce.
    """
    place = rank.groupby(race_id).rank(method="first")
    count = place.groupby(race_id).transform("count")
    most = int(count.max()) if len(count) and count.max() > 0 else 0
    tables = {n: -np.log(np.cumsum(1.0 / np.arange(n, 0, -1))) for n in range(2, most + 1)}
    tables = {n: (x - x.mean()) / x.std() for n, x in tables.items()}
    known = (place.notna() & (count >= 2)).to_numpy()
    lookup = np.full((most + 1, most + 1), np.nan)
    for n, of_n in tables.items():
        lookup[n, 1 : n + 1] = of_n
    scores = np.full(len(rank), np.nan)
    scores[known] = lookup[count.to_numpy()[known].astype(np.int64), place.to_numpy()[known].astype(np.int64)]
    return pd.Series(scores, index=rank.index, dtype="float64")


def race_order(tables: Tables, settings: RatingSettings) -> pd.DataFrame:
    """Score each race by the order of the cars that did not retire."""
    cars = starters(tables)
    rank = cars["place"].astype("float64").where(~cars["retired"])
    return cars.assign(score=savage(rank, cars["race_id"]))


def race_pace(tables: Tables, settings: RatingSettings) -> pd.DataFrame:
    """Score each race by the gap of fastest laps to the best, in %."""
    cars = starters(tables)
    return cars.assign(score=-pace_gap(cars).clip(upper=settings.gap_cap_pct))


def qualifying_pace(tables: Tables, settings: RatingSettings) -> pd.DataFrame:
    """Score each qualifying by the gap to the best; where none was recorded the order of the grid stands in."""
    lines = tables["qualifying"].copy()
    lines["score"] = -qualifying_gap(lines).clip(upper=settings.gap_cap_pct)
    grid = tables["grid"]
    grid = grid[~grid["race_id"].isin(lines["race_id"])]
    grid = grid.assign(score=savage(grid["grid"].astype("float64"), grid["race_id"]))
    columns = ["race_id", "driver_id", "constructor_id", "score", *STAMPS]
    cars = pd.concat([lines[columns], grid[columns]], ignore_index=True)
    cars[STAMPS] = cars.groupby("race_id")[STAMPS].transform("max")
    return cars


def qualifying_gap(lines: pd.DataFrame) -> pd.Series:
    """Return the gap to the best in % at the last part that each car reached, less what the track gained by then.

    The gain of a part is the median improvement of the cars that drove in both: a car that went out in Q1 is compared
    on Q1's track.
    """
    logs = pd.DataFrame({part: np.log(lines[part]) for part in PARTS})
    race = lines["race_id"]
    second = (logs["q2"] - logs["q1"]).groupby(race).transform("median")
    third = second + (logs["q3"] - logs["q2"]).groupby(race).transform("median")
    last = (logs["q3"] - third).fillna(logs["q2"] - second).fillna(logs["q1"])
    return 100 * (last - last.groupby(race).transform("min"))


def practice_pace(tables: Tables, settings: RatingSettings) -> pd.DataFrame:
    """Score each weekend's practice by the mean gap to the best of each session, in %.

    Stamped at the start of qualifying: by then all sessions are over, and until then none says that it was the last.
    """
    laps = tables["practice"]
    best = laps.groupby(["race_id", "session"])["seconds"].transform("min")
    gap = (100 * (laps["seconds"] / best - 1)).clip(upper=settings.gap_cap_pct)
    per = laps.assign(gap=gap).sort_values(["race_id", "driver_id", "session"]).groupby(["race_id", "driver_id"])
    cars = per.agg(constructor_id=("constructor_id", "last"), gap=("gap", "mean"), known_at=("known_at", "max"))
    cars = cars.reset_index().merge(tables["races"][["race_id", "qualifying_at"]], on="race_id")
    known = cars.groupby("race_id")["known_at"].transform("max")
    start = cars["qualifying_at"]
    return cars.assign(score=-cars["gap"], event_timestamp=start, known_at=known.where(known >= start, start))


OBSERVATIONS: dict[str, Observe] = {
    "race": race_order,
    "pace": race_pace,
    "qualifying": qualifying_pace,
    "practice": practice_pace,
}
READS = ("races", "results", "qualifying", "grid", "practice", "constructors")
