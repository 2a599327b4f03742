"""What a point-in-time join on two axes costs at lap scale: the ASOF store through Feast's API beside its peers.

The work is always the same: spine rows (driver, instant) get 20 features from Parquet, of the newest row that happened
before the instant and was known at it, in spine order, as an Arrow table. The rows are generated (120 drivers, seeded, one
in twenty corrected hours or days later). Every subject runs in a process of its own, in which its libraries are imported
before the clock starts (the import of Feast is a row of its own); Feast's own stores are killed after 300 s. All answers on the first 1,000
spine rows must be equal, else this ends with an error. Rows go to `--json FILE`: {work, subject, value, unit, peer, ratio}.
`--small` runs on a hundredth of the rows.
"""

from __future__ import annotations

import hashlib
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
from _point_in_time_subjects import (
    ASOF,
    DUCKDB,
    FEATURES,
    FILE,
    PANDAS,
    POLARS,
    QUERY,
    RAW,
    SUBJECTS,
    import_feast,
    write_world,
)
from _report import options, report

COMMON = 1000
LIMIT_S = 300
REPEATS = 3


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


def alone(limit: float | None, work: Callable[..., None], *given: Any) -> Any:
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


def compare(folder: Path, asked: list[tuple[str, int]], scale: str, repeats: int) -> list[dict[str, Any]]:
    """Measure subjects, the store first at every size, and return a row of time and one of memory for each.

    The peer is the ASOF store at the same number of rows; that of the store itself is raw DuckDB.
    """
    found: dict[tuple[str, int], Measured | None] = {}
    for subject, rows in asked:
        slow = subject in (DUCKDB, FILE)
        found[subject, rows] = alone(LIMIT_S if slow else None, _child, subject, folder, rows, 1 if slow else repeats)
        _tell(subject, rows, found[subject, rows])
    _check(found)
    return [row for (subject, rows), result in found.items() for row in _rows(found, subject, rows, scale)]


def _rows(found: dict[tuple[str, int], Measured | None], subject: str, rows: int, scale: str) -> list[dict[str, Any]]:
    work = f"{rows:,} spine rows, {scale}"
    result, mine = found[subject, rows], found[ASOF, rows]
    assert mine is not None  # it has no limit
    if result is None:
        return [_row(work, f"{subject}: time until killed", LIMIT_S, "s", peer=ASOF, ratio=LIMIT_S / mine.wall)]
    peer = RAW if subject == ASOF else ASOF
    other = found.get((peer, rows))
    return [
        _row(work, f"{subject}: {name}", of(result), unit, peer=peer, ratio=of(result) / of(other) if other else None)
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
    parser = options(__doc__, "a hundredth of the rows, each subject once")
    chosen = parser.parse_args()
    laps = 6_000 if chosen.small else 600_000
    asked = [(subject, laps) for subject in (ASOF, RAW, POLARS, PANDAS)]
    if chosen.small:
        asked += [(QUERY, laps), (DUCKDB, laps)]
    else:
        asked += [(subject, 1_000) for subject in (ASOF, DUCKDB, FILE)] + [
            (subject, 10_000) for subject in (ASOF, QUERY, DUCKDB)
        ]
    wall, peak = alone(None, _import_child)
    made = [_row("import of Feast, before any question", f"{peak:.0f} MiB", wall, "s", peer="none", ratio=None)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        alone(None, _world_child, folder, laps)
        made += compare(folder, asked, f"{laps:,} laps x {len(FEATURES)} features", REPEATS)
        alone(None, _world_child, folder, 10 * laps)
        asked = [(subject, 10 * laps) for subject in (ASOF, RAW)]
        made += compare(folder, asked, f"{10 * laps:,} laps x {len(FEATURES)} features", 1)
    report(made, chosen.json)


if __name__ == "__main__":
    main()
