"""A Gaussian filter of skill: driver + team, learned from one score per car and session.

The strength of a car is driver + team; a session shows it with noise, up to a constant that all cars share. The filter
keeps means and covariances, so its step adapts by itself: winters widen what is known of a team, races narrow it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pydantic import Field

from pitwall.domain.params import Section
from pitwall.domain.racing.rule_changes import RULE_CHANGES

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]


class FilterSettings(Section):
    """Constants of the filter, in units of the score (about one standard deviation of the field).

    `*_prior` and `*_prior_sd` describe a newcomer, `*_drift` the step from session to session, `*_winter` the extra
    step at a season's start, `*_keep` the share of a rating that survives the winter. `team_rule_*` hold for a team instead in the
    winter before, and the races of, a season in `rule_changes` (years); by default they are those of any season, as what forgetting more
    gained up to 2014 was not there in 2017 and 2022 (`studies/rule_changes.py`).
    """

    noise: float = 0.7
    driver_prior: float = -0.3
    driver_prior_sd: float = 0.5
    driver_drift: float = 0.03
    driver_winter: float = 0.15
    driver_keep: float = 0.95
    team_prior: float = -0.4
    team_prior_sd: float = 0.6
    team_drift: float = 0.08
    team_winter: float = 0.6
    team_keep: float = 0.6
    rule_changes: str = Field(" ".join(map(str, RULE_CHANGES)), pattern=r"^(\d{4}( \d{4})*)?$")
    team_rule_drift: float = 0.08
    team_rule_winter: float = 0.6
    team_rule_keep: float = 0.6

    @property
    def new_rules(self) -> frozenset[int]:
        """The seasons in which the rules change."""
        return frozenset(int(season) for season in self.rule_changes.split())


class SkillFilter:
    """Means and covariance of all drivers (first) and teams (after them)."""

    def __init__(self, drivers: int, teams: int, settings: FilterSettings) -> None:
        s = settings
        self._noise = s.noise
        self._prior_var = _both(s.driver_prior_sd, s.team_prior_sd, drivers, teams) ** 2
        usual = (s.team_drift, s.team_winter, s.team_keep)
        rules = (s.team_rule_drift, s.team_rule_winter, s.team_rule_keep)
        self._steps = {
            new: (
                _both(s.driver_drift, drift, drivers, teams) ** 2,
                _both(s.driver_winter, winter, drivers, teams) ** 2,
                _both(s.driver_keep, keep, drivers, teams),
            )
            for new, (drift, winter, keep) in {False: usual, True: rules}.items()
        }
        self._new_rules = False
        self.mean = _both(s.driver_prior, s.team_prior, drivers, teams)
        self.cov = np.diag(self._prior_var)
        self.seen = np.zeros(drivers + teams, dtype=bool)

    def winter(self, new_rules: bool = False) -> Index:
        """Shrink and widen everything seen so far before a season, of new rules or not; return its indices."""
        self._new_rules = new_rules
        _, widen, kept = self._steps[new_rules]
        seen = np.flatnonzero(self.seen)
        keep = kept[seen]
        self.mean[seen] *= keep
        block = self.cov[np.ix_(seen, seen)] * np.outer(keep, keep)
        widened = np.minimum(np.diagonal(block) + widen[seen], 4 * self._prior_var[seen])
        block[np.diag_indices(len(seen))] = widened
        self.cov[np.ix_(seen, seen)] = block
        return seen

    def observe(self, driver: Index, team: Index, score: Array, noise: float | None = None) -> Index:
        """Learn from one session; return the indices of those who took part.

        Args:
            driver: (n,) driver of each car.
            team: (n,) index of each car's team, counted after the drivers.
            score: (n,) what the session showed, higher is better; NaN for a car that showed nothing.
            noise: of this session; the settings' own when None.
        """
        active = np.unique(np.r_[driver, team])
        block = self.cov[np.ix_(active, active)]
        block[np.diag_indices(len(active))] += self._steps[self._new_rules][0][active]
        showed = ~np.isnan(score)
        if showed.sum() >= 3:
            design = _design(active, driver[showed], team[showed])
            block = self._update(active, block, design, score[showed], self._noise if noise is None else noise)
        self.cov[np.ix_(active, active)] = block
        self.seen[active] = True
        return active

    def _update(self, active: Index, block: Array, design: Array, score: Array, noise: float) -> Array:
        """Apply Kalman's update to scores whose mean is removed, on both sides; return the new covariance block."""
        design = design - design.mean(axis=0)
        error = (score - score.mean()) - design @ self.mean[active]
        spread = design @ block @ design.T + noise**2 * np.eye(len(score))
        gain = np.linalg.solve(spread, design @ block).T
        self.mean[active] += gain @ error
        block = block - gain @ design @ block
        return np.asarray(0.5 * (block + block.T))

    def sd(self, index: Index) -> Array:
        """Return the standard deviations of some entities."""
        return np.asarray(np.sqrt(np.diagonal(self.cov)[index]))


def _both(driver: float, team: float, drivers: int, teams: int) -> Array:
    return np.concatenate([np.full(drivers, driver, np.float64), np.full(teams, team, np.float64)])


def _design(active: Index, driver: Index, team: Index) -> Array:
    """Return the (cars, active) matrix with a one for each car's driver and its team."""
    rows = np.arange(len(driver))
    design = np.zeros((len(driver), len(active)))
    design[rows, np.searchsorted(active, driver)] += 1
    design[rows, np.searchsorted(active, team)] += 1
    return design
