"""What somebody ordered: a question, the rows and features to learn from, an algorithm and how it is fitted, as plain data.

A spec says all that the training of a user's model needs beside the project's tables and parameters, so that a process that never
saw the notebook can do it again. Functions of the user's own are in it as source; rows, and labels that no function makes, lie in
files beside it and are known by their hashes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from pitwall.domain.errors import StageError
from pitwall.features.machinery.custom.auto import auto_group, own_column
from pitwall.features.machinery.custom.history import HistoryFeature
from pitwall.features.machinery.group import FeatureGroup
from pitwall.ml.specs.code import load_function

FORMAT = 1
SHORT = 8  # letters of a hash in the name of a model that nobody named


@dataclass(frozen=True)
class OwnFeature:
    """A feature of the session: what `HistoryFeature` says of it, its function as source."""

    name: str
    source: str
    unit: str
    meaning: str
    version: int
    needs: tuple[str, ...]
    vectorised: bool

    def group(self) -> FeatureGroup:
        """Return its feature group, made of the source."""
        said = {name: value for name, value in vars(self).items() if name != "source"}
        return HistoryFeature(**said, function=load_function(self.source)).group()


@dataclass(frozen=True)
class OwnGroup:
    """Generated features of the session: the columns that they are made of, with the source of those that are functions, and their names."""

    name: str
    columns: Mapping[str, str]
    features: tuple[str, ...]

    def group(self) -> FeatureGroup:
        """Return the feature group, generated again from the names."""
        base = {
            column: load_function(source) if source else own_column(column) for column, source in self.columns.items()
        }
        return auto_group(self.name, base, self.features)


@dataclass(frozen=True)
class OwnTarget:
    """A target of the user's own.

    Attributes:
        family: of the answers.
        baseline: the rule of the family that must be beaten.
        source: of the function of tables that says what came true; empty where the labels lie in a file.
        tables: canonical tables that the function reads.
        loss: the main loss.
        metrics: all that it is scored by.
        classes: of a question with classes, in their order.
    """

    family: str
    baseline: str
    source: str
    tables: tuple[str, ...]
    loss: str
    metrics: tuple[str, ...]
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelSpec:
    """The order of one model.

    Attributes:
        target: a template's name, or that of the user's own target.
        stage: when it forecasts.
        rows: the row kind.
        features: that it reads, in order.
        algorithm: the estimator.
        keys: sha256 of the file of rows.
        first_season: of the rows.
        empty: further columns of the rows, of which none has a value: what reads columns of its own choice may ask for them.
        own: the user's own target; None for a template.
        labels: sha256 of the file of labels, where no function makes them.
        custom: features of the session among `features`.
        generated: groups of generated features among them.
        params: parameters of the estimator that are others than its defaults.
        tuning: of the search, as in params.yaml.
        folds: of the judgement, where they are not the project's.
        held_out_seasons: how many it is judged on; 0 for as many as the project's models.
        seed: of every random choice.
        selection: how the rows were chosen, for people.
        found: how a search within a budget found algorithm and parameters, which are settled then: its settings, and how many trials
            each estimator had, by which it is repeated without a clock.
    """

    target: str
    stage: str
    rows: str
    features: tuple[str, ...]
    algorithm: str
    keys: str
    first_season: int
    empty: tuple[str, ...] = ()
    own: OwnTarget | None = None
    labels: str = ""
    custom: tuple[OwnFeature, ...] = ()
    generated: tuple[OwnGroup, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    tuning: Mapping[str, Any] = field(default_factory=dict)
    folds: Mapping[str, Any] = field(default_factory=dict)
    held_out_seasons: int = 0
    seed: int = 7
    selection: Mapping[str, Any] = field(default_factory=dict)
    found: Mapping[str, Any] = field(default_factory=dict)

    def content(self) -> dict[str, Any]:
        """Return the spec as JSON values; what is left at its default is not there."""
        said = {name: value for name, value in asdict(self).items() if value not in (None, "", 0, (), [], {})}
        return json.loads(json.dumps({"format": FORMAT, **said}, sort_keys=True))  # type: ignore[no-any-return]

    @cached_property
    def hash(self) -> str:
        """The sha256 of the content: equal for equal orders."""
        return hashlib.sha256(json.dumps(self.content(), sort_keys=True).encode()).hexdigest()

    @property
    def draft(self) -> str:
        """The name of the model until it is given one."""
        return f"{self.target}_{self.hash[:SHORT]}"

    @property
    def functions(self) -> list[str]:
        """What of the order is code: names of the user's own target and features, which run wherever the model is trained."""
        generated = [group.name for group in self.generated if any(group.columns.values())]
        target = [self.target] if self.own is not None and self.own.source else []
        return [*target, *(each.name for each in self.custom), *generated]

    @property
    def groups(self) -> tuple[FeatureGroup, ...]:
        """The groups of features that the user brought."""
        return (*(each.group() for each in self.custom), *(each.group() for each in self.generated))

    @classmethod
    def of_content(cls, content: Mapping[str, Any]) -> ModelSpec:
        """Return the spec that some JSON values say.

        Raises:
            StageError: they are of a format that this version does not read.
        """
        if content.get("format") != FORMAT:
            raise StageError(
                f"the spec of a model has the format {content.get('format')}; this version reads {FORMAT}. Train it again."
            )
        said = {name: value for name, value in content.items() if name != "format"}
        lists: dict[str, Any] = {name: tuple(said[name]) for name in ("features", "empty") if name in said}
        custom = tuple(OwnFeature(**{**each, "needs": tuple(each["needs"])}) for each in said.get("custom", ()))
        made = tuple(OwnGroup(**{**each, "features": tuple(each["features"])}) for each in said.get("generated", ()))
        told: Mapping[str, Any] = said.get("own", {})
        own: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
        parts: dict[str, Any] = {**said, **lists, "custom": custom, "generated": made}
        return cls(**{**parts, "own": OwnTarget(**own) if own else None})
