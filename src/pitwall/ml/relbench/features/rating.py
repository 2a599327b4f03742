"""Skill as the product's filter learns it session by session: each driver's and each team's part of the strength.

The state after every session is kept, so that a later instant goes on from there: a state is a function of the rows up to its session
alone, whoever asked first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from pitwall.domain.errors import FeatureError
from pitwall.features.machinery.shared.filter import FilterSettings, Index, SkillFilter
from pitwall.ml.relbench.data.history import Known
from pitwall.ml.relbench.features.observations import Observe
from pitwall.ml.relbench.features.tick import Array, Ids, Named, Tick

FIRST_SEASON = 1965
ROOM = (700, 300)  # drivers and teams that a filter has places for
LUCK = 0.7  # standard deviation of one session
UNKNOWN = 0.2  # a driver without a rating is taken for the one at this quantile of the tick
WINTERS = 3  # more of them change nothing


@dataclass(frozen=True)
class Showing:
    """One thing that a session shows, and how far off it is."""

    observe: Observe
    noise: float


class Rating:
    """A filter over the sessions of one table.

    Args:
        table: of `Known`: `results` or `qualifying`.
        showings: what is learned from each session, one after the other.
        settings: constants of the filter; the noise is each showing's own.
    """

    def __init__(self, table: str, showings: Sequence[Showing], settings: FilterSettings | None = None) -> None:
        self._settings = settings or FilterSettings()
        self._table, self._showings = table, tuple(showings)
        self._filter = SkillFilter(*ROOM, self._settings)
        self._index: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._season = 0
        self._read = [0]
        self._states = [self._state()]

    def of(self, known: Known, tick: Tick, teams: Array) -> tuple[Array, Array, Array]:
        """Return the driver's part, the team's part and the standard deviation of their sum, each (drivers,).

        Args:
            known: what may be read.
            tick: whose rating, and when: winters in between shrink and widen it.
            teams: (drivers,) of their last race; nan for none.
        """
        rows = getattr(known, self._table)
        if self._read[-1] < len(rows):
            self._learn(rows.iloc[self._read[-1] :])
        mean, variance = self._states[bisect_right(self._read, len(rows)) - 1]
        season = int(rows["year"].iloc[-1]) if len(rows) else tick.seed.year
        for _ in range(min(tick.seed.year - season, WINTERS)):
            mean, variance = self._winter(mean, variance)
        mean, variance = np.append(mean, np.nan), np.append(variance, np.nan)  # the place of those without a rating
        driver, team = self._places(tick.drivers, 0), self._places(teams, 1)
        return mean[driver], mean[team], np.sqrt(variance[driver] + variance[team])

    def _learn(self, fresh: pd.DataFrame) -> None:
        for _, session in fresh.groupby("race", sort=False):
            season = int(session["year"].iloc[0])
            if season >= FIRST_SEASON:
                if season != self._season:
                    self._filter.winter()
                    self._season = season
                driver, team = self._enter(session["driver"], 0), self._enter(session["team"], 1)
                for showing in self._showings:
                    self._filter.observe(driver, team, showing.observe(session), showing.noise)
            self._read.append(self._read[-1] + len(session))
            self._states.append(self._state())

    def _state(self) -> tuple[Array, Array]:
        return self._filter.mean.copy(), np.diagonal(self._filter.cov).copy()

    def _winter(self, mean: Array, variance: Array) -> tuple[Array, Array]:
        s = self._settings
        keep, step, most = (
            np.repeat(pair, ROOM)
            for pair in (
                (s.driver_keep, s.team_keep),
                (s.driver_winter**2, s.team_winter**2),
                (4 * s.driver_prior_sd**2, 4 * s.team_prior_sd**2),
            )
        )
        return mean * keep, np.minimum(variance * keep**2 + step, most)

    def _enter(self, ids: pd.Series, side: int) -> Index:
        known = self._index[side]
        places = [known.setdefault(int(each), len(known)) for each in ids]
        if len(known) > ROOM[side]:
            raise FeatureError(
                f"the dump holds more than {ROOM[side]} {('drivers', 'teams')[side]} since {FIRST_SEASON}; make ROOM in "
                "relbench/features/rating.py larger."
            )
        return np.array(places, dtype=np.intp) + side * ROOM[0]

    def _places(self, ids: Array | Ids, side: int) -> Index:
        known, none = self._index[side], sum(ROOM)
        found = [
            none if np.isnan(each) or int(each) not in known else known[int(each)] + side * ROOM[0] for each in ids
        ]
        return np.array(found, dtype=np.intp)


def rated(name: str, parts: tuple[Array, Array, Array]) -> Named:
    """Return a rating as features: its parts, their sum, its uncertainty, and the place to expect among the tick's drivers.

    Args:
        name: of the rating.
        parts: of `Rating.of`.
    """
    driver, team, sd = parts
    total = driver + team
    there = total[~np.isnan(total)]
    strength = np.where(np.isnan(total), np.quantile(there, UNKNOWN) if len(there) else 0.0, total)
    variance = np.where(np.isnan(sd), LUCK, sd) ** 2 + LUCK**2
    ahead = ndtr((strength[None, :] - strength[:, None]) / np.sqrt(variance[None, :] + variance[:, None]))
    return {
        f"{name}_driver": driver,
        f"{name}_team": team,
        f"{name}_total": total,
        f"{name}_sd": sd,
        f"{name}_place": 0.5 + ahead.sum(axis=1),  # the half is the car against itself
    }
