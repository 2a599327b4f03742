"""Translate feature groups into Feast's entities, feature views and feature services, one to one.

The groups own the names and the meaning; nothing is defined here that they do not say.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pitwall.domain.project import Project
from pitwall.features import feature_sets, groups
from pitwall.features.machinery.group import ENTITIES, FeatureGroup


def definitions(project: Project) -> dict[str, Any]:
    """Return {module-level name: Feast object} for all entities, views and services of a project.

    Args:
        project: whose `data/features/<group>.parquet` are the sources, by absolute path: Feast's DuckDB store would
            resolve a relative one from the working directory.
    """
    from feast import Entity, FeatureService
    from feast.value_type import ValueType

    entities = {
        name: Entity(name=name, join_keys=[f"{name}_id"], value_type=ValueType.INT64, description=f"one {name}, by id")
        for name in ENTITIES
    }
    views = {group.name: _view(group, entities, project) for group in groups().values()}
    services = {
        name: FeatureService(name=name, features=[views[group.name] for group in members])
        for name, members in feature_sets().items()
    }
    named = {"entity": entities, "view": views, "service": services}
    return {f"{kind}_{name}": thing for kind, things in named.items() for name, thing in things.items()}


def _view(group: FeatureGroup, entities: dict[str, Any], project: Project) -> Any:
    from feast import FeatureView, Field, FileSource
    from feast.types import Float64, Int64

    source = FileSource(
        name=group.name,
        path=str((project.features / f"{group.name}.parquet").resolve()),
        timestamp_field="event_timestamp",
        created_timestamp_column="known_at",
    )
    keys = [Field(name=key, dtype=Int64) for key in group.keys]
    features = [
        Field(name=feature.name, dtype=Float64, description=f"{feature.meaning} [{feature.unit}]; null: {feature.null}")
        for feature in group.features
    ]
    return FeatureView(
        name=group.name,
        entities=[entities[name] for name in group.entities],
        ttl=timedelta(0),  # no expiry: how fresh a feature must be is a check of our own
        schema=[*keys, *features],
        source=source,
        online=True,
        description=group.compute.__module__,
    )
