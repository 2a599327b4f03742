"""Dynamic Plackett-Luce ratings of drivers and teams, learned race by race.

The strength of a car is driver + team. After each session both move along the gradient of the pairwise logistic
likelihood of its order; at the start of each season both shrink towards the rookie and the new team, because winters
change cars more than drivers. Two ratings are kept apart: one learns from race orders, one from qualifying orders.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from pitwall.domain.params import Section
from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US
from pitwall.features._group import STAMPS
from pitwall.features._states import carried, season_starts, starters, with_lineage

Array = npt.NDArray[np.float64]


class RatingSettings(Section):
    """Step sizes, season-start shrinkage and first values of one rating, for drivers and for teams."""

    driver_step: float = 0.20
    team_step: float = 0.25
    driver_keep: float = 0.92
    team_keep: float = 0.75
    driver_start: float = 0.0
    team_start: float = 0.0


class TwinSettings(RatingSettings):
    """The race rating's constants; the qualifying rating's own step sizes (it shares the rest)."""

    qualifying_driver_step: float = 0.20
    qualifying_team_step: float = 0.25

    def of_qualifying(self) -> RatingSettings:
        """Return the constants of the qualifying rating."""
        steps = {"driver_step": self.qualifying_driver_step, "team_step": self.qualifying_team_step}
        return RatingSettings(**{**self.model_dump(include=set(RatingSettings.model_fields)), **steps})


def pairwise_gradient(strength: Array, rank: Array) -> Array:
    """Return, per car, the mean over opponents of (beat it) - P(beat it); 0 for cars whose rank is null.

    Args:
        strength: (n,) driver + team before the session.
        rank: (n,) order of the session, 1 best; NaN for a car that is not compared.
    """
    compared = ~np.isnan(rank)
    gradient = np.zeros(len(rank))
    if compared.sum() < 2:
        return gradient
    own, place = strength[compared], rank[compared]
    expected = 1.0 / (1.0 + np.exp(own[None, :] - own[:, None]))
    beaten = (place[:, None] < place[None, :]) + 0.5 * (place[:, None] == place[None, :])
    difference = beaten - expected
    np.fill_diagonal(difference, 0.0)
    gradient[compared] = difference.sum(axis=1) / (compared.sum() - 1)
    return gradient


@dataclass
class _Side:
    """The ratings of all drivers, or of all teams, and the rows that they have left behind."""

    ids: npt.NDArray[np.int64]
    start: float
    keep: float
    step: float
    rows: list[tuple[npt.NDArray[np.int64], int, int, Array]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.value = np.full(len(self.ids), self.start)
        self.seen = np.zeros(len(self.ids), dtype=bool)

    def shrink(self, event: int, known: int) -> None:
        """Move every rating seen so far towards its start, and say so at the season's start."""
        self.value[self.seen] = self.start + self.keep * (self.value[self.seen] - self.start)
        self._say(np.flatnonzero(self.seen), event, known)

    def learn(self, index: npt.NDArray[np.intp], gradient: Array, event: int, known: int) -> None:
        """Move the ratings of a session's cars by the mean gradient of each (a team has several cars)."""
        cars = np.bincount(index, minlength=len(self.value))
        total = np.bincount(index, weights=gradient, minlength=len(self.value))
        took_part = np.flatnonzero(cars)
        self.value[took_part] += self.step * total[took_part] / cars[took_part]
        self.seen[took_part] = True
        self._say(took_part, event, known)

    def _say(self, index: npt.NDArray[np.intp], event: int, known: int) -> None:
        self.rows.append((self.ids[index], event, known, self.value[index]))

    def table(self, key: str, column: str) -> pd.DataFrame:
        """Return the rows left behind: key, stamps, rating."""
        sizes = [len(ids) for ids, *_ in self.rows]
        frame = pd.DataFrame({key: np.concatenate([np.empty(0, np.int64), *(ids for ids, *_ in self.rows)])})
        for position, stamp in enumerate(STAMPS, start=1):
            micros = np.repeat(np.array([row[position] for row in self.rows], dtype=np.int64), sizes)
            frame[stamp] = pd.to_datetime(micros, unit="us", utc=True).astype(UTC_US)
        return frame.assign(**{column: np.concatenate([np.empty(0), *(row[3] for row in self.rows)])})


