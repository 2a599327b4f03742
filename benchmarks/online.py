"""How long the vectors of one race's cars take online: from the cache, from SQLite through ours, and from Feast itself.

All answer for the same cars and features from the same SQLite file; the answers are compared bit by bit before any clock
runs. The calls take turns, so that a busy machine slows all of them alike. The values are invented: five views, one per
kind of key. Rows go to `--json FILE`: {work, subject, value, unit, peer, ratio}.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _report import options, report

from pitwall.adapters.feast.store import FeastStore
from pitwall.domain.project import Project, find_project
from pitwall.testing.checks.features import copy_feature_repo
from pitwall.testing.worlds.online import invented_groups, invented_rows, only_groups, race_cars, write_rows

SET = "order"
PEER = "Feast get_online_features().to_df()"
CUTOFF = pd.Timestamp("2024-12-08 13:00", tz="UTC")
WARM = 5


def filled(root: Path, cars: int, features: int) -> tuple[FeastStore, list[dict[str, int]]]:
    """Return a store that serves one race, and its cars."""
    project, checkout = Project(root), find_project()
    shutil.copy(checkout.params, project.params)
    copy_feature_repo(project, checkout)
    ids = race_cars(cars)
    for seed, group in enumerate(invented_groups(features // 5).values()):
        write_rows(project, group, invented_rows(group, ids, [CUTOFF - pd.Timedelta(weeks=1)], seed))
    store = FeastStore(project)
    store.materialise(CUTOFF, SET)
    return store, ids.to_dict("records")


def subjects(store: FeastStore, cars: list[dict[str, int]]) -> dict[str, Callable[[], pd.DataFrame]]:
    """Return what is measured, by name; each returns the vectors."""
    served = store.materialise(CUTOFF, SET)
    feast = store._at(store._slots.folder(served))  # the very store that ours stands on, its objects made beforehand
    service = feast.get_feature_service(SET)
    columns = list(store.online(cars, SET, CUTOFF))

    def from_sqlite() -> pd.DataFrame:
        store.vectors.clear()
        return store.online(cars, SET, CUTOFF)

    def ask() -> Any:
        return feast.get_online_features(features=service, entity_rows=cars)

    return {
        "ours, from the cache": lambda: store.online(cars, SET, CUTOFF),
        "ours, from SQLite": from_sqlite,
        "Feast get_online_features().to_dict()": lambda: pd.DataFrame(ask().to_dict())[columns],
        PEER: lambda: ask().to_df()[columns],
    }


def timed(calls: dict[str, Callable[[], pd.DataFrame]], repeats: int) -> dict[str, np.ndarray]:
    """Return milliseconds per call, after all have given the same answer."""
    answers = [call().astype("float64").to_numpy() for call in calls.values()]
    if any(not np.array_equal(answers[0], other, equal_nan=True) for other in answers):
        raise SystemExit("the subjects answer differently: nothing to compare.")
    spent: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(WARM + repeats):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if turn >= WARM:
                spent[name].append((time.perf_counter() - start) * 1e3)
    return {name: np.array(values) for name, values in spent.items()}


def measure(cars: int, features: int, repeats: int) -> list[dict[str, Any]]:
    """Return the rows: p50 and p99 of each subject beside Feast's."""
    with tempfile.TemporaryDirectory() as folder, only_groups(invented_groups(features // 5)):
        spent = timed(subjects(*filled(Path(folder), cars, features)), repeats)
    return [
        {
            "work": f"online vectors, {cars} cars x {features} features, {part} of {repeats} calls",
            "subject": name,
            "value": round(float(np.percentile(values, level)), 4),
            "unit": "ms",
            "peer": PEER,
            "ratio": round(float(np.percentile(values, level) / np.percentile(spent[PEER], level)), 4),
        }
        for part, level in (("p50", 50), ("p99", 99))
        for name, values in spent.items()
    ]


def main() -> None:
    """Parse the command line, measure, print."""
    parser = options(__doc__, "few calls, to see that it runs")
    parser.add_argument("--calls", type=int, default=1000, help="how often each subject is asked")
    chosen = parser.parse_args()
    rows = measure(22, 40, 30 if chosen.small else chosen.calls)
    report(rows, chosen.json)


if __name__ == "__main__":
    main()
