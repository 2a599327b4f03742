"""The world and the subjects of benchmarks/point_in_time.py: the same join on two axes, written for each peer.

A subject is a function of (folder, rows) that prepares what its users would have open (imports, a store, the spine in
memory) and returns the work to be timed: from Parquet to an Arrow table in spine order.
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

DRIVERS = 120
FEATURES = [f"feature_{i:02d}" for i in range(20)]
THREADS = 2
SECOND = 1_000_000
KEY, EVENT, KNOWN = "driver_id", "event_timestamp", "known_at"
UTC_US = pa.timestamp("us", "UTC")

Work = Callable[[], pa.Table]
Subject = Callable[[Path, int], Work]


def write_world(folder: Path, rows: int) -> None:
    """Write features.parquet and spine.parquet with about `rows` rows each."""
    rng = np.random.default_rng(20240728)
    laps = rows // DRIVERS
    started = 1_262_304_000 * SECOND
    event = (started + np.cumsum(rng.integers(80 * SECOND, 100 * SECOND, (DRIVERS, laps)), axis=1)).ravel()
    key = np.repeat(np.arange(1, DRIVERS + 1), laps)
    corrected = np.sort(rng.choice(event.size, event.size // 20, replace=False))
    late = rng.integers(3_600 * SECOND, 72 * 3_600 * SECOND, corrected.size)
    order = np.argsort(np.r_[np.arange(event.size), corrected + 0.5], kind="stable")
    known = event + rng.integers(0, 20 * SECOND, event.size)
    columns = {
        KEY: pa.array(np.r_[key, key[corrected]][order]),
        EVENT: pa.array(np.r_[event, event[corrected]][order]).cast(UTC_US),
        KNOWN: pa.array(np.r_[known, event[corrected] + late][order]).cast(UTC_US),
    }
    columns |= {name: pa.array(rng.normal(size=order.size)) for name in FEATURES}
    pq.write_table(pa.table(columns), folder / "features.parquet")
    asked = pa.array(rng.integers(started, event.max(), rows)).cast(UTC_US)
    spine = {KEY: pa.array(rng.integers(1, DRIVERS + 3, rows)), EVENT: asked}  # two drivers are unknown
    pq.write_table(pa.table(spine), folder / "spine.parquet")


def read_spine(folder: Path, rows: int) -> pa.Table:
    """Return the first rows of the spine."""
    return pq.read_table(folder / "spine.parquet").slice(0, rows)


def import_feast() -> None:
    """Import Feast as its users get it, and the store that it will load by name."""
    for module in (
        "feast.infra.offline_stores.dask",
        "feast.infra.offline_stores.duckdb",
        "pitwall.adapters.asof.store",
    ):
        importlib.import_module(module)


def through_feast(store_type: str, settings: dict[str, Any], *, query: bool = False) -> Subject:
    """Return the subject of an offline store of Feast, opened before the clock starts; its spine is a frame or a query."""

    def prepare(folder: Path, rows: int) -> Work:
        import_feast()
        from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
        from feast.types import Float64, Int64

        repo = Path(tempfile.mkdtemp(dir=folder))
        config = RepoConfig(
            project="bench",
            provider="local",
            registry=str(repo / "registry.db"),
            offline_store={"type": store_type, **settings},
            online_store={"type": "sqlite", "path": str(repo / "online.db")},
            entity_key_serialization_version=3,
        )
        store = FeatureStore(config=config)
        driver = Entity(name="driver", join_keys=[KEY], value_type=ValueType.INT64)
        schema = [Field(name=KEY, dtype=Int64), *[Field(name=name, dtype=Float64) for name in FEATURES]]
        path = str(folder / "features.parquet")
        source = FileSource(name="laps", path=path, timestamp_field=EVENT, created_timestamp_column=KNOWN)
        store.apply([driver, FeatureView(name="laps", entities=[driver], schema=schema, source=source, ttl=None)])
        # Feast's own stores include their bound and forget the order of the rows: they are asked one microsecond earlier,
        # which is the same question as long as no row is published in that microsecond, and their answer is sorted.
        features = [f"laps:{name}" for name in FEATURES]
        if query:
            asked = f"SELECT * FROM '{folder / 'spine.parquet'}' LIMIT {rows}"  # noqa: S608  # a file of this benchmark
            return lambda: store.get_historical_features(entity_df=asked, features=features).to_arrow()
        spine = read_spine(folder, rows).to_pandas()
        if settings:
            return lambda: store.get_historical_features(entity_df=spine, features=features).to_arrow()
        spine = spine.assign(row=range(rows), **{EVENT: spine[EVENT] - np.timedelta64(1, "us")})
        known = {} if store_type == "file" else {"filter_by_created_timestamp": True}  # the file store has no such cut
        return lambda: (
            store.get_historical_features(entity_df=spine, features=features, **known).to_arrow().sort_by("row")
        )

    return prepare


RAW_SQL = """
WITH seen AS (
    SELECT driver_id, file_row_number AS position, epoch_us(event_timestamp) AS event, known_at,
           greatest(epoch_us(event_timestamp) + 1, epoch_us(known_at)) AS visible
    FROM read_parquet('{features}', file_row_number = true)
), steps AS (
    SELECT driver_id, visible, position FROM seen
    WINDOW past AS (PARTITION BY driver_id ORDER BY visible, event, known_at, position)
    QUALIFY event >= max(event) OVER (past ROWS UNBOUNDED PRECEDING) AND visible IS DISTINCT FROM lead(visible) OVER past
), answers AS (
    SELECT row, position FROM spine ASOF LEFT JOIN steps
    ON spine.driver_id = steps.driver_id AND epoch_us(spine.event_timestamp) >= steps.visible
)
SELECT {names} FROM answers LEFT JOIN read_parquet('{features}', file_row_number = true) AS laps
ON answers.position = laps.file_row_number ORDER BY row
"""


def raw_duckdb(folder: Path, rows: int) -> Work:
    """The fastest SQL for the whole work that its author could find: narrow ASOF JOIN, values fetched by row number."""
    import duckdb

    con = duckdb.connect(config={"threads": THREADS, "memory_limit": "1GB", "temp_directory": str(folder / "spill")})
    spine = read_spine(folder, rows)
    con.register("spine", spine.append_column("row", pa.array(np.arange(rows))))
    query = RAW_SQL.format(features=folder / "features.parquet", names=", ".join(FEATURES))

    def run() -> pa.Table:
        return _beside(spine, con.sql(query).to_arrow_table())

    return run


def with_polars(folder: Path, rows: int) -> Work:
    """Polars: running maximum per driver, then `join_asof` by driver, then back into spine order."""
    import polars as pl

    spine = read_spine(folder, rows)

    def run() -> pa.Table:
        laps = pl.scan_parquet(folder / "features.parquet").with_row_index("position")
        shifted = pl.col(EVENT) + pl.duration(microseconds=1)
        steps = (
            laps.with_columns(visible=pl.max_horizontal(shifted, pl.col(KNOWN)))
            .sort("visible", EVENT, KNOWN, "position")
            .filter(pl.col(EVENT) >= pl.col(EVENT).cum_max().over(KEY))
            .unique([KEY, "visible"], keep="last", maintain_order=True)
            .select(KEY, "visible", *FEATURES)
        )
        asked = pl.from_arrow(spine).lazy().with_row_index("row").sort(EVENT)
        joined = asked.join_asof(steps, left_on=EVENT, right_on="visible", by=KEY, check_sortedness=False)
        return _beside(spine, joined.sort("row").select(FEATURES).collect().to_arrow())

    return run


def with_pandas(folder: Path, rows: int) -> Work:
    """Do the same with pandas: `cummax` per driver, `merge_asof`, back into spine order."""
    import pandas as pd

    spine = read_spine(folder, rows)

    def run() -> pa.Table:
        laps = pd.read_parquet(folder / "features.parquet")
        shifted = laps[EVENT] + pd.Timedelta(1, "us")
        laps["visible"] = shifted.where(shifted >= laps[KNOWN], laps[KNOWN]).astype(laps[EVENT].dtype)
        laps = laps.sort_values(["visible", EVENT, KNOWN], kind="stable", ignore_index=True)
        steps = laps[laps[EVENT] >= laps.groupby(KEY)[EVENT].cummax()]
        steps = steps.drop_duplicates([KEY, "visible"], keep="last")[[KEY, "visible", *FEATURES]]
        asked = spine.to_pandas().assign(row=np.arange(rows)).sort_values(EVENT, kind="stable")
        joined = pd.merge_asof(asked, steps, left_on=EVENT, right_on="visible", by=KEY)
        return _beside(spine, pa.Table.from_pandas(joined.sort_values("row")[FEATURES], preserve_index=False))

    return run


def _beside(spine: pa.Table, features: pa.Table) -> pa.Table:
    for name in FEATURES:
        spine = spine.append_column(name, features[name])
    return spine


OURS = {"bound": "strict", "known": True, "memory_limit": "1GB", "threads": THREADS}
ASOF, RAW = "ASOF store through Feast", "raw DuckDB"
QUERY = "ASOF store through Feast, spine as a query"
POLARS, PANDAS = "Polars join_asof", "pandas merge_asof"
DUCKDB, FILE = "Feast's duckdb store", "Feast's file store (no knowledge cut)"
SUBJECTS: dict[str, Subject] = {
    ASOF: through_feast("pitwall.adapters.asof.AsofOfflineStore", OURS),
    QUERY: through_feast("pitwall.adapters.asof.AsofOfflineStore", OURS, query=True),
    RAW: raw_duckdb,
    POLARS: with_polars,
    PANDAS: with_pandas,
    DUCKDB: through_feast("duckdb", {}),
    FILE: through_feast("file", {}),
}
