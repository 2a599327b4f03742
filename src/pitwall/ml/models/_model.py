"""What a model is: what is trained, registered and promoted as `<name>-<stage>`, and answers one template or several."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from pitwall.domain.params import ModelParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import FeatureGroup
from pitwall.ml.families import Family, family
from pitwall.ml.rows import RowKind, row_kind


@dataclass(frozen=True)
class Model:
    """One model.

    Attributes:
        name: of the model and its file, e.g. `order`.
        family: name of its family of answers.
        rows: name of its row kind.
        feature_set: the features that its frames hold.
        summary: what it does, in words that need no knowledge of the code; finishes the sentence "This model ...".
        lead: how its questions are introduced.
        settings: how it is trained where params.yaml does not list it.
        does: how its card introduces its questions, where that takes more words than `lead`.
        place: what a place is that its answers give chances of, in words, for orders.
        limits: what its answers cannot be, sentence by sentence, for its card.
        optional: groups of its set that a project may lack: where no source tells anything of them their columns are empty, and it
            learns without. Of all others an empty column is a fault.
        start: the feature that the answers about a number start from: estimators learn what is to be added to it. Empty: none.
        columns: of its short table of a backtest, {title: (question, metric)}; where empty, all that its question is scored by.
        of: the shipped model whose family, rows and recipes a user's model has; empty of one that ships.
        features: that it reads, where these are not all of its set.
        custom: groups of a user's own among them.
        chosen: the rows that it learns from, of all of its kind; None for all.
        spec: what was ordered, of a user's model, for its run.
    """

    name: str
    family: str
    rows: str
    feature_set: str
    summary: str
    lead: str = "It answers"
    settings: ModelParams = ModelParams()
    does: str = ""
    place: str = "finishing place"
    limits: tuple[str, ...] = (
        "Publication times before the live feed are assumed by rule.",
        "Rows of one race share its luck: its forecasts err together.",
    )
    optional: tuple[str, ...] = ()
    start: str = ""
    columns: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    of: str = ""
    features: tuple[str, ...] = ()
    custom: tuple[FeatureGroup, ...] = ()
    chosen: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    spec: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def answers(self) -> Family:
        """The family of its answers."""
        return family(self.family)

    @cached_property
    def kind(self) -> RowKind:
        """The kind of its rows."""
        return row_kind(self.rows)

    @property
    def written(self) -> str:
        """The name by which a recipe knows it: a shipped one, so that a user's model can be read where its spec is not."""
        return self.of or self.name

    def spine(self, tables: Tables, stage: str) -> pd.DataFrame:
        """Return the rows that it is trained on at a stage, without features; see `RowKind.spine`."""
        rows = self.kind.spine(tables, stage)
        return rows if self.chosen is None else self.chosen(rows)
