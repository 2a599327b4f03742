"""The offline store that Feast asks, and its configuration; Feast finds one through the other, so they share a module.

The store reads parquet through `FileSource`. It refuses what it cannot answer rightly: other sources, Delta tables, remote
files, ranges of time without entity rows, on-demand views in Substrait, and writing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from feast.infra.offline_stores.offline_store import OfflineStore, RetrievalMetadata
from feast.on_demand_feature_view import OnDemandFeatureView
from feast.repo_config import FeastConfigBaseModel
from pydantic import PositiveInt

from .errors import AsofError
from .instants import micros_of
from .job import AsofRetrievalJob
from .join import connection, latest, positions
from .source import Cuts, Source
from .spine import Spine, bounds, read_spine
from .views import View, read_source, read_view


class AsofOfflineStoreConfig(FeastConfigBaseModel):  # type: ignore[misc]  # Feast has no types
    """The block `offline_store` of feature_store.yaml."""

    type: str = "pitwall.adapters.asof.AsofOfflineStore"
    bound: Literal["inclusive", "strict"] = "inclusive"  # event <= t as in Feast, or event < t
    known: bool = False  # created <= t in every question; else only where filter_by_created_timestamp asks for it
    memory_limit: str = "1GB"  # of DuckDB's sorts and joins; beyond, they spill
    temp_directory: str | None = None  # where they spill; relative to the repository of features; default: the system's
    threads: PositiveInt | None = None  # default: all


class AsofOfflineStore(OfflineStore):  # type: ignore[misc]  # Feast has no types
    """Point-in-time joins on event and created timestamps over parquet files; see docs/point-in-time.md."""

    supports_filter_by_created_timestamp = True

    @staticmethod
    def get_historical_features(  # noqa: PLR0917  # Feast's signature
        config: Any,
        feature_views: list[Any],
        feature_refs: list[str],
        entity_df: pd.DataFrame | str | None,
        registry: Any,
        project: str,
        full_feature_names: bool = False,
        filter_by_created_timestamp: bool = False,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
    ) -> AsofRetrievalJob:
        """Return a job that answers every entity row once, in the given order."""
        on_demand = OnDemandFeatureView.get_requested_odfvs(feature_refs, project, registry)
        for view in on_demand:
            if view.mode == "substrait":
                raise AsofError(f"the on-demand view {view.name} is in Substrait; use mode python or pandas.")
        views = [read_view(view, feature_refs, full_feature_names, _repo(config)) for view in feature_views]
        cuts = _cuts(config, filter_by_created_timestamp)

        @cache
        def spine() -> Spine:
            return read_spine(entity_df, lambda: _connection(config))

        def metadata() -> RetrievalMetadata:
            keys = [name for name in spine().rows.column_names if name != spine().instant]
            return RetrievalMetadata(feature_refs, keys, *bounds(spine()))

        def answer() -> pa.Table:
            with _connection(config) as con:
                found = [_find(con, spine(), view, cuts) for view in views]
            return _beside(spine().rows, views, found)

        return AsofRetrievalJob(answer, _repo(config), metadata, on_demand, full_feature_names)

    @staticmethod
    def pull_latest_from_table_or_query(  # noqa: PLR0917  # Feast's signature
        config: Any,
        data_source: Any,
        join_key_columns: list[str],
        feature_name_columns: list[str],
        timestamp_field: str,
        created_timestamp_column: str | None,
        start_date: datetime,
        end_date: datetime,
    ) -> AsofRetrievalJob:
        """Return the rows that answer at `end_date` and did not yet at `start_date`: what a materialisation writes.

        With the knowledge cut a row belongs to the window in which it came into sight, so that one published late is
        written by the run that follows its publication.
        """
        source = read_source(data_source, timestamp_field, created_timestamp_column, _repo(config))

        def chosen(timeline: pa.Table) -> pa.Array:
            keys = [f"k{i}" for i in range(len(join_key_columns))]
            with _connection(config) as con:
                return latest(con, timeline, keys, micros_of(start_date), micros_of(end_date))

        return _pull(config, source, [*join_key_columns, *feature_name_columns], join_key_columns, chosen)

    @staticmethod
    def pull_all_from_table_or_query(  # noqa: PLR0917  # Feast's signature
        config: Any,
        data_source: Any,
        join_key_columns: list[str],
        feature_name_columns: list[str],
        timestamp_field: str,
        created_timestamp_column: str | None = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
    ) -> AsofRetrievalJob:
        """Return all rows that came into sight between two instants, in file order."""
        source = read_source(data_source, timestamp_field, created_timestamp_column, _repo(config))

        def chosen(timeline: pa.Table) -> pa.Array:
            inside = pc.is_valid(timeline["visible"])
            if start_date is not None:
                inside = pc.and_(inside, pc.greater_equal(timeline["visible"], micros_of(start_date)))
            if end_date is not None:
                inside = pc.and_(inside, pc.less_equal(timeline["visible"], micros_of(end_date)))
            return timeline["position"].filter(inside).combine_chunks()

        return _pull(config, source, [*join_key_columns, *feature_name_columns], [], chosen)

    @staticmethod
    def offline_write_batch(config: Any, feature_view: Any, table: pa.Table, progress: Any) -> None:
        """Refuse: the store only reads."""
        raise AsofError(f"this store only reads; write the rows of {feature_view.name} to its parquet files yourself.")

    @staticmethod
    def write_logged_features(config: Any, data: Any, source: Any, logging_config: Any, registry: Any) -> None:
        """Refuse: the store only reads."""
        raise AsofError("this store only reads; it keeps no feature logs.")


def _find(con: Any, spine: Spine, view: View, cuts: Cuts) -> pa.Array:
    """Return the positions of the rows of a view that answer the spine."""
    timeline = view.source.timeline(view.keys, cuts)
    return positions(con, spine.narrow(view.asked, timeline, view.name), timeline, view.ttl_us)


def _beside(rows: pa.Table, views: list[View], found: list[pa.Array]) -> pa.Table:
    """Return the spine with the features of all views, taken one column at a time, beside it."""
    for view, where in zip(views, found, strict=True):
        for column, name in view.features.items():
            if name in rows.column_names:
                raise AsofError(f"two columns would be called {name}; ask with full_feature_names=True or rename one.")
            rows = rows.append_column(name, view.source.fetch(column, where))
    return rows


def _pull(
    config: Any, source: Source, names: list[str], keys: list[str], chosen: Callable[[pa.Table], pa.Array]
) -> AsofRetrievalJob:
    """Return a job for some rows of a source, with the columns and its instants."""
    instants = [source.event, *([source.created] if source.created else [])]
    wanted = list(dict.fromkeys([*names, *instants]))

    def answer() -> pa.Table:
        where = chosen(source.timeline(keys, _cuts(config, asked=False)))
        return pa.table({name: source.fetch(name, where) for name in wanted})

    return AsofRetrievalJob(answer, _repo(config))


def _cuts(config: Any, asked: bool) -> Cuts:
    store = config.offline_store
    return Cuts(strict=store.bound == "strict", known=store.known or asked)


def _connection(config: Any) -> AbstractContextManager[Any]:
    store = config.offline_store
    folder = _repo(config) / store.temp_directory if store.temp_directory else None
    return connection(store.memory_limit, store.threads, folder)


def _repo(config: Any) -> Path:
    return Path(config.repo_path or ".")
