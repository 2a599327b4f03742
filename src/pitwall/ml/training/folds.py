"""Which races a fold learns from: all before the scored ones, or a window of seasons, without the races of an embargo.

What a user may ask for instead, a shuffled K-fold or a splitter of scikit-learn, is refused here with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import ShuffledFolds, UsageError
from pitwall.domain.keys import BLOCK, WHEN
from pitwall.domain.params import FoldParams, Params, parse_params
from pitwall.ml.estimators._estimator import Labelled

FACT = "folds"  # of a recipe: how its rows were chosen, where not as usual


def kept(frame: pd.DataFrame, how: FoldParams) -> np.ndarray:
    """Return which rows a fold learns from, of those that precede what it scores.

    Args:
        frame: rows with a known outcome, before the scored races.
        how: the window counts seasons that have such rows, the embargo races, from the last one back.
    """
    rows = np.ones(len(frame), dtype=bool)
    if how.window_seasons is not None:
        seasons = np.unique(frame["season"])[-how.window_seasons :]
        rows &= frame["season"].isin(seasons).to_numpy()
    if how.embargo_races:
        races = frame[[*WHEN, BLOCK]].drop_duplicates().sort_values([*WHEN, BLOCK])[BLOCK]
        rows &= ~frame[BLOCK].isin(races.iloc[-how.embargo_races :]).to_numpy()
    return rows


def within(rows: Labelled, how: FoldParams) -> Labelled:
    """Return the labelled rows that a fold learns from."""
    frame, outcome = rows
    chosen = kept(frame, how)
    return rows if chosen.all() else (frame[chosen].reset_index(drop=True), outcome[chosen].reset_index(drop=True))


def refitted_on(rows: Labelled, facts: Mapping[str, Any]) -> Labelled:
    """Return the rows that the model which answers learns from: the window of the folds that it was judged by, up to the newest race.

    Args:
        rows: all labelled ones.
        facts: of the model's recipe.
    """
    return within(rows, FoldParams(**facts.get(FACT, {})).model_copy(update={"embargo_races": 0}))


def fact_of(how: FoldParams) -> dict[str, Any]:
    """Return how rows were chosen as a recipe's fact; nothing where as usual."""
    said = how.way.model_dump(mode="json")
    return {FACT: said} if said else {}


def asked_folds(folds: object = None, window_seasons: int | None = None, embargo_races: int = 0) -> FoldParams | None:
    """Return the folds that somebody asked for in words; None for those of params.yaml.

    Args:
        folds: `expanding`, `rolling`, or FoldParams.
        window_seasons: of `rolling`.
        embargo_races: left out between what is learned from and what is scored.

    Raises:
        ShuffledFolds: a shuffled K-fold was asked for, or a splitter of scikit-learn was given.
        UsageError: there are no such folds, or a number is out of range.
    """
    refuse_splitter(folds)
    if isinstance(folds, FoldParams):
        return folds.way
    if folds is None and window_seasons is None and not embargo_races:
        return None
    kind = folds or ("expanding" if window_seasons is None else "rolling")
    said = {"folds": kind, "window_seasons": window_seasons, "embargo_races": embargo_races}
    try:
        return parse_params({"training": said}).training.way
    except ShuffledFolds:
        raise
    except UsageError as error:
        raise UsageError(str(error).replace("params.yaml: training", "folds", 1)) from None


def refuse_splitter(asked: object) -> None:
    """Refuse what splits rows (a splitter of scikit-learn); raise ShuffledFolds with the reason."""
    if callable(getattr(asked, "split", None)) and not isinstance(asked, str):
        raise ShuffledFolds(repr(asked), splitter=True)


def with_folds(params: Params, folds: FoldParams | None) -> Params:
    """Return parameters whose judging and validation go by these folds; as they were for None."""
    if folds is None:
        return params
    said = {name: getattr(folds, name) for name in FoldParams.model_fields}
    training, tuning = (section.model_copy(update=said) for section in (params.training, params.tuning))
    return params.model_copy(update={"training": training, "tuning": tuning})
