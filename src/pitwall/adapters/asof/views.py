"""Translate Feast's views and sources into what the join needs, in the column names of the files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from feast.data_format import ParquetFormat
from feast.feature_view import DUMMY_ENTITY_ID
from feast.infra.offline_stores.file_source import FileSource

from .errors import AsofError
from .source import Source


@dataclass(frozen=True)
class View:
    """What one feature view contributes to an answer."""

    name: str
    source: Source
    keys: list[str]  # columns of the files
    asked: list[str]  # columns of the entity rows, one for each key
    features: dict[str, str]  # column of the files: column of the answer
    ttl_us: int


def read_view(view: Any, refs: list[str], full_names: bool, repo: Path) -> View:
    """Return the part of a feature view that the references ask for.

    Args:
        view: Feast's view with the projection (alias, join-key map) of this question.
        refs: "view:feature" references of the whole question.
        full_names: call features view__feature.
        repo: the folder that relative paths start from.

    Raises:
        AsofError: the source of the view cannot be read by this store.
    """
    if view.batch_source is None:
        raise AsofError(f"the feature view {view.name} has no batch source; there is no history to join.")
    files = {named: column for column, named in view.batch_source.field_mapping.items()}
    prefix = f"{view.projection.name_to_use()}:"
    title = view.projection.name_alias or view.name
    names = list(dict.fromkeys(ref.removeprefix(prefix) for ref in refs if ref.startswith(prefix)))
    keys = [column.name for column in view.entity_columns if column.name != DUMMY_ENTITY_ID]
    event, created = view.batch_source.timestamp_field, view.batch_source.created_timestamp_column
    return View(
        name=title,
        source=read_source(
            view.batch_source, files.get(event, event), files.get(created, created) if created else None, repo
        ),
        keys=[files.get(key, key) for key in keys],
        asked=[view.projection.join_key_map.get(key, key) for key in keys],
        features={files.get(name, name): f"{title}__{name}" if full_names else name for name in names},
        ttl_us=(view.ttl or timedelta(0)) // timedelta(microseconds=1),
    )


def read_source(source: Any, event: str, created: str | None, repo: Path) -> Source:
    """Return the local parquet files of a Feast source.

    Raises:
        AsofError: it is not a `FileSource`, not parquet, or not on this machine.
    """
    if not isinstance(source, FileSource):
        raise AsofError(f"{source.name} is a {type(source).__name__}; this store reads parquet through FileSource.")
    if source.file_format is not None and not isinstance(source.file_format, ParquetFormat):
        raise AsofError(f"{source.name} is {type(source.file_format).__name__}; this store reads parquet.")
    if "://" in source.path:
        raise AsofError(f"{source.path} is remote; this store reads files and folders of this machine.")
    return Source(repo / source.path, event, created or None)
