"""What a point-in-time join on two axes costs at lap scale: the ASOF store through Feast's API beside its peers.

The work is always the same: spine rows (driver, instant) get 20 features from Parquet, of the newest row that happened
before the instant and was known at it, in spine order, as an Arrow table. The rows are generated (120 drivers, seeded, one
in twenty corrected hours or days later). Every subject runs in a process of its own, in which its libraries are imported
before the clock starts (the import of Feast is a row of its own), and is killed after 300 s. All answers on the first 1,000
spine rows must be equal, else this ends with an error. Rows go to `--json FILE`: {work, subject, value, unit, peer, ratio}.
`--small` runs on a hundredth of the rows.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

DRIVERS = 120
FEATURES = [f"feature_{i:02d}" for i in range(20)]
COMMON = 1000
LIMIT_S = 300
THREADS = 2
REPEATS = 3
SECOND = 1_000_000
KEY, EVENT, KNOWN = "driver_id", "event_timestamp", "known_at"
UTC_US = pa.timestamp("us", "UTC")


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


def through_feast(store_type: str, settings: dict[str, Any]) -> Callable[[Path, int], Callable[[], pa.Table]]:
    """Return the subject of an offline store of Feast, opened before the clock starts."""

    def prepare(folder: Path, rows: int) -> Callable[[], pa.Table]:
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
        spine = read_spine(folder, rows).to_pandas()
        features = [f"laps:{name}" for name in FEATURES]
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


def raw_duckdb(folder: Path, rows: int) -> Callable[[], pa.Table]:
    """The fastest SQL for the whole work that its author could find: narrow ASOF JOIN, values fetched by row number."""
    import duckdb

    con = duckdb.connect(config={"threads": THREADS, "memory_limit": "1GB", "temp_directory": str(folder / "spill")})
    spine = read_spine(folder, rows)
    con.register("spine", spine.append_column("row", pa.array(np.arange(rows))))
    query = RAW_SQL.format(features=folder / "features.parquet", names=", ".join(FEATURES))

    def run() -> pa.Table:
        return _beside(spine, con.sql(query).to_arrow_table())

    return run


def with_polars(folder: Path, rows: int) -> Callable[[], pa.Table]:
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


def with_pandas(folder: Path, rows: int) -> Callable[[], pa.Table]:
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
DUCKDB, FILE = "Feast's duckdb store", "Feast's file store (no knowledge cut)"
SUBJECTS: dict[str, Callable[[Path, int], Callable[[], pa.Table]]] = {
    ASOF: through_feast("pitwall.adapters.asof.AsofOfflineStore", OURS),
    RAW: raw_duckdb,
    "Polars join_asof": with_polars,
    "pandas merge_asof": with_pandas,
    DUCKDB: through_feast("duckdb", {}),
    FILE: through_feast("file", {}),
}


@dataclass(frozen=True)
class Measured:
    """What one process took: best wall time, CPU time of that run, peak memory of the whole process."""

    wall: float
    cpu: float
    peak_mib: float
    rows: int
    digest: str


METERS: list[tuple[str, Callable[[Measured], float], str]] = [
    ("time", lambda each: each.wall, "s"),
    ("CPU time", lambda each: each.cpu, "s"),
    ("peak memory", lambda each: each.peak_mib, "MiB"),
]


def _child(subject: str, folder: Path, rows: int, repeats: int, pipe: Any) -> None:
    run = SUBJECTS[subject](folder, rows)
    best, cpu = float("inf"), 0.0
    for _ in range(repeats):
        started, used = time.perf_counter(), time.process_time()
        answer = run()
        if time.perf_counter() - started < best:
            best, cpu = time.perf_counter() - started, time.process_time() - used
        count = len(answer)
        digest = _digest(answer)
        del answer
    pipe.send(Measured(best, cpu, _peak_mib(), count, digest))


def _digest(answer: pa.Table) -> str:
    """Return a hash of the answers to the first spine rows."""
    values = np.column_stack([answer[name].slice(0, COMMON).to_numpy() for name in FEATURES]).astype("float64")
    values[np.isnan(values)] = np.nan  # one NaN for all
    return hashlib.sha256(values.tobytes()).hexdigest()[:16]


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def alone(limit: float, work: Callable[..., None], *given: Any) -> Any:
    """Return what `work(*given, pipe)` sends from a process of its own; None when it was killed at the limit."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(*given, theirs))
    process.start()
    theirs.close()
    try:
        return ours.recv() if ours.poll(limit) else None
    except EOFError:
        sys.exit(f"{work.__name__}{given} failed; its error stands above.")
    finally:
        process.kill()
        process.join()


