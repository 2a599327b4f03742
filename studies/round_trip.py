"""Do whole runs survive the way from JSON files into MLflow, into a Parquet file, and back into JSON files?

    python studies/round_trip.py [--small] [--json FILE] [--docs docs/tracking.md]

Invented runs (a thousand of them) hold what stores find hard: long parameters, lists, texts that look like numbers, finals beside
histories, values that are no numbers, nested runs, artifacts, every way to end. After each leg the hashes of the canonical records
are compared with those of the beginning. Then one byte, one number or one tag of some runs is changed in the last store: each must
be found, else the comparison shows nothing. The exit status is 1 if a run differs, or a planted change is missed.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from _report import markdown, options, report

from pitwall.adapters.mlflow.runs import MlflowRuns
from pitwall.adapters.mlflow.tracker import MlflowTracker
from pitwall.domain.project import Project
from pitwall.tracking import JsonTracker
from pitwall.tracking.run_stores.store import RunStore
from pitwall.tracking.transfer import parquet
from pitwall.tracking.transfer.copying import copy_runs
from pitwall.tracking.transfer.whole_run import whole_runs

FULL, SMALL = 1000, 24
NESTED_EVERY = 10
ENDS = ("completed", "failed", "killed")
PLANTED = 5  # runs that are changed, for each kind of change
NOON = 1_700_000_000_000


def invent(tracker: JsonTracker, runs: int, seed: int, folder: Path) -> None:
    """Log runs, every tenth of them nested in the one before."""
    random, store = np.random.default_rng(seed), tracker.store.tracker
    above = ""
    for number in range(runs):
        nested = number % NESTED_EVERY == NESTED_EVERY - 1
        at = NOON + number * 60_000
        run_id = store.start(
            f"lab_{number % 3}", f"run {number}", {"car": "AB"[number % 2]}, above if nested else None, at
        )
        above = above if nested else run_id
        tracker.log_params(run_id, _params(random, number))
        for step in range(int(random.integers(1, 6))):
            store.metrics(
                run_id, {"loss": float(random.normal()), "auc": float(random.random())}, step, at + step * 1000
            )
        store.metrics(run_id, {"test_auc": float(random.random())}, None, at + 9_000)
        if number % 7 == 0:
            tracker.log_metrics(run_id, {"loss": float("nan")}, step=9)
        weights = folder / "weights.bin"
        weights.write_bytes(random.bytes(2_000))
        tracker.log_artifact(run_id, weights, f"models/{number}.bin")
        store.note(run_id, f"Run **{number}**\n" * int(random.integers(0, 4)))
        tracker.finish_run(run_id, ENDS[number % len(ENDS)])


def _params(random: np.random.Generator, number: int) -> dict[str, Any]:
    long = {"long": "x" * int(random.integers(6_001, 9_000))} if number % 5 == 0 else {}
    return {
        "rate": float(10 ** random.uniform(-6, 0)),
        "layers": [int(each) for each in random.integers(1, 9, 3)],
        "text": str(number),
        "none": None,
        "on": bool(number % 2),
        "deep": {"a": number, "b": {"c": "ü"}},
        **long,
    }


def hashes(store: RunStore) -> dict[Any, str]:
    """Return the hash of each run of a store, by what tells it from every other."""
    return {run.key: run.hash() for run in whole_runs(store.reader)}


def change_each(store: RunStore, base: Path) -> set[str]:
    """Change a byte, a number or a tag of some runs in a folder; return their own ids."""
    changed, runs = set(), list(whole_runs(store.reader))[: 3 * PLANTED]
    ids = {run.own_id: record.run_id for run, record in zip(runs, _records(store), strict=False)}
    for number, run in enumerate(runs):
        home = base / "runs" / ids[run.own_id]
        if number % 3 == 0:
            file = next((home / "artifacts" / "models").iterdir())
            file.write_bytes(bytes([file.read_bytes()[0] ^ 1]) + file.read_bytes()[1:])
        elif number % 3 == 1:
            content = json.loads((home / "metrics.json").read_text())
            content["test_auc"][0]["value"] += 1e-12
            (home / "metrics.json").write_text(json.dumps(content))
        else:
            store.tracker.tag(ids[run.own_id], {"car": "C"})
        changed.add(run.own_id)
    return changed


def _records(store: RunStore) -> list[Any]:
    """Return the records in the order of `whole_runs`."""
    return [each for record in store.records() for each in (record, *store.reader.nested(record.run_id))]


def main() -> int:
    """Go all the way and compare."""
    chosen = options(__doc__, f"{SMALL} runs").parse_args()
    many, rows = SMALL if chosen.small else FULL, []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        first, back = JsonTracker(folder / "first"), JsonTracker(folder / "back").store
        project = Project(folder)
        mlflow = RunStore(MlflowTracker(project), MlflowRuns(project))
        invent(first, many, chosen.seed, folder)
        before = hashes(first.store)

        def leg(name: str, work: Callable[[], Any], there: Callable[[], Mapping[Any, str]]) -> None:
            began = time.perf_counter()
            work()
            seconds, found = time.perf_counter() - began, there()
            equal = sum(found.get(key) == value for key, value in before.items())
            rows.append({"leg": name, "runs": len(found), "equal": equal, "ms a run": round(1000 * seconds / many)})

        file = folder / "runs.parquet"
        leg("JSON to MLflow", lambda: copy_runs(whole_runs(first.store.reader), mlflow), lambda: hashes(mlflow))
        leg("MLflow to Parquet", lambda: parquet.write(whole_runs(mlflow.reader), file), lambda: _in_file(file))
        leg("Parquet to JSON", lambda: _from_file(file, back), lambda: hashes(back))
        leg("JSON to MLflow, again", lambda: copy_runs(whole_runs(back.reader), mlflow), lambda: hashes(mlflow))
        planted = change_each(back, folder / "back")
        found = {key[1] for key, value in hashes(back).items() if value != before[key]}
    text = (
        markdown(rows) + f"\n{len(planted)} runs changed by a byte, a number or a tag: {len(planted & found)} found.\n"
    )
    report("round_trip", text, {"rows": rows, "planted": len(planted), "found": len(planted & found)}, chosen)
    return int(planted != found or any(row["equal"] != many or row["runs"] != many for row in rows))


def _in_file(path: Path) -> dict[Any, str]:
    with parquet.reading(path) as runs:
        return {run.key: run.hash() for run in runs}


def _from_file(path: Path, into: RunStore) -> None:
    with parquet.reading(path) as runs:
        copy_runs(runs, into)


if __name__ == "__main__":
    sys.exit(main())
