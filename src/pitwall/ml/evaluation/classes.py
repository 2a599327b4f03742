"""Answers read as classes: which was said how often where which came true, the curves behind every threshold, accuracy and F1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pitwall.domain.numbers import Interval
from pitwall.domain.params import GateParams
from pitwall.ml.evaluation.bootstrap import statistic_interval
from pitwall.ml.evaluation.scoring import family_of, metric_interval
from pitwall.ml.families import Classes
from pitwall.ml.rows.machinery.race_blocks import race_blocks
from pitwall.ml.templates import Template


@dataclass(frozen=True)
class Confusion:
    """What came true (first) against what was said (second).

    Attributes:
        names: of the classes, in order.
        counts: number of rows, classes x classes.
        intervals: {(true, said): its number of rows, whole races resampled}.
    """

    names: tuple[str, ...]
    counts: np.ndarray
    intervals: dict[tuple[str, str], Interval]

    @property
    def shares(self) -> dict[str, float]:
        """How often each class came true."""
        return dict(zip(self.names, self.counts.sum(axis=1) / self.counts.sum(), strict=True))


def confusion(classes: Classes, rows: pd.DataFrame, gates: GateParams, seed: int) -> Confusion:
    """Count said and true classes.

    Args:
        classes: how the family reads answers.
        rows: scored rows of one estimator.
        gates: say how many draws of races, and the level.
        seed: of the draws.
    """
    names, blocks = classes.names(rows), race_blocks(rows["race_id"].to_numpy())
    cell = classes.true(rows) * len(names) + classes.said(rows)
    per_race = np.zeros((blocks.count, len(names) ** 2))
    np.add.at(per_race, (blocks.race, cell), 1.0)
    found = {}
    for number in range(len(names) ** 2):
        place = names[number // len(names)], names[number % len(names)]
        sums = per_race[:, [number]]
        found[place] = statistic_interval(sums, _total, gates.bootstrap_draws, seed, gates.confidence)
    counts = per_race.sum(axis=0).astype(np.int64).reshape(len(names), len(names))
    return Confusion(names, counts, found)


def counted(template: Template, known: pd.DataFrame, gates: GateParams, seed: int) -> dict[str, Interval]:
    """Return them with their race-block intervals; nothing where the answers are numbers.

    Args:
        template: the question.
        known: scored rows of one estimator.
        gates: say how many draws of races, and the level.
        seed: of the draws.
    """
    metrics = family_of(template).counted.metrics
    return {name: metric_interval(metric, known, gates, seed) for name, metric in metrics.items()}


def rule(template: Template) -> str:
    """Return which answers count as what, in words."""
    own = f" Here it calls {template.call.rule}." if template.call else ""
    return f"{family_of(template).counted.rule}{own}"


def curves(classes: Classes, rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return {class: `threshold`, `precision`, `recall` and `false_alarms` (share of the rows without it) at each threshold, the highest first}."""
    names, true = classes.names(rows), classes.true(rows)
    return {name: _curve(chance, true == names.index(name)) for name, chance in classes.chances(rows).items()}


def _total(sums: np.ndarray, _races: int) -> np.ndarray:
    return np.asarray(sums[:, 0])


def _curve(chance: np.ndarray, happened: np.ndarray) -> pd.DataFrame:
    threshold, level = np.unique(-chance, return_inverse=True)
    hits = np.cumsum(np.bincount(level, happened))
    alarms = np.cumsum(np.bincount(level, ~happened))
    return pd.DataFrame(
        {
            "threshold": -threshold,
            "precision": hits / (hits + alarms),
            "recall": hits / max(hits[-1], 1.0),
            "false_alarms": alarms / max(alarms[-1], 1.0),
        }
    )