def _row(work: str, subject: str, value: float, unit: str, *, peer: str, ratio: float | None) -> dict[str, Any]:
    ratio = None if ratio is None else round(ratio, 3)
    return {"work": work, "subject": subject, "value": round(value, 3), "unit": unit, "peer": peer, "ratio": ratio}


def compare(folder: Path, asked: list[tuple[str, int]], scale: str) -> list[dict[str, Any]]:
    """Measure subjects, the store first at every size, and return a row of time and one of memory for each.

    The ratio is always the store's value over the subject's at the same number of rows (for the store itself: over raw
    DuckDB's): below 1 the store is better.
    """
    found: dict[tuple[str, int], Measured | None] = {}
    for subject, rows in asked:
        repeats = 1 if subject.startswith("Feast's") else REPEATS
        found[subject, rows] = alone(LIMIT_S, _child, subject, folder, rows, repeats)
        _tell(subject, rows, found[subject, rows])
    _check(found)
    return [row for (subject, rows), result in found.items() for row in _rows(found, subject, rows, scale)]


def _rows(found: dict[tuple[str, int], Measured | None], subject: str, rows: int, scale: str) -> list[dict[str, Any]]:
    work = f"{rows:,} spine rows, {scale}"
    result, mine = found[subject, rows], found[ASOF, rows]
    if mine is None:
        sys.exit(f"the store took more than {LIMIT_S} s on {work}.")
    if result is None:
        return [_row(work, f"{subject}: time until killed", LIMIT_S, "s", peer=subject, ratio=mine.wall / LIMIT_S)]
    peer = RAW if subject == ASOF else subject
    other = found.get((peer, rows))
    return [
        _row(work, f"{subject}: {name}", of(result), unit, peer=peer, ratio=of(mine) / of(other) if other else None)
        for name, of, unit in METERS
    ]


def _check(found: dict[tuple[str, int], Measured | None]) -> None:
    """End with an error unless every subject that answers completely said the same on the common rows."""
    same_work = {asked: result for asked, result in found.items() if result and asked[0] != FILE}
    for (subject, rows), result in found.items():
        if result and result.rows != rows:
            print(f"note: {subject} returned {result.rows} of {rows} rows", file=sys.stderr)
    whole = all(result.rows == rows for (_, rows), result in same_work.items())
    if not whole or len({result.digest for result in same_work.values()}) != 1:
        sys.exit(f"the subjects disagree on the same work: {same_work}")


def _tell(subject: str, rows: int, result: Measured | None) -> None:
    text = f"killed after {LIMIT_S} s" if result is None else f"{result.wall:.2f} s, {result.peak_mib:.0f} MiB"
    print(f"{subject}, {rows:,} rows: {text}", file=sys.stderr)


def _world_child(folder: Path, rows: int, pipe: Any) -> None:
    write_world(folder, rows)
    pipe.send(True)


def _import_child(pipe: Any) -> None:
    started = time.perf_counter()
    import_feast()
    pipe.send((time.perf_counter() - started, _peak_mib()))


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", metavar="FILE", help="write the rows; - is standard output")
    parser.add_argument("--small", action="store_true", help="a hundredth of the rows, each subject once")
    chosen = parser.parse_args()
    laps = 6_000 if chosen.small else 600_000
    asked = [(subject, laps) for subject in (ASOF, RAW, "Polars join_asof", "pandas merge_asof")]
    if chosen.small:
        asked += [(DUCKDB, laps)]
    else:
        asked += [(subject, 1_000) for subject in (ASOF, DUCKDB, FILE)] + [
            (subject, 10_000) for subject in (ASOF, DUCKDB)
        ]
    wall, peak = alone(LIMIT_S, _import_child)
    made = [_row("import of Feast, before any question", f"{peak:.0f} MiB", wall, "s", peer="none", ratio=None)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        alone(LIMIT_S, _world_child, folder, laps)
        made += compare(folder, asked, f"{laps:,} laps x {len(FEATURES)} features")
        alone(LIMIT_S, _world_child, folder, 10 * laps)
        asked = [(subject, 10 * laps) for subject in (ASOF, RAW)]
        made += compare(folder, asked, f"{10 * laps:,} laps x {len(FEATURES)} features")
    text = json.dumps(made, indent=1)
    if chosen.json == "-":
        print(text)
        return
    for row in made:
        ratio = "" if row["ratio"] is None else f", the store takes {row['ratio']:g} x {row['peer']}"
        print(f"{row['work']}: {row['subject']} {row['value']:g} {row['unit']}{ratio}")
    if chosen.json:
        Path(chosen.json).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
