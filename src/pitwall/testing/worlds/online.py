"""A small feature store of invented values with every kind of key, for the tests and the benchmark of online serving.

The real groups take seconds to build and change as features are added; what serving does with keys, versions and nulls
does not depend on what the numbers mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.errors import FeatureError
from pitwall.domain.project import Project
from pitwall.domain.when import as_utc
from pitwall.features import groups
from pitwall.features.machinery.group import STAMPS, Feature, FeatureGroup

KEYS = (("driver",), ("constructor",), ("circuit",), ("driver", "circuit"), ("race", "driver"))


def invented_groups(features: int, sets: tuple[str, ...] = ("order",), prefix: str = "") -> dict[str, FeatureGroup]:
    """Return one group per kind of key (driver, constructor, circuit, driver x circuit, race x driver).

    Args:
        features: how many each has.
        sets: the feature sets that they belong to.
        prefix: of the groups' names, which no other group may have.
    """
    named = {prefix + "_".join(entities): entities for entities in KEYS}
    return {name: _group(name, entities, features, sets) for name, entities in named.items()}


@contextmanager
def only_groups(found: dict[str, FeatureGroup]) -> Iterator[None]:
    """Let these be all the feature groups that are discovered."""
    shared = groups()
    real = dict(shared)
    shared.clear()
    shared.update(found)
    try:
        yield
    finally:
        shared.clear()
        shared.update(real)


def write_rows(project: Project, group: FeatureGroup, rows: pd.DataFrame) -> None:
    """Write a group's table as the stage `features` does."""
    project.features.mkdir(parents=True, exist_ok=True)
    typed = rows.assign(**{stamp: as_utc(rows[stamp]) for stamp in STAMPS})[group.columns]
    ordered = typed.sort_values([*group.keys, *STAMPS], ignore_index=True)
    ordered.to_parquet(project.features / f"{group.name}.parquet", index=False, coerce_timestamps="us")


def invented_rows(group: FeatureGroup, keys: pd.DataFrame, instants: Sequence[pd.Timestamp], seed: int) -> pd.DataFrame:
    """Return a row per key and instant, known three hours later, with random values and some nulls.

    Args:
        group: whose columns they are.
        keys: the ids of one row each, all of the group's.
        instants: at which each key has a row.
        seed: of the values.
    """
    rng = np.random.default_rng(seed)
    owners = keys[group.keys].drop_duplicates(ignore_index=True)
    rows = owners.loc[owners.index.repeat(len(instants))].reset_index(drop=True)
    happened = pd.Series(list(instants) * len(owners))
    values = rng.normal(size=(len(rows), len(group.names)))
    values[rng.random(values.shape) < 0.1] = np.nan
    stamps = {"event_timestamp": happened, "known_at": happened + pd.Timedelta(hours=3)}
    return rows.assign(**stamps, **dict(zip(group.names, values.T, strict=True)))


def race_cars(cars: int, race_id: int = 7, circuit_id: int = 3) -> pd.DataFrame:
    """Return the ids of a race's cars, two to a constructor."""
    drivers = np.arange(1, cars + 1)
    return pd.DataFrame(
        {"race_id": race_id, "driver_id": drivers, "constructor_id": (drivers + 1) // 2, "circuit_id": circuit_id}
    )


def _group(name: str, entities: tuple[str, ...], features: int, sets: tuple[str, ...]) -> FeatureGroup:
    columns = tuple(Feature(f"{name}_{number}", "1", "an invented number", "left out") for number in range(features))
    return FeatureGroup(name, entities, ("races",), columns, _not_computed, sets=sets)


def _not_computed(*_: Any) -> pd.DataFrame:
    raise FeatureError("the rows of invented groups are written, not computed.")