def rate(cars: pd.DataFrame, seasons: pd.DataFrame, settings: RatingSettings) -> tuple[_Side, _Side]:
    """Run a rating over sessions in the order in which they happened.

    Args:
        cars: race_id, season, driver_id, lineage, rank (NaN: not compared), stamps; one pair of stamps per race.
        seasons: season, event_timestamp, known_at of each season's start.
        settings: constants.

    Returns:
        The drivers' and the teams' side, with a row after each session and at each season's start.
    """
    cars = cars.sort_values(["event_timestamp", "race_id", "driver_id"], ignore_index=True)
    driver, drivers = pd.factorize(cars["driver_id"], sort=True)
    team, teams = pd.factorize(cars["lineage"], sort=True)
    sides = (
        _Side(np.asarray(drivers, np.int64), settings.driver_start, settings.driver_keep, settings.driver_step),
        _Side(np.asarray(teams, np.int64), settings.team_start, settings.team_keep, settings.team_step),
    )
    rank = cars["rank"].to_numpy(np.float64)
    events, knowns = (cars[stamp].astype("int64").to_numpy() for stamp in STAMPS)
    latest = np.maximum.accumulate(knowns) if len(knowns) else knowns
    winters = list(zip(*(seasons[stamp].astype("int64") for stamp in STAMPS), strict=True))
    for session in _sessions(cars["race_id"].to_numpy()):
        event, known = int(events[session][0]), int(latest[session][-1])
        winters = _pass_winters(sides, winters, event, int(latest[max(session.start - 1, 0)]))
        gradient = pairwise_gradient(sides[0].value[driver[session]] + sides[1].value[team[session]], rank[session])
        sides[0].learn(driver[session], gradient, event, known)
        sides[1].learn(team[session], gradient, event, known)
    _pass_winters(sides, winters, None, int(latest[-1]) if len(latest) else 0)
    return sides


def _pass_winters(
    sides: tuple[_Side, _Side], winters: list[tuple[int, int]], until: int | None, known: int
) -> list[tuple[int, int]]:
    """Shrink at each season's start up to an instant (None: all) and return the starts still to come."""
    passed = [winter for winter in winters if until is None or winter[0] <= until]
    for event, published in passed:
        for side in sides:
            side.shrink(event, max(published, known))
    return winters[len(passed) :]


def _sessions(race_id: npt.NDArray[np.int64]) -> list[slice]:
    cuts = np.flatnonzero(np.r_[True, race_id[1:] != race_id[:-1], True]) if len(race_id) else np.zeros(1, int)
    return [slice(int(first), int(last)) for first, last in pairwise(cuts)]


def race_order(tables: Tables) -> pd.DataFrame:
    """Return the cars of each race with their rank among those that did not retire."""
    cars = with_lineage(starters(tables), tables)
    return cars.assign(rank=cars["place"].astype("float64").where(~cars["retired"]))


def qualifying_order(tables: Tables) -> pd.DataFrame:
    """Return the cars of each qualifying with their rank; the grid stands in where qualifying was not recorded."""
    qualifying = tables["qualifying"].rename(columns={"place": "rank"})
    grid = tables["grid"].rename(columns={"grid": "rank"})
    grid = grid[~grid["race_id"].isin(qualifying["race_id"])]
    columns = ["race_id", "driver_id", "constructor_id", "rank", *STAMPS]
    cars = pd.concat([qualifying[columns], grid[columns]], ignore_index=True)
    cars[STAMPS] = cars.groupby("race_id")[STAMPS].transform("max")
    return with_lineage(cars.astype({"rank": "float64"}), tables)


def ratings(tables: Tables, settings: TwinSettings, side: int) -> pd.DataFrame:
    """Return both ratings of one side (0 drivers, 1 teams), merged into rows that carry both.

    Returns:
        driver_id or lineage, stamps, `race`, `qualifying`; sorted by key and time.
    """
    seasons = season_starts(tables)
    key = ("driver_id", "lineage")[side]
    orders = {
        "race": (race_order(tables), settings),
        "qualifying": (qualifying_order(tables), settings.of_qualifying()),
    }
    streams = [rate(cars, seasons, constants)[side].table(key, name) for name, (cars, constants) in orders.items()]
    return carried(streams, [key], list(orders))
