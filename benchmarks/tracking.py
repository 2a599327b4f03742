"""What the logbook costs: comparing 1,000 runs of 50 parameters, and logging a run of 20 parameters, 10 metrics and 50 steps.

Comparing goes from the store to the finished comparison, the best run first, differing parameters told apart from the others. Its peer is
`mlflow.search_runs` to a data frame, which does neither; where the best value of each run decides, the peer is one question for the history of
each run, since MLflow's client has no other. Logging is `domain.ports.Tracker` beside bare `MlflowClient` with the same batches. Both go in turns on one
fresh SQLite store, medians, in one process; a folder of JSON files has no peer here. Last, sixteen processes log fifty runs each to one folder at
once: how many of the 800 are there in full is counted, and the exit status is 1 if one is not. `--json FILE` writes rows {work, subject, value, unit, peer, ratio};
`--small` takes fewer runs and turns.
"""

from __future__ import annotations

import logging
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from _report import Row, options, report

from pitwall.adapters.mlflow.runs import MlflowRuns
from pitwall.adapters.mlflow.store import experiment_id, open_store
from pitwall.adapters.mlflow.tracker import MlflowTracker
from pitwall.domain.ports import RunReader, Tracker
from pitwall.domain.project import Project
from pitwall.tracking.comparison.table import Question, compare
from pitwall.tracking.json_runs import JsonRuns

EXPERIMENT = "pitwall-benchmark"
PARAMS, METRICS, STEPS = 20, 10, 50  # of a run that is logged
COMPARED, WIDE, COURSE = 1000, 50, 10  # runs that are compared, their parameters, steps of their metric
SMALL, TURNS, FEW = 40, 7, 3
AT_ONCE, EACH = 16, 50  # processes, and runs that each logs


