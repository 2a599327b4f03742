"""What Feast gets back from a question: a job that answers when it is asked for its rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from feast.errors import SavedDatasetLocationAlreadyExists
from feast.infra.offline_stores.file_source import SavedDatasetFileStorage
from feast.infra.offline_stores.offline_store import RetrievalJob, RetrievalMetadata

from .errors import AsofError


class AsofRetrievalJob(RetrievalJob):  # type: ignore[misc]  # Feast has no types
    """A question not yet answered; Feast applies on-demand views to the answer."""

    def __init__(
        self,
        answer: Callable[[], pa.Table],
        repo: Path,
        metadata: Callable[[], RetrievalMetadata] | None = None,
        on_demand: list[Any] | None = None,
        full_feature_names: bool = False,
    ) -> None:
        self._answer = answer
        self._repo = repo
        self._metadata = metadata
        self._on_demand = on_demand or []
        self._full_feature_names = full_feature_names

    def _to_arrow_internal(self, timeout: int | None = None) -> pa.Table:
        return self._answer()

    def _to_df_internal(self, timeout: int | None = None) -> pd.DataFrame:
        return self._answer().to_pandas()

    @property
    def full_feature_names(self) -> bool:
        """Whether features are called view__feature."""
        return self._full_feature_names

    @property
    def on_demand_feature_views(self) -> list[Any]:
        """The views that Feast computes from the answer."""
        return self._on_demand

    @property
    def metadata(self) -> RetrievalMetadata | None:
        """The features, keys and instants that were asked for."""
        return self._metadata() if self._metadata else None

    def persist(self, storage: Any, allow_overwrite: bool = False, timeout: int | None = None) -> None:
        """Write the answer to a parquet file, a saved dataset of Feast.

        Raises:
            AsofError: the storage is no local file.
            SavedDatasetLocationAlreadyExists: the file is there and may not be overwritten.
        """
        from pyarrow import parquet

        if not isinstance(storage, SavedDatasetFileStorage):
            raise AsofError(f"{type(storage).__name__} cannot be written; use SavedDatasetFileStorage.")
        path = self._repo / storage.file_options.uri
        if path.exists() and not allow_overwrite:
            raise SavedDatasetLocationAlreadyExists(location=str(path))
        path.parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(self.to_arrow(), path)
