"""What a card is written about: a version with what the gates see of it, and the manifest of its run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pitwall.domain.ports import ModelVersion
from pitwall.ml.gates import Candidate
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.models.machinery.recipe import Recipe
from pitwall.report.content.document import UNKNOWN


@dataclass(frozen=True)
class Described:
    """A version, what the gates see of it, its run's manifest (empty where there is none), and the model itself where it is at hand."""

    version: ModelVersion
    candidate: Candidate
    manifest: Mapping[str, Any] = field(default_factory=dict)
    model: FittedModel | None = None

    @property
    def recipe(self) -> Recipe:
        """What the model was made by."""
        assert self.candidate.recipe is not None
        return self.candidate.recipe

    @property
    def judged_here(self) -> bool:
        """Whether the tables hold results of the races that the version was judged on; they may be another source's."""
        return bool(set(self.candidate.own["race_id"]) & set(self.candidate.tables["results"]["race_id"]))

    def said(self, *path: str) -> object:
        """Return a value of the manifest by the names of its sections; unknown where it is not there."""
        value: object = self.manifest
        for name in path:
            if not isinstance(value, Mapping) or name not in value:
                return UNKNOWN
            value = value[name]
        return value

    def tag(self, name: str) -> str:
        """Return a tag of the version; unknown where there is none."""
        return self.version.tags.get(name) or UNKNOWN
