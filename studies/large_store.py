"""Whether a store with 10,000 runs can be read: by our own readers, and on MLflow's page as `pitwall ui` opens it.

    python studies/large_store.py [--small] [--json FILE] [--docs docs/operations.md] [--picture FILE.png]

The runs go into the tables of MLflow's database at once, as 10,000 calls would take half an hour: each fifth is a training, the others are its trials; all have
20 parameters and 10 metrics, a training 10 tags. Seconds are the best of three (the first opening of the page, where a browser is found). `--picture` keeps what the page shows.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from _report import markdown, options, report

from pitwall.adapters.mlflow.pages.server import mlflow_server
from pitwall.adapters.mlflow.pages.views import save_view
from pitwall.adapters.mlflow.runs import MlflowRuns
from pitwall.adapters.mlflow.store import database, experiment_id, open_store
from pitwall.domain.project import Project
from pitwall.tracking.runs import one

EXPERIMENT = "pitwall-order"
MANY, FEW = 10_000, 300
TRIALS = 4  # of each training
PARAMS, METRICS, TAGS = 20, 10, 10
BEGAN, EVERY = 1_700_000_000_000, 60_000  # ms
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 180_000


def rows(experiment: str, folder: str, count: int, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (table, row) of MLflow's database."""
    drawn, parent = np.random.default_rng(seed), ""
    for number in range(count):
        run_id = UUID(bytes=drawn.bytes(16)).hex
        trial, at = number % (TRIALS + 1), BEGAN + number * EVERY
        parent = parent if trial else run_id
        name = f"trial-{trial}" if trial else f"2024-01-15-order-pre_race-{number:06d}"
        yield (
            "runs",
            {
                "run_uuid": run_id,
                "name": name,
                "experiment_id": int(experiment),
                "status": "FINISHED",
                "start_time": at,
                "end_time": at + EVERY,
                "lifecycle_stage": "active",
                "artifact_uri": f"{folder}/{run_id}/artifacts",
                "user_id": "ada",
                "source_type": "LOCAL",
                "source_name": "",
                "entry_point_name": "",
                "source_version": "",
            },
        )
        tags = {"mlflow.runName": name} | ({"mlflow.parentRunId": parent} if trial else {})
        for key, value in {**tags, **{f"tag_{n}": f"value {number % 7}" for n in range(0 if trial else TAGS)}}.items():
            yield "tags", {"key": key, "value": value, "run_uuid": run_id}
        for n in range(PARAMS):
            yield "params", {"key": f"param_{n}", "value": f"{drawn.random():.6f}", "run_uuid": run_id}
        for n in range(METRICS):
            metric = {"key": f"metric_{n}", "value": float(drawn.random()), "timestamp": at, "step": 0, "is_nan": False}
            yield "metrics", {**metric, "run_uuid": run_id}
            yield "latest_metrics", {**metric, "run_uuid": run_id}


def fill(project: Project, count: int, seed: int) -> str:
    """Put the runs into the store; return the name of the newest training."""
    from sqlalchemy import MetaData, Table, insert

    experiment, engine = experiment_id(project, EXPERIMENT), database(open_store(project))
    by_table: dict[str, list[dict[str, Any]]] = {}
    for table, row in rows(experiment, (project.mlruns / "artifacts" / EXPERIMENT).as_uri(), count, seed):
        by_table.setdefault(table, []).append(row)
    with engine.begin() as connection:
        for name, lines in by_table.items():
            connection.execute(insert(Table(name, MetaData(), autoload_with=engine)), lines)
    return str(next(line["name"] for line in reversed(by_table["runs"]) if line["name"].startswith("2024")))


def timed(call: Callable[[], object], times: int = 3) -> float:
    """Return the seconds of the quickest call."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        spent.append(time.perf_counter() - began)
    return round(min(spent), 2)


def read(project: Project, newest: str) -> dict[str, float]:
    """Return how long our readers take."""
    runs = MlflowRuns(project)
    return {
        "names of the trainings of an experiment": timed(lambda: runs.names(EXPERIMENT)),
        "all trainings, with parameters, last metrics and tags": timed(lambda: runs.all(EXPERIMENT)),
        "one training by its name": timed(lambda: one(runs, newest)),
    }


def seen(project: Project, newest: str, picture: Path | None) -> dict[str, float]:
    """Return how long MLflow's page takes until the newest training can be read in it; nothing where no browser is."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        return {}
    from playwright.sync_api import sync_playwright

    address = save_view(project, EXPERIMENT, [f"metric_{n}" for n in range(3)], ["tag_0"])
    with mlflow_server(project) as server, sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page(viewport={"width": 1600, "height": 900})

        def opened() -> None:
            page.goto(f"{server}{address}", timeout=PATIENCE_MS)
            page.get_by_text(newest).first.wait_for(timeout=PATIENCE_MS)

        first = timed(opened, times=1)
        if picture:
            page.wait_for_timeout(2000)
            page.screenshot(path=picture)
        page.goto("about:blank")
        again = timed(opened, times=1)
        chromium.close()
    return {"MLflow's page, first opening": first, "MLflow's page, again": again}


def main() -> None:
    """Fill a store, read it, report."""
    chosen = options(__doc__, "300 runs").parse_args()
    count = FEW if chosen.small else MANY
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        newest = fill(project, count, chosen.seed)
        found = {**read(project, newest), **seen(project, newest, chosen.picture)}
    lines = [{"what": what, "seconds": seconds} for what, seconds in found.items()]
    text = f"{count:,} runs in one experiment, SQLite, on two cores.\n\n{markdown(lines)}"
    report("large_store", text, {"runs": count, "rows": lines}, chosen)


if __name__ == "__main__":
    main()
