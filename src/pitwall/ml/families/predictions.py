"""The predictions table: what every model says of every car, and the only thing that scores, gates and reports read.

Columns: model, role (model or baseline), race_id, season, round, driver_id, constructor_id, place_1 .. place_N (float64
probabilities, N the largest field; zero beyond a race's field). One row per model and car.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.domain.errors import StageError

FILE = "predictions.parquet"
KEYS = ["race_id", "season", "round", "driver_id", "constructor_id"]


def prediction_table(model: str, role: str, frame: pd.DataFrame, positions: np.ndarray) -> pd.DataFrame:
    """Return the predictions of one model for the rows of a frame.

    Args:
        model: the estimator's name.
        role: `model` or `baseline`.
        frame: rows with the columns of `KEYS`.
        positions: rows x places.
    """
    places = pd.DataFrame(positions, index=frame.index, columns=[f"place_{k + 1}" for k in range(positions.shape[1])])
    table = pd.concat([frame[KEYS], places], axis=1)
    table.insert(0, "role", role)
    table.insert(0, "model", model)
    return table.reset_index(drop=True)


def place_columns(predictions: pd.DataFrame) -> list[str]:
    """Return the place columns in order: place_1, place_2, ..."""
    found = [name for name in predictions.columns if name.startswith("place_")]
    return sorted(found, key=lambda name: int(name.removeprefix("place_")))


def position_matrix(predictions: pd.DataFrame) -> np.ndarray:
    """Return the probabilities of a predictions table, rows x places."""
    return np.asarray(predictions[place_columns(predictions)], dtype=np.float64)


def stack(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Put predictions tables below each other; places that a smaller field lacks are zero."""
    joined = pd.concat(tables, ignore_index=True)
    places = place_columns(joined)
    joined[places] = joined[places].fillna(0.0)
    return joined[[name for name in joined.columns if name not in places] + places]


def by_model(predictions: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return {model name: its rows}, sorted by name."""
    return {str(name): rows.reset_index(drop=True) for name, rows in predictions.groupby("model", sort=True)}


def save_predictions(predictions: pd.DataFrame, folder: Path) -> None:
    """Write `predictions.parquet` into a folder, sorted by model, time and driver."""
    ordered = predictions.sort_values(["model", "season", "round", "driver_id"], kind="stable")
    ordered.to_parquet(folder / FILE, index=False)


def load_predictions(folder: Path) -> pd.DataFrame:
    """Read `predictions.parquet` of a folder (`models/<name>`, its `model` or its `baseline`).

    Raises:
        StageError: there is none; says which command makes it.
    """
    path = folder / FILE
    if not path.is_file():
        raise StageError(f"no predictions at {path}; make them with `dvc repro` or `pitwall train`.")
    return pd.read_parquet(path)
