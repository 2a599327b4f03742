"""Small labelled frames of the order model to run checks and trainings on, made in memory."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pitwall.domain.keys import RACE_DRIVER
from pitwall.domain.tables import Tables
from pitwall.ml.estimators import Fitted
from pitwall.ml.training.splits import labelled, outcomes
from pitwall.testing.worlds.frames import order_frame

KEY = list(RACE_DRIVER)


def labelled_races(
    races: int = 60, cars: int = 18, seed: int = 0, signal: float = 3.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a frame and an outcome in which the grid decides, blurred by luck; some features are null."""
    rng = np.random.default_rng(seed)
    race = np.repeat(np.arange(1, races + 1), cars)
    grid = np.concatenate([rng.permutation(cars) + 1 for _ in range(races)]).astype("float64")
    time = rng.exponential(size=len(race)) * np.exp(signal * np.log(grid) / 2)
    rating = -np.log(grid) + rng.normal(0, 0.5, len(race))
    season = 2000 + (race - 1) // 10
    frame = pd.DataFrame(
        {
            "race_id": race,
            "driver_id": np.tile(np.arange(1, cars + 1), races),
            "constructor_id": np.tile(np.arange(cars) // 2 + 1, races),
            "circuit_id": race % 7 + 1,
            "season": season,
            "round": (race - 1) % 10 + 1,
            "cutoff": pd.Timestamp("2000-03-01", tz="UTC") + pd.to_timedelta(race * 14, unit="D"),
            "grid": grid,
            "qualifying_gap_pct": np.where(rng.random(len(race)) < 0.1, np.nan, 0.1 * grid),
            "driver_race_rating": np.where(rng.random(len(race)) < 0.1, np.nan, rating),
            "team_race_rating": rng.normal(size=len(race)),
            "championship_place": np.where(rng.random(len(race)) < 0.1, np.nan, grid),
            **_more_features(np.random.default_rng(seed + 1), grid, rating),
        }
    )
    place = pd.Series(time).groupby(race).rank(method="first").astype("int64")
    retired = (place > cars - 2).to_numpy() & (cars > 3)
    return frame, pd.DataFrame({"place": place, "retired": retired})


def _more_features(rng: np.random.Generator, grid: np.ndarray, rating: np.ndarray) -> dict[str, np.ndarray]:
    """Return the other columns that estimators ask for; a tenth of each is null."""
    columns = {
        "qualifying_place": grid,
        "driver_last_place": grid,
        **{f"fp{number}_gap_pct": 0.1 * grid for number in (1, 2, 3)},
        "driver_running_sd": np.full(len(grid), 0.3),
        "team_running_sd": np.full(len(grid), 0.3),
        "team_unclassified_rate": np.full(len(grid), 0.2),
    }
    for name in ("running", "lap_pace", "qualifying", "practice"):
        columns[f"driver_{name}_rating"] = rating + rng.normal(0, 0.5, len(grid))
        columns[f"team_{name}_rating"] = rng.normal(0, 0.5, len(grid))
    return {name: np.where(rng.random(len(grid)) < 0.1, np.nan, values) for name, values in columns.items()}


def said(fitted: Fitted, frame: pd.DataFrame) -> np.ndarray:
    """Return an answer as a matrix, rows x answer columns."""
    return np.asarray(fitted.answer(frame), dtype=np.float64)


def labelled_order(tables: Tables) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `order_frame` and its outcome, races without results left out."""
    frame = order_frame(tables)
    return labelled("order", frame, outcomes("order", tables, frame))
