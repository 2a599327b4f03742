"""The answer of the order family: P(place) per car, one column per place; each race's block is doubly stochastic."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from pitwall.domain.errors import AnswerError
from pitwall.ml.rows.machinery.race_blocks import race_blocks

PREFIX = "place_"
CLOSE = 1e-6  # of a sum of probabilities
NUMBERS = {"season"}  # what may stand before the places of a table of numbers alone


class _Where(NamedTuple):
    """Where the places stand among names: which they are in order, from which column on if nothing follows, and whether beside numbers alone."""

    columns: tuple[str, ...]
    first: int | None
    numbers: bool


def place_columns(names: Iterable[str]) -> list[str]:
    """Return the place columns among names in order: place_1, place_2, ..."""
    return list(_where(tuple(names)).columns)


@lru_cache(maxsize=64)
def _where(names: tuple[str, ...]) -> _Where:
    """Look places up, once for names that come again and again, as those of answers of one size do."""
    found = [name for name in names if str(name).startswith(PREFIX)]
    columns = tuple(sorted(found, key=lambda name: int(name.removeprefix(PREFIX))))
    first = len(names) - len(columns)
    last = names[first:] == columns
    return _Where(columns, first if last else None, last and set(names[:first]) <= NUMBERS)


@lru_cache(maxsize=64)
def _of_places(count: int) -> pd.Index:
    return pd.Index([f"{PREFIX}{place + 1}" for place in range(count)], dtype=object)


def places(positions: np.ndarray, index: pd.Index | None = None) -> pd.DataFrame:
    """Return a position matrix, rows x places, as an answer."""
    return pd.DataFrame(positions, index=index, columns=_of_places(positions.shape[1]))


def position_matrix(predictions: pd.DataFrame) -> np.ndarray:
    """Return the probabilities of a predictions table, rows x places."""
    where = _where(tuple(predictions.columns))
    if where.numbers:  # as a server has them: nothing is chosen or copied
        return np.asarray(predictions.to_numpy(np.float64)[:, where.first :])
    if where.first is not None:
        return np.asarray(predictions.iloc[:, where.first :], dtype=np.float64)
    return np.asarray(predictions[list(where.columns)], dtype=np.float64)


def up_to(predictions: pd.DataFrame, cars: Callable[[int], int]) -> pd.Series:
    """Return P(place <= cars(season)) per row of a predictions table."""
    places = position_matrix(predictions)
    season = predictions["season"].to_numpy()
    if places.size and (season == season[0]).all():  # as in one race
        counted = places.cumsum(axis=1)[:, min(cars(int(season[0])), places.shape[1]) - 1]
        return pd.Series(np.clip(counted, 0.0, 1.0), index=predictions.index)
    seasons, which = np.unique(season, return_inverse=True)
    limits = np.array([min(cars(int(season)), places.shape[1]) for season in seasons], dtype=np.int64)[which]
    counted = (places.cumsum(axis=1) if places.shape[1] else places)[np.arange(len(predictions)), limits - 1]
    return pd.Series(np.clip(counted, 0.0, 1.0), index=predictions.index)


def check(answer: pd.DataFrame, race: pd.Series) -> None:
    """Raise AnswerError unless each car takes one place and each place one car, and none lies beyond the field."""
    positions = position_matrix(answer)
    if not np.isfinite(positions).all() or (positions < 0).any():
        raise AnswerError("a chance of a place is negative or no number; answer with probabilities.")
    blocks = race_blocks(race.to_numpy())
    chances = np.where(blocks.mask[:, :, None], positions[blocks.rows], 0.0)
    sizes = blocks.mask.sum(axis=1)
    taken = np.arange(positions.shape[1])[None, :] < sizes[:, None]
    apart = max(
        float(np.abs(chances.sum(axis=2) - blocks.mask).max(initial=0.0)),
        float(np.abs(chances.sum(axis=1) - taken).max(initial=0.0)),
    )
    if apart > CLOSE:
        raise AnswerError(
            f"the chances of a race add up to something else than one car a place and one place a car (by {apart:.2g}); "
            "scale each race's block until its rows and columns sum to one."
        )
