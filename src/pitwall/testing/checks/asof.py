"""Small Feast repositories over the ASOF store, or another one: rows in minutes of one day, written and asked."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pitwall.adapters.feast.quiet import lean, quieten

DAY = datetime(2024, 7, 28, 12, tzinfo=UTC)
CONFIG = """
project: laps
provider: local
registry: registry.db
offline_store:
  type: {store}
{settings}
online_store: {{type: sqlite, path: online.db}}
entity_key_serialization_version: 3
"""
OURS = "pitwall.adapters.asof.AsofOfflineStore"
RESULTS = "results:place"


def at(minutes: int | None) -> Any:
    """Return an instant of the day; NaT for None."""
    return pd.NaT if minutes is None else DAY + timedelta(minutes=minutes)


def open_store(folder: Path, store: str = OURS, **settings: Any) -> Any:
    """Return a Feast store in a folder, with an offline store of a type and its settings."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = "\n".join(f"  {name}: {value}" for name, value in settings.items())
    (folder / "feature_store.yaml").write_text(CONFIG.format(store=store, settings=lines), encoding="utf-8")
    quieten()
    with lean():
        from feast import FeatureStore
    return FeatureStore(repo_path=str(folder))


@contextmanager
def quiet() -> Iterator[None]:
    """Hide what Feast's libraries warn of, in a test: filters belong to the whole process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def entity(name: str) -> Any:
    """Return an entity whose join key is its name with _id."""
    from feast import Entity, ValueType

    return Entity(name=name, join_keys=[f"{name}_id"], value_type=ValueType.INT64)


def view(
    name: str, path: Path, entities: Sequence[Any], features: Mapping[str, Any], ttl: int = 0, **source: Any
) -> Any:
    """Return a view of a parquet file that `write` wrote."""
    from feast import FeatureView, Field, FileSource
    from feast.types import Int64

    keys = [Field(name=key, dtype=Int64) for each in entities for key in [each.join_key]]
    return FeatureView(
        name=name,
        entities=entities,
        ttl=timedelta(minutes=ttl),
        schema=[*keys, *[Field(name=feature, dtype=kind) for feature, kind in features.items()]],
        source=FileSource(
            name=name, path=str(path), timestamp_field="happened", created_timestamp_column="published", **source
        ),
    )


def ask(store: Any, rows: Any, features: Sequence[str], **options: Any) -> Any:
    """Return the answer to entity rows as a DataFrame."""
    with quiet():
        return store.get_historical_features(entity_df=rows, features=features, **options).to_df()


def write(
    path: Path, rows: Sequence[Sequence[Any]], keys: Sequence[str], feature: str, kind: str = "datetime64[us, UTC]"
) -> None:
    """Write (keys..., happened, published) rows in minutes; the feature is the number of the row."""
    frame = pd.DataFrame([list(row) for row in rows], columns=[*keys, "happened", "published"])
    frame = frame.astype(dict.fromkeys(keys, "Int64"))
    for name in ("happened", "published"):
        frame[name] = pd.to_datetime(
            pd.Series([at(minutes) for minutes in frame[name].replace({np.nan: None})]), utc=True
        )
        frame[name] = frame[name].astype(kind) if "UTC" in kind else frame[name].dt.tz_localize(None).astype(kind)
    frame[feature] = np.arange(len(frame), dtype="float64")
    frame.to_parquet(path, index=False)
