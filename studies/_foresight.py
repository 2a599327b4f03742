"""What foresight lives on in a world: how much the grid tells of the winner, and how much a rating tells beyond it.

Plain models of its own, not those of the project: a world may not be set to what our models do well.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import minimize

STEP, DRIVER_SHRINK, TEAM_SHRINK = 0.5, 0.92, 0.75


def rated(cars: pd.DataFrame) -> pd.DataFrame:
    """Add a driver + team rating: one pairwise-logistic gradient step per race among cars that did not retire."""
    driver: dict[int, float] = {}
    team: dict[int, float] = {}
    season, before = None, np.zeros(len(cars))
    for _, race in cars.groupby(["season", "round"], sort=True):
        if race["season"].iloc[0] != season:
            season = race["season"].iloc[0]
            driver = {who: DRIVER_SHRINK * value for who, value in driver.items()}
            team = {who: TEAM_SHRINK * value for who, value in team.items()}
        score = np.array([driver.get(d, 0) + team.get(t, 0) for d, t in zip(race.driver_id, race.team, strict=True)])
        before[race.index] = score
        ran = race[~race["retired"]]
        own, place = score[~race["retired"].to_numpy()], ran["place"].to_numpy()
        beats = place[:, None] < place[None, :]
        expected = 1 / (1 + np.exp(own[None, :] - own[:, None]))
        step = STEP * (np.where(beats, 1 - expected, 0) - np.where(beats.T, expected, 0)).sum(1) / max(len(ran) - 1, 1)
        for d, t, gain in zip(ran.driver_id, ran.team, step, strict=True):
            driver[d] = driver.get(d, 0) + gain / 2
            team[t] = team.get(t, 0) + gain / 2
    return cars.assign(rating=before)


def grid_probabilities(train: pd.DataFrame, test: pd.DataFrame) -> pd.Series:
    """Return P(win) from smoothed win frequencies per grid slot, renormalised within the race."""
    won = (train["place"] == 1).groupby(train["grid"]).agg(["sum", "count"])
    rate = ((won["sum"] + 0.2) / (won["count"] + 4)).reindex(range(1, 60), fill_value=0.002)
    chance = test["grid"].map(rate)
    return chance / chance.groupby(test["race_id"]).transform("sum")


def logit_probabilities(train: pd.DataFrame, test: pd.DataFrame) -> pd.Series:
    """Return P(win) from a conditional logit on the grid (raw and log) and the rating."""

    def design(cars: pd.DataFrame) -> np.ndarray:
        return np.column_stack([np.log(cars["grid"]), cars["grid"] / 10, cars["rating"]])

    def probabilities(weights: np.ndarray, cars: pd.DataFrame, x: np.ndarray) -> pd.Series:
        power = pd.Series(np.exp(np.clip(x @ weights, -50, 50)), index=cars.index)
        return power / power.groupby(cars["race_id"]).transform("sum")

    x_train, won = design(train), (train["place"] == 1).to_numpy()
    fitted = minimize(
        lambda w: -np.log(probabilities(w, train, x_train)[won]).sum() + 0.01 * (w**2).sum(), np.array([-1.0, 0, 1.0])
    )
    return probabilities(fitted.x, test, design(test))


def scores(cars: pd.DataFrame, seasons: list[int]) -> dict[str, float]:
    """Return how well the grid, and the grid with a rating, foresee the winners of some seasons."""
    parts = []
    for season in seasons:
        train, test = cars[cars["season"] < season], cars[cars["season"] == season]
        recent = train[train["season"] >= season - 20]
        parts.append(test.assign(grid_p=grid_probabilities(recent, test), rating_p=logit_probabilities(recent, test)))
    judged = pd.concat(parts)
    won = judged[judged["place"] == 1]
    best = judged.sort_values("rating_p").groupby("race_id").tail(1)
    return {
        "winner log loss, grid slots": -np.log(won["grid_p"]).mean(),
        "winner log loss, grid and rating": -np.log(won["rating_p"]).mean(),
        "winner hit rate, grid and rating": (best["place"] == 1).mean(),
    }
