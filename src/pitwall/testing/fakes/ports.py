"""Fakes of the registry and of the feature store, in memory: they keep what they are told and refuse what the real ones refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from pitwall.domain.errors import FeatureError, UnknownName
from pitwall.domain.params import Params
from pitwall.domain.ports import ModelInterface, ModelVersion, Served
from pitwall.domain.records.aliases import CANDIDATE, is_offered
from pitwall.domain.refs import folder_hash
from pitwall.domain.tables import Tables
from pitwall.features import feature_sets, groups
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.known import as_known
from pitwall.ml.models.machinery.fitted import FittedModel


class FakeRegistry:
    """A `domain.ports.Registry` in memory; model folders stay where they are."""

    def __init__(self) -> None:
        self.entries: dict[str, list[ModelVersion]] = {}
        self.held: dict[str, dict[str, int]] = {}
        self.folders: dict[tuple[str, int], Path] = {}
        self.examples: dict[tuple[str, int], pd.DataFrame] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.descriptions: dict[tuple[str, int | None], str] = {}

    def register(
        self, model: str, run_id: str, folder: Path, example: pd.DataFrame, tags: Mapping[str, str]
    ) -> ModelVersion:
        """Register a folder; the same content again returns its version."""
        content = folder_hash(folder)
        version = self.find(model, content)
        if version is None:
            entries = self.entries.setdefault(model, [])
            version = ModelVersion(model, len(entries) + 1, run_id, content, dict(tags))
            entries.append(version)
            self.folders[model, version.version] = folder
            self.examples[model, version.version] = example
        if is_offered(version, self.aliases(model)):
            self.set_alias(model, CANDIDATE, version.version)
        return version

    def find(self, model: str, content: str) -> ModelVersion | None:
        """Return the version with this content."""
        return next((entry for entry in self.entries.get(model, []) if entry.content == content), None)

    def get(self, model: str, version: int) -> ModelVersion:
        """Return a version by number."""
        entries = {entry.version: entry for entry in self.versions(model)}
        if version not in entries:
            raise UnknownName(f"version of {model}", str(version), map(str, entries))
        return entries[version]

    def models(self) -> list[str]:
        """Return the registered names."""
        return sorted(self.entries)

    def versions(self, model: str) -> list[ModelVersion]:
        """Return all versions of a model."""
        return list(self.entries.get(model, []))

    def alias(self, model: str, alias: str) -> ModelVersion | None:
        """Return the version that holds an alias."""
        number = self.aliases(model).get(alias)
        return None if number is None else self.get(model, number)

    def aliases(self, model: str) -> dict[str, int]:
        """Return {alias: version}."""
        return dict(self.held.get(model, {}))

    def set_alias(self, model: str, alias: str, version: int) -> None:
        """Move an alias."""
        self.held.setdefault(model, {})[alias] = self.get(model, version).version

    def drop_alias(self, model: str, alias: str) -> None:
        """Take an alias away."""
        self.held.get(model, {}).pop(alias, None)

    def tag(self, model: str, version: int, tags: Mapping[str, str]) -> None:
        """Set tags on a version."""
        entry = self.get(model, version)
        self.entries[model][version - 1] = replace(entry, tags={**entry.tags, **tags})

    def describe(self, model: str, text: str, version: int | None = None) -> None:
        """Remember a description in `descriptions`."""
        self.descriptions[model, version] = text

    def model_tags(self, model: str) -> dict[str, str]:
        """Return the tags of the model itself."""
        return dict(self.tags.get(model, {}))

    def tag_model(self, model: str, tags: Mapping[str, str]) -> None:
        """Set tags on the model itself."""
        self.tags.setdefault(model, {}).update(tags)

    def fetch(self, model: str, version: int) -> Path:
        """Return the registered folder."""
        return self.folders[self.get(model, version).model, version]

    def interface(self, model: str, version: int) -> ModelInterface:
        """Return the signature of the example, and the answers of the folder."""
        example = self.examples[model, version].select_dtypes(exclude=["datetimetz", "datetime"])
        inputs = {str(name): str(kind) for name, kind in example.dtypes.items()}
        return ModelInterface(inputs, example, FittedModel.load(self.fetch(model, version)).positions)


class FakeFeatureReader:
    """A `domain.ports.FeatureReader` on tables in memory: groups are built when they are first asked for."""

    def __init__(self, tables: Tables, params: Params | None = None) -> None:
        self._tables, self._params = tables, params or Params()
        self._built: dict[str, pd.DataFrame] = {}
        self.served: set[tuple[str, pd.Timestamp]] = set()

    def historical(self, spine: pd.DataFrame, service: str | Sequence[str], *, inclusive: bool = False) -> pd.DataFrame:
        """Return the spine with the features of a set, or of groups by name."""
        wanted = feature_sets()[service] if isinstance(service, str) else [groups()[name] for name in service]
        frame = spine
        for group in wanted:
            if group.name not in self._built:
                self._built[group.name] = build_group(group, self._tables, self._params)
            found = as_known(spine, group, self._built[group.name], inclusive=inclusive)
            frame = frame.assign(**{name: found[name].to_numpy() for name in group.names})
        return frame

    def materialise(self, cutoff: pd.Timestamp, service: str) -> Served:
        """Serve a feature set at a cut-off, beside the others."""
        self.served.add((service, cutoff))
        return Served(service, cutoff, cutoff, f"{service} {cutoff}")

    def online(self, rows: Sequence[Mapping[str, int]], service: str, cutoff: pd.Timestamp) -> pd.DataFrame:
        """Return what a materialised cut-off may see."""
        if (service, cutoff) not in self.served:
            raise FeatureError(f"the online store does not serve {service!r} as of {cutoff}.")
        return self.historical(pd.DataFrame(list(rows)).assign(cutoff=cutoff), service).drop(columns="cutoff")