def main() -> int:
    """Parse the command line, measure, print."""
    chosen = options(__doc__, "fewer runs and turns").parse_args()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    runs, turns = (SMALL, FEW) if chosen.small else (COMPARED, TURNS)
    with TemporaryDirectory() as folder:
        project, files = Project(Path(folder) / "project"), JsonRuns(Path(folder) / "files")
        together = together_row(Path(folder) / "together", runs // SMALL if chosen.small else EACH)
        report(
            [*logging_rows(project, files, turns), *comparing_rows(project, files, runs, turns), together], chosen.json
        )
    return int(together["ratio"] != 1)


def logging_rows(project: Project, files: JsonRuns, turns: int) -> list[Row]:
    """Return what logging a run takes: through our tracker, through MLflow's client alone, and to a folder of JSON files."""
    tracker, client, experiment = MlflowTracker(project), open_store(project), experiment_id(project, "bare")
    ours, bare = in_turns((lambda: log(tracker), lambda: log_bare(client, experiment)), turns)
    (plain,) = in_turns((lambda: log(files),), turns)
    work = f"log a run: {PARAMS} parameters, {METRICS} metrics, {STEPS} steps"
    return [row(work, "MLflow", ours, "MlflowClient", bare), row(work, "JSON files", plain)]


def comparing_rows(project: Project, files: JsonRuns, count: int, turns: int) -> list[Row]:
    """Return what comparing many runs takes, by the last value of each and by the best one."""
    import mlflow

    reader, tracker = MlflowRuns(project), MlflowTracker(project)
    for number in range(count):
        for store in (tracker, files):
            log_wide(store, number)
    last, frame = in_turns(
        (
            lambda: compared(reader, Question(("loss",))),
            lambda: mlflow.search_runs(experiment_names=["many"], max_results=count),
        ),
        turns,
    )
    best, each = in_turns(
        (lambda: compared(reader, Question(("loss",), which="best")), lambda: best_one_by_one(reader)), FEW
    )
    (plain,) = in_turns((lambda: compared(files, Question(("loss",))),), FEW)
    work = f"compare {count:,} runs x {WIDE} parameters"
    return [
        row(work, "MLflow, last value", last, "mlflow.search_runs to a frame", frame),
        row(work, "MLflow, best value", best, "histories one by one", each),
        row(work, "JSON files, last value", plain),
    ]


def together_row(base: Path, each: int) -> Row:
    """Let processes log to one folder at once; return how many runs it then holds in full."""
    start = multiprocessing.get_context("spawn")
    workers = [start.Process(target=log_many, args=(base, each)) for _ in range(AT_ONCE)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    reader, last = JsonRuns(base), {f"m{number}": (STEPS - 1) / (number + 1) for number in range(METRICS)}
    whole = [
        found
        for found in reader.all(EXPERIMENT)
        if found.status == "FINISHED" and len(found.params) == PARAMS and found.metrics == last
    ]
    logged = AT_ONCE * each
    return {
        "work": f"{AT_ONCE} processes log {each} runs each at once",
        "subject": "JSON files",
        "value": len(whole),
        "unit": "whole runs",
        "peer": f"logged: {logged}",
        "ratio": len(whole) / logged,
    }


def log_many(base: Path, many: int) -> None:
    """Log runs to a folder."""
    for _ in range(many):
        log(JsonRuns(base))


def in_turns(works: tuple[Callable[[], object], ...], turns: int) -> list[float]:
    """Return the median seconds of each of some works that are done in turns, after one turn that does not count."""
    taken: list[list[float]] = [[] for _ in works]
    for turn in range(turns + 1):
        for work, seen in zip(works, taken, strict=True):
            began = time.perf_counter()
            work()
            if turn:
                seen.append(time.perf_counter() - began)
    return [statistics.median(seen) for seen in taken]


def log(tracker: Tracker) -> None:
    """Log a run as a training does."""
    run = tracker.start(EXPERIMENT, "run", {"team": "blue"})
    tracker.params(run, {f"p{number}": number for number in range(PARAMS)})
    for step in range(STEPS):
        tracker.metrics(run, {f"m{number}": step / (number + 1) for number in range(METRICS)}, step=step)
    tracker.finish(run, "FINISHED")


def log_bare(client: Any, experiment: str) -> None:
    """Log the same through MLflow's own client."""
    from mlflow.entities import Metric, Param

    run = client.create_run(experiment, tags={"team": "blue"}, run_name="run").info.run_id
    client.log_batch(run, params=[Param(f"p{number}", str(number)) for number in range(PARAMS)])
    for step in range(STEPS):
        now = int(time.time() * 1000)
        client.log_batch(run, [Metric(f"m{number}", step / (number + 1), now, step) for number in range(METRICS)])
    client.set_terminated(run, "FINISHED")


def log_wide(tracker: Tracker, number: int) -> None:
    """Log one of the runs that are compared: half of its parameters are alike in all, and its best value is not its last."""
    run = tracker.start("many", f"run {number}", {})
    tracker.params(run, {f"p{each:02}": number * each if each % 2 else each for each in range(WIDE)})
    for step in range(COURSE):
        tracker.metrics(run, {"loss": abs(step - number % COURSE) / 10 + number / COMPARED}, step=step)
    tracker.finish(run, "FINISHED")


def compared(reader: RunReader, question: Question) -> None:
    """Compare the runs and see that it was done."""
    found = compare(reader, reader.all("many"), question)
    assert found.best is not None
    assert len(found.differing) == WIDE // 2


def best_one_by_one(reader: RunReader) -> None:
    """Do what is to be done without a question for many histories: read the runs, ask for each history."""
    min(min(value for _, value in reader.history(each.run_id, "loss")) for each in reader.all("many"))


def row(work: str, subject: str, value: float, peer: str = "", theirs: float | None = None) -> Row:
    """Return a row in milliseconds."""
    ratio = None if theirs is None else round(value / theirs, 3)
    return {
        "work": work,
        "subject": subject,
        "value": round(1000 * value, 1),
        "unit": "ms",
        "peer": peer,
        "ratio": ratio,
    }


if __name__ == "__main__":
    sys.exit(main())
