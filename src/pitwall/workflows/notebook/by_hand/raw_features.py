"""Features of any entity, made of raw records by functions of one's own, kept with the instant at which they were computed.

They live as long as the store that holds them. Features of races, drivers and teams are computed by the pipeline instead, and joined in
time for a whole selection at once.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import FeatureError, UnknownName, UsageError
from pitwall.features.machinery.custom.engineer import check_name
from pitwall.features.machinery.custom.history import HISTORY, RECENT
from pitwall.ml.data.instants import Instant, instant_of
from pitwall.ml.data.training_data import TrainingData

Function = Callable[[Any], Any]


@dataclass
class Kept:
    """What is kept of one entity: the instants, ascending, and the values computed at each."""

    instants: list[pd.Timestamp] = field(default_factory=list)
    rows: list[dict[str, float]] = field(default_factory=list)


class RawFeatures:
    """Definitions of raw features, sets of them, and the values of entities.

    Attributes:
        definitions: name -> fn, description, version, created_at.
        sets: name of a set -> names of its features.
    """

    def __init__(self) -> None:
        self.definitions: dict[str, dict[str, Any]] = {}
        self.sets: dict[str, tuple[str, ...]] = {}
        self._kept: dict[Hashable, Kept] = {}

    def register(self, name: str, function: Function, description: str, version: int) -> None:
        """Keep a definition; a name that is registered again is replaced, and what was computed before stays as it was."""
        at = pd.Timestamp.now("UTC")
        made = {"fn": function, "description": description, "version": version, "created_at": at}
        self.definitions[check_name(name)] = made

    def holds(self, entity: Any) -> bool:
        """Tell whether something was stored of an entity."""
        return isinstance(entity, Hashable) and entity in self._kept

    def store(self, entity: Hashable, raw: Mapping[str, Any], at: Instant | None = None) -> dict[str, float]:
        """Compute all features of a raw record, keep and return them; what a function has nothing to say of is NaN.

        Args:
            entity: whom the record is about.
            raw: the record.
            at: when it was true, UTC where it says no zone; now when None.

        Raises:
            FeatureError: a function failed, or gave no number.
            UsageError: nothing is registered.
        """
        if not self.definitions:
            raise UsageError(
                "no feature of raw records is registered; begin with register_feature(name, function, description)."
            )
        values = {name: _value(name, made["fn"], raw, entity) for name, made in self.definitions.items()}
        instant = pd.Timestamp.now("UTC") if at is None else instant_of(at)
        kept = self._kept.setdefault(entity, Kept())
        place = bisect_right(kept.instants, instant)
        kept.instants.insert(place, instant)
        kept.rows.insert(place, values)
        return dict(values)

    def latest(self, entity: Hashable, feature_set: str | None = None) -> dict[str, float]:
        """Return the newest values of an entity: of a set, or of all features."""
        return self._chosen(self._of(entity).rows[-1], feature_set)

    def at(
        self, entity: Hashable, instant: Instant, feature_set: str | None = None, *, strict: bool = True
    ) -> dict[str, float]:
        """Return the values of an entity as they were at an instant; NaN before there were any.

        Args:
            entity: who.
            instant: UTC where it says no zone.
            feature_set: the features; all when None.
            strict: see only what was true before the instant; False includes the instant itself.
        """
        kept = self._of(entity)
        place = (bisect_left if strict else bisect_right)(kept.instants, instant_of(instant))
        return self._chosen(kept.rows[place - 1] if place else {}, feature_set)

    def matrix(self, entities: Sequence[Hashable], feature_set: str) -> TrainingData:
        """Return the newest values of entities as a matrix, one row each, in their order; NaN where nothing is known."""
        names = self._named(feature_set)
        rows = [self.latest(entity, feature_set) for entity in entities]
        values = np.array([[row[name] for name in names] for row in rows], dtype=np.float64).reshape(
            len(rows), len(names)
        )
        known = [self._of(entity).instants[-1] for entity in entities]
        return TrainingData(
            values, np.isnan(values), names, pd.DataFrame({"entity": list(entities), "known_at": known})
        )

    def _of(self, entity: Hashable) -> Kept:
        if entity not in self._kept:
            raise UnknownName("entity", str(entity), map(str, self._kept))
        return self._kept[entity]

    def _named(self, feature_set: str | None) -> tuple[str, ...]:
        if feature_set is None:
            return tuple(self.definitions)
        if feature_set not in self.sets:
            raise UnknownName("set of raw features", feature_set, self.sets)
        return self.sets[feature_set]

    def _chosen(self, values: Mapping[str, float], feature_set: str | None) -> dict[str, float]:
        return {name: values.get(name, math.nan) for name in self._named(feature_set)}


class _Asked(dict[str, Any]):
    """An empty record that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.names.add(key)
        return default

    def __contains__(self, key: object) -> bool:
        self.names.add(str(key))
        return False

    def __missing__(self, key: str) -> Any:
        self.names.add(key)
        raise KeyError(key)


def reads_raw(function: Function) -> bool:
    """Tell whether a function reads a raw record, and not a driver's races: it asks for a name, and for no column of races.

    Example:
        >>> reads_raw(lambda d: d.get("purchases", 0)), reads_raw(lambda history: history["place"].mean())
        (True, False)
    """
    asked = _Asked()
    with suppress(Exception):  # it was given nothing: whatever it raises says nothing, what it asked for does
        function(asked)
    return bool(asked.names) and not asked.names & {*HISTORY, *RECENT}


def _value(name: str, function: Function, raw: Mapping[str, Any], entity: Hashable) -> float:
    try:
        value = function(raw)
    except Exception as error:
        raise FeatureError(
            f"feature {name} failed for {entity}: {type(error).__name__}: {error}. The record has {', '.join(map(str, raw)) or 'nothing'}."
        ) from error
    if value is None or value is pd.NA:
        return math.nan
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.inf
    if math.isinf(number) or isinstance(value, str):
        raise FeatureError(
            f"feature {name} is {value!r} for {entity}; a feature is one finite number, or None where there is nothing to say."
        )
    return number
