"""What a feature is worth at a stage, on some races: known before the cut-off, known only later, or without data, and why."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from pitwall.domain.when import Stage
from pitwall.features.machinery.group import Feature, FeatureGroup
from pitwall.ml.rows import RowKind
from pitwall.workflows.orders.counts import ROWS

KNOWN, LATER, NO_DATA, OTHER_ROWS = "known before the cut-off", "known only later", "requires more data", "other rows"
STAGES = list(Stage)


@dataclass(frozen=True)
class FeatureView:
    """One feature at a stage.

    Attributes:
        feature: what it is.
        state: `KNOWN`, `LATER`, `NO_DATA` or `OTHER_ROWS`: its leak class, or why it cannot be had.
        why: in words; empty where it is known.
        share: of the chosen rows that hold a value.
    """

    feature: Feature
    state: str
    why: str
    share: float

    @property
    def usable(self) -> bool:
        """Whether a model can learn from it."""
        return self.state == KNOWN


@dataclass(frozen=True)
class GroupView:
    """A group of features at a stage.

    Attributes:
        group: what it is.
        meaning: in a sentence.
        own: whether the question's model reads it by itself.
        chosen: whether it is part of the order.
        features: each of its features.
    """

    group: FeatureGroup
    meaning: str
    own: bool
    chosen: bool
    features: tuple[FeatureView, ...]

    @property
    def usable(self) -> bool:
        """Whether a model can learn from any of it."""
        return any(each.usable for each in self.features)

    @property
    def state(self) -> str:
        """`KNOWN` where some feature is, else why none is: the state that most of them have."""
        if self.usable:
            return KNOWN
        states = [each.state for each in self.features]
        return max(dict.fromkeys(states), key=states.count)

    @property
    def why(self) -> str:
        """Why features cannot be had, each reason once; empty where all can."""
        return "; ".join(dict.fromkeys(each.why for each in self.features if each.why))

    @property
    def share(self) -> float:
        """The mean share of rows with a value, over the features that can be had; 0 where none can."""
        shares = [each.share for each in self.features if each.usable]
        return sum(shares) / len(shares) if shares else 0.0


@dataclass(frozen=True)
class Seen:
    """What features are looked at on: a stage, a kind of rows, the counts of the chosen races, and which tables are empty."""

    stage: str
    kind: RowKind
    races: pd.DataFrame
    empty: Collection[str]

    def view(self, feature: Feature, group: FeatureGroup) -> FeatureView:
        """Return what a feature of a group is worth."""
        if lacking := sorted(set(group.keys) - set(self.kind.columns)):
            why = f"it is known by {', '.join(lacking)}, and rows of {self.kind.nouns[1]} have none"
            return FeatureView(feature, OTHER_ROWS, why, 0.0)
        if STAGES.index(feature.since) > STAGES.index(Stage(self.stage)):
            why = f"first known at {feature.since.value}, after the cut-off of {self.stage}"
            return FeatureView(feature, LATER, why, 0.0)
        rows = int(self.races[ROWS].sum())
        share = float(self.races[feature.name].sum() / rows) if rows else 0.0
        return FeatureView(feature, KNOWN, "", share) if share else self._without(feature, group)

    def _without(self, feature: Feature, group: FeatureGroup) -> FeatureView:
        missing = sorted(set(group.reads) & set(self.empty))
        why = f"the project's sources bring no {' and no '.join(missing)}" if missing else "no chosen row has a value"
        return FeatureView(feature, NO_DATA, why, 0.0)


def meaning(group: FeatureGroup) -> str:
    """Return what a group is, as its own file says it in its first sentence."""
    module = sys.modules.get(group.compute.__module__)
    said = inspect.getdoc(module) if module else None
    return " ".join((said or group.name.replace("_", " ")).split("\n\n")[0].split())
