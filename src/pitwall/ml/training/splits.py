"""Splits forward in time, whole races only, with the labels of the test races kept away from the model.

Rows of one race share its outcome and later races explain earlier ones, so a shuffled split scores a model on what it
has seen. There is no function here that shuffles, and the one that people reach for says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

import pandas as pd

from pitwall.domain.errors import ShuffledFolds, StageError
from pitwall.domain.params import FoldParams
from pitwall.domain.tables import Tables
from pitwall.ml.models import model
from pitwall.ml.templates import answered_by
from pitwall.ml.training.folds import within

EXPANDING = FoldParams()


@dataclass(frozen=True)
class Fold:
    """Train on labelled races before `season`, predict the races of `season`. `test` carries no label."""

    season: int
    train: pd.DataFrame
    outcome: pd.DataFrame
    test: pd.DataFrame


def outcomes(name: str, tables: Tables, frame: pd.DataFrame) -> pd.DataFrame:
    """Return what a model learns from, for each row of a frame; null where it is not known.

    Args:
        name: of the model, e.g. `order`, whose family has `place` (1 is best, without gaps) and `retired`.
        tables: canonical tables, those of the model's question among them.
        frame: rows of the model's kind.
    """
    definition = model(name)
    return definition.answers.outcome(tables, frame, definition.kind.key, answered_by(name)[0].told)


def known_rows(name: str, outcome: pd.DataFrame) -> pd.Series:
    """Return for which rows the outcome is known."""
    return outcome[model(name).answers.known_by].notna()


def labelled(name: str, frame: pd.DataFrame, outcome: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of a model's frame with a known outcome, types settled."""
    known = known_rows(name, outcome)
    kept = outcome[known].astype(dict(model(name).answers.outcome_types))
    return frame[known].reset_index(drop=True), kept.reset_index(drop=True)


def season_races(tables: Tables) -> pd.DataFrame:
    """Return the calendar's races: race_id, season and whether a race has results.

    A race without results that later ones with results have passed over will have none: it does not keep its season open.
    """
    newest = tables.only("races", "results").as_of()
    races = newest["races"][["race_id", "season", "starts_at"]]
    races = races.assign(run=races["race_id"].isin(newest["results"]["race_id"]))
    passed_over = ~races["run"] & (races["starts_at"] < races.loc[races["run"], "starts_at"].max())
    return races.loc[~passed_over, ["race_id", "season", "run"]].reset_index(drop=True)


def completed_seasons(tables: Tables) -> list[int]:
    """Return the seasons all of whose calendar races have results, in order."""
    races = season_races(tables)
    done = races.groupby("season")["run"].all()
    return sorted(int(season) for season in done.index[done])


def held_out(completed: list[int], seasons: int) -> list[int]:
    """Return the last `seasons` completed seasons, at least one season being left to learn from.

    Raises:
        StageError: fewer than two seasons are complete.
    """
    if len(completed) < 2:
        raise StageError(
            f"judging needs at least two completed seasons, found {len(completed)}: {completed}. Ingest more seasons."
        )
    return completed[-min(seasons, len(completed) - 1) :]


def validation(completed: list[int], held: list[int], seasons: int) -> list[int]:
    """Return the seasons that tuning scores on: the last ones before the held-out ones, at most half of those left.

    With a single season before the held-out ones there is nothing to tune on, and the list is empty.
    """
    before = [season for season in completed if season < held[0]]
    return before[len(before) - min(seasons, len(before) // 2) :]


def walk_forward(
    name: str, frame: pd.DataFrame, outcome: pd.DataFrame, seasons: list[int], how: FoldParams = EXPANDING
) -> Iterator[Fold]:
    """Yield one fold per season: everything before it to learn from, its races with results to predict.

    A race that was not run has nothing to be scored by; of a season under way the fold is a part.

    Args:
        name: of the model.
        frame: rows of the model's kind.
        outcome: of `outcomes`.
        seasons: to predict.
        how: which of the races before a season are learned from; all of them by default.

    Raises:
        StageError: a season has no race with results in the frame, or none before it.
    """
    run = frame["race_id"].isin(frame.loc[known_rows(name, outcome), "race_id"])
    for season in seasons:
        before, test = frame["season"] < season, (frame["season"] == season) & run
        train, known = within(labelled(name, frame[before], outcome[before]), how)
        if train.empty or not test.any():
            missing = "race to learn from before" if train.empty else "race with results in"
            folds = f" ({told})" if (told := how.told()) else ""
            raise StageError(
                f"no {missing} season {season}{folds}; the frame has seasons {sorted(set(frame['season']))}."
            )
        yield Fold(season, train, known, frame[test].reset_index(drop=True))


def shuffled_k_fold(*_args: object, **_kwargs: object) -> NoReturn:
    """Refuse: a shuffled K-fold trains on the future of the races that it scores."""
    raise ShuffledFolds("shuffled_k_fold")
