"""Do runs get lost when many processes log at once, on a store that none of them has opened before?

    python studies/parallel_logging.py [--small] [--json FILE] [--docs docs/operations.md]

Sixteen processes start together on an empty store and log fifty runs each, with the parameters, metrics and tags of a
small training; then the store is asked what it holds. Once on SQLite, once on a PostgreSQL that is started for the
purpose (left out where none is installed). *Complete* runs are FINISHED and have every parameter and metric.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
import traceback
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from _report import markdown, options, report

from pitwall.adapters.mlflow.store import open_store
from pitwall.adapters.mlflow.tracker import MlflowTracker
from pitwall.domain.project import Project
from pitwall.domain.settings import VARIABLE
from pitwall.testing.fakes.postgres import create_database, postgres, programs

FULL, SMALL = (16, 50), (4, 5)
START = "spawn"  # every process begins with nothing
EXPERIMENT = "pitwall-order"
PARAMS = {f"parameter_{number}": number for number in range(20)}
METRICS = {f"metric_{number}": number / 7 for number in range(10)}
COLUMNS = ("store", "processes", "runs each", "complete", "errors", "words on stderr", "seconds", "runs a second")


def log_runs(root: Path, number: int, runs: int, errors: Any) -> None:
    """Log runs from one process; an error that a user would see goes to the queue `errors`."""
    said = root / f"stderr-{number}"
    os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT), sys.stderr.fileno())
    try:
        tracker = MlflowTracker(Project(root))
        for each in range(runs):
            run_id = tracker.start(EXPERIMENT, f"process {number} run {each}", {"pitwall.model": "none"})
            tracker.params(run_id, PARAMS)
            tracker.metrics(run_id, METRICS)
            tracker.tag(run_id, {"pitwall.done": "yes"})
            tracker.finish(run_id, "FINISHED")
    except Exception:  # noqa: BLE001  # whatever it is, it is what the study counts
        errors.put(traceback.format_exc(limit=-3)[-2000:])


def measure(store: str, root: Path, processes: int, runs: int) -> dict[str, Any]:
    """Let processes log at once on a fresh store; return a row of the table."""
    start = multiprocessing.get_context(START)
    errors = start.SimpleQueue()
    began = time.perf_counter()
    workers = [start.Process(target=log_runs, args=(root, number, runs, errors)) for number in range(processes)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    seconds = time.perf_counter() - began
    seen = [f"a process ended with exit code {worker.exitcode}" for worker in workers if worker.exitcode]
    while not errors.empty():
        seen.append(errors.get())
    sys.stderr.writelines(f"{text}\n" for text in seen)
    words = sum(len(path.read_text().split()) for path in root.glob("stderr-*"))
    values = (
        store,
        processes,
        runs,
        complete(root),
        len(seen),
        words,
        round(seconds),
        round(processes * runs / seconds, 1),
    )
    return dict(zip(COLUMNS, values, strict=True))


def complete(root: Path) -> int:
    """Return how many runs the store holds in full."""
    client = open_store(Project(root))
    ids = [experiment.experiment_id for experiment in client.search_experiments()]
    found, token = 0, None
    while True:
        page = client.search_runs(ids, page_token=token)
        found += sum(
            run.info.status == "FINISHED" and len(run.data.params) == len(PARAMS) and run.data.metrics == METRICS
            for run in page
        )
        token = page.token
        if not token:
            return found


def main() -> None:
    """Measure both stores and report the table."""
    chosen = options(__doc__, "a few processes and runs, to see that the study runs").parse_args()
    processes, runs = SMALL if chosen.small else FULL
    rows = []
    with postgres() if programs() else nullcontext() as server:
        for store in ("SQLite", "PostgreSQL") if server else ("SQLite",):
            with tempfile.TemporaryDirectory() as folder:
                os.environ.pop(VARIABLE, None)
                if store == "PostgreSQL":
                    os.environ[VARIABLE] = create_database(str(server), "runs")
                rows.append(measure(store, Path(folder), processes, runs))
    report("parallel_logging", markdown(rows), {"rows": rows}, chosen)


if __name__ == "__main__":
    main()
