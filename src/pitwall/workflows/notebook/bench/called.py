"""Answers about the order of cars read as yes or no: the cars that stand first in a race are called, as many as the event comes true for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from pitwall.ml.families import Classes, Metric
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks
from pitwall.ml.templates import Template

NAMES, RULE = ("yes", "no"), "called: the likeliest of each race"


def called_first(question: Template) -> Classes:
    """Return how an event of some cars of each race is called: for as many cars of a race as it comes true for, the likeliest.

    Args:
        question: of the order family; one that does not say for how many cars calls one.
    """

    def said(rows: pd.DataFrame) -> np.ndarray:
        cars = rows["season"].map(question.cars) if question.cars else pd.Series(1, index=rows.index)
        place = rows["probability"].groupby(rows["race_id"]).rank(ascending=False, method="first")
        return np.where(place <= cars, 0, 1)

    return Classes(
        names=lambda rows: NAMES,
        said=said,
        true=lambda rows: np.where(rows["label"].to_numpy(dtype=bool), 0, 1),
        chances=_chances,
        rule=RULE,
    )


def called_metrics(how: Classes, count: int) -> list[Metric]:
    """Return accuracy, and of two classes precision, recall and F1 of the first, as shares over all rows; of an order the accuracy of what is called.

    Args:
        how: answers are read as classes.
        count: of the classes.
    """

    def counts(rows: pd.DataFrame, blocks: RaceBlocks) -> np.ndarray:
        said, true = how.said(rows), how.true(rows)
        cases = ((said == 0) & (true == 0), (said == 0) & (true != 0), (said != 0) & (true == 0), said == true)
        each = [np.bincount(blocks.race, case.astype(np.float64), minlength=blocks.count) for case in cases]
        return np.column_stack([*each, np.bincount(blocks.race, minlength=blocks.count).astype(np.float64)])

    def share(
        top: Callable[[np.ndarray], np.ndarray], below: Callable[[np.ndarray], np.ndarray]
    ) -> Callable[..., np.ndarray]:
        def statistic(sums: np.ndarray, _races: int) -> np.ndarray:
            under = below(sums)
            return np.asarray(np.divide(top(sums), under, out=np.zeros(len(sums)), where=under > 0))

        return statistic

    called = share(
        lambda s: s[:, 0], lambda s: s[:, 0] + s[:, 1]
    )  # of an order: all cars that are not called would count as right
    shares = {
        "accuracy": called if how.rule == RULE else share(lambda s: s[:, 3], lambda s: s[:, 4]),
        "precision": share(lambda s: s[:, 0], lambda s: s[:, 0] + s[:, 1]),
        "recall": share(lambda s: s[:, 0], lambda s: s[:, 0] + s[:, 2]),
        "f1": share(lambda s: 2 * s[:, 0], lambda s: 2 * s[:, 0] + s[:, 1] + s[:, 2]),
    }
    return [
        Metric(name, "share", higher_is_better=True, sums=counts, statistic=each)
        for name, each in shares.items()
        if name == "accuracy" or count == len(NAMES)
    ]


def _chances(rows: pd.DataFrame) -> Mapping[str, np.ndarray]:
    return {"yes": rows["probability"].to_numpy(dtype=np.float64)}
