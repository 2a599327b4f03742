"""Permutation importance by feature group: how much worse the forecast is when a group's columns are shuffled.

Rows of one race (its cars, its laps) swap all columns of the group together, so that the race keeps its field and only the link
between row and group is cut; where a race is one row, the races of the season swap. The models are those of the walk-forward
folds, the races those that they never saw. Each race is shuffled once: over many races the luck of the shuffle is small beside
that of the races, and the interval holds both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.params import GateParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import FeatureGroup
from pitwall.ml.evaluation.bootstrap import paired_difference
from pitwall.ml.evaluation.scoring import template_scores
from pitwall.ml.templates import Template


def feature_groups(groups: Iterable[FeatureGroup], features: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return {group name: its columns among `features`}, groups without any left out.

    Columns that no group claims stand each under their own name.
    """
    left = list(features)
    found: dict[str, tuple[str, ...]] = {}
    for group in groups:
        columns = tuple(name for name in left if name in group.names)
        if columns:
            found[group.name] = columns
    claimed = {name for columns in found.values() for name in columns}
    return found | {name: (name,) for name in left if name not in claimed}


def permuted_frames(frame: pd.DataFrame, groups: Mapping[str, tuple[str, ...]], seed: int) -> dict[str, pd.DataFrame]:
    """Return {group: the frame with the group's columns shuffled within each race, or among races of one row each}."""
    frames = {}
    race = np.zeros(len(frame)) if frame["race_id"].is_unique else frame["race_id"].to_numpy()
    still = np.lexsort((np.arange(len(frame)), race))
    for number, (group, columns) in enumerate(sorted(groups.items())):
        shuffled = np.lexsort((np.random.default_rng([seed, number]).random(len(frame)), race))
        frames[group] = frame.copy()
        for column in columns:
            values = frame[column].to_numpy().copy()
            values[still] = frame[column].to_numpy()[shuffled]
            frames[group][column] = values
    return frames


def importance_rows(
    template: Template,
    own: pd.DataFrame,
    shuffled: pd.DataFrame,
    tables: Tables,
    *,
    stage: str,
    gates: GateParams,
    seed: int,
) -> list[dict[str, Any]]:
    """Return one row per group: how much the main loss of `own` grows when the group is shuffled, with its interval.

    Args:
        template: whose main loss is meant.
        own: the predictions that count.
        shuffled: predictions on the permuted frames; `permuted` says which.
        tables: for the labels.
        stage: of the forecast.
        gates: draws and confidence.
        seed: of the draws.
    """
    whole = template_scores(template, own, tables)[template.loss]
    rows = []
    for group, predictions in shuffled.groupby("permuted"):
        cut = template_scores(template, predictions, tables)[template.loss]
        found = paired_difference(
            whole.to_numpy(), cut[whole.index].to_numpy(), gates.bootstrap_draws, seed, gates.confidence
        )
        head = {"template": template.name, "stage": stage, "group": group, "metric": template.loss}
        rows.append(head | {"value": found.value, "low": found.low, "high": found.high, "n": found.n})
    return sorted(rows, key=lambda row: -row["value"])
