"""The calls of a feature store for raw records of any entity, beside those for races: whichever was registered or stored is meant."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.ml.data import feature_store
from pitwall.ml.data.feature_plan import find_feature
from pitwall.ml.data.instants import Instant
from pitwall.ml.data.training_data import TrainingData
from pitwall.workflows.notebook.by_hand.raw_features import RawFeatures, reads_raw


class RecordStore(feature_store.FeatureStore):
    """A feature store that also knows features of raw records; see `pitwall.ml.data.feature_store.FeatureStore` for its arguments."""

    def __init__(self, *tools: Any) -> None:
        super().__init__(*tools)
        self._raw = RawFeatures()
        self._defined: dict[str, dict[str, Any]] = {}

    @property
    def feature_definitions(self) -> dict[str, dict[str, Any]]:
        """What was registered here: name -> fn, description, version, and of raw features created_at."""
        return {**self._defined, **self._raw.definitions}

    @property
    def feature_sets(self) -> dict[str, tuple[str, ...]]:
        """The sets that were registered here: name -> features."""
        return {**self._sets, **self._raw.sets}

    def register_feature(
        self,
        name: str,
        function: Callable[[Any], object],
        description: str = "",
        version: int = 1,
        *,
        raw: bool | None = None,
        **more: Any,
    ) -> None:
        """Register a function as a feature of the session: of a driver's races so far, or of a raw record.

        Args:
            name: of the feature, in snake_case.
            function: races -> number (see `FeatureEngineer.register`), or record -> number, e.g. `lambda d: d.get("laps")`.
            description: what it means.
            version: raise it when the meaning changes.
            raw: whether it reads a raw record; without it, it does if it asks an empty record for something that no race has.
            more: as `FeatureEngineer.register`; for races only.

        Raises:
            FeatureError: the function fails its trial.
            LeakError: it looks ahead.
            UsageError: a raw feature has the name of another feature.
        """
        if not (reads_raw(function) if raw is None else raw):
            self._raw.definitions.pop(name, None)
            super().register_feature(name, function, description, version, **more)
            self._defined[name] = {"fn": function, "description": description, "version": version}
            return
        if more:
            raise UsageError(
                f"{', '.join(more)} is for features of races; {name} reads a raw record. Say raw=False if it does not."
            )
        try:
            find_feature(name, self.engineer)
        except UnknownName:
            self._raw.register(name, function, description, version)
            return
        raise UsageError(f"{name} is a feature of races already; call the one of raw records otherwise.")

    def register_feature_set(self, name: str, features: Sequence[str]) -> None:
        """Name some features, all of races or all of raw records, for the session.

        Raises:
            UnknownName: a feature is unknown.
            UsageError: they are of both kinds, or a shipped set or group has this name.
        """
        raw = [feature for feature in features if feature in self._raw.definitions]
        if not raw:
            super().register_feature_set(name, features)
            self._raw.sets.pop(name, None)
            return
        if others := [feature for feature in features if feature not in raw]:
            raise UsageError(f"{raw[0]} reads raw records and {others[0]} does not; a set is of one kind.")
        self._raw.sets[name] = tuple(features)

    def compute_and_store(self, name: Any = None, until: Any = None, *, timestamp: Instant | None = None) -> Any:
        """Compute features and keep them; of a raw record, those of one entity, which are returned.

        Args:
            name: a custom feature, None for all that the project stores; or the entity.
            until: also serve this cut-off online; or the entity's raw record, a mapping.
            timestamp: when a record was true, UTC where it says no zone; now when None.

        Raises:
            FeatureError: a function failed on the record, or gave no number.
        """
        if isinstance(until, Mapping):
            return self._raw.store(name, until, timestamp)
        return super().compute_and_store(name, until)

    def get_features(
        self, seasons: Any = None, feature_groups: Any = feature_store.DEFAULT, *more: Any, **choice: Any
    ) -> Any:
        """Return one row per driver-race of a selection; or the newest values of an entity that was stored, by name.

        Args:
            seasons: of the selection; or the entity.
            feature_groups: sets and groups; or one set of raw features, all of them without it.
            more: `custom_features`.
            choice: as `pitwall.ml.data.feature_store.FeatureStore.get_features`, which also says what is returned and raised.
        """
        chosen = feature_groups if isinstance(feature_groups, str) else None
        if chosen in self._raw.sets or (self._raw.holds(seasons) and feature_groups is feature_store.DEFAULT):
            return self._raw.latest(seasons, chosen)
        return super().get_features(seasons, feature_groups, *more, **choice)

    def get_training_data(
        self, feature_set: Any = "order", seasons: Any = None, *more: Any, **choice: Any
    ) -> TrainingData:
        """Return features as a matrix with its names, rows and missing mask; `X, names = ...` takes the first two.

        Args:
            feature_set: a set or group of the selection; or a list of entities that were stored.
            seasons: of the selection; or a set of raw features.
            more: `custom_features`.
            choice: see `get_features`.
        """
        if isinstance(seasons, str) and seasons in self._raw.sets:
            return self._raw.matrix(feature_set, seasons)
        return super().get_training_data(feature_set, seasons, *more, **choice)

    def get_features_at(self, entity: Any, timestamp: Instant | None = None, *more: Any, **choice: Any) -> Any:
        """Return what was known at an instant: of a driver, team, circuit or race; or of an entity that was stored.

        Args:
            entity: names by kind, e.g. {"driver": "hamilton"}; or the entity.
            timestamp: UTC where it says no zone.
            more: (of an entity that was stored) a set of raw features, all of them without it.
            choice: of such an entity, `strict`; else as `pitwall.ml.data.feature_store.FeatureStore.get_features_at`.
        """
        if isinstance(entity, Hashable) and timestamp is not None:
            return self._raw.at(entity, timestamp, *more, **choice)
        return super().get_features_at(entity, timestamp, *more, **choice)
