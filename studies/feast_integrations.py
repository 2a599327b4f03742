"""What Feast's own MLflow and OpenLineage integrations record of our retrievals, and what they cost.

    python studies/feast_integrations.py [--small] [--json FILE] [--docs docs/decisions/0044-feast-integrations.md]

A project on a tiny world gets them by their settings in feature_store.yaml. Then the call that `FeastStore.historical` makes runs inside an open MLflow run,
in turn without and with the integration: medians of the pairs. OpenLineage writes its events to a file; without its package
(`openlineage-python`, no dependency of ours) its rows are left out, and without `grpcio` that of `apply`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd
import yaml
from _report import markdown, options, report

from pitwall.adapters.feast.quiet import lean, quieten
from pitwall.adapters.mlflow.store import experiment_id, open_store, prepare_environment
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.features import feature_sets
from pitwall.features.machinery.stage import build_features
from pitwall.ml.rows import row_kind
from pitwall.testing.checks.features import copy_feature_repo
from pitwall.testing.worlds.tiny import tiny_tables

REPO = Project(Path(__file__).resolve().parents[1])
PAIRS, FEW = 15, 2
IMPORTS = ("feast.mlflow_integration.client", "feast.openlineage")
SET, STAGE = "order", "pre_race"


def made(root: Path) -> tuple[Project, pd.DataFrame]:
    """Return a project with built features and the entity rows that are asked for."""
    project, tables = Project(root), tiny_tables(upcoming=1)
    shutil.copy(REPO.params, project.params)
    (root / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    copy_feature_repo(project, REPO)
    save_tables(tables, project.tables)
    build_features(project, Params())
    spine = row_kind("race_driver").spine(tables, STAGE)
    keys = sorted({key for group in feature_sets()[SET] for key in group.keys})
    return project, spine[keys].assign(event_timestamp=spine["cutoff"])


def opened(project: Project, **integrations: Any) -> Any:
    """Return Feast's store of the project as its feature_store.yaml would open it with these settings besides."""
    from feast import FeatureStore

    own = project.feature_repo / "feature_store.yaml"
    variant = own.with_name(f"{'-'.join(integrations) or 'plain'}.yaml")
    variant.write_text(
        f"{own.read_text(encoding='utf-8')}\n{yaml.safe_dump(integrations) if integrations else ''}", encoding="utf-8"
    )
    return FeatureStore(repo_path=str(project.feature_repo), fs_yaml_file=variant)


def asker(store: Any, entities: pd.DataFrame, features: Any) -> Callable[[], float]:
    """Return a function that joins once and says how many milliseconds that took."""

    def ask() -> float:
        began = time.perf_counter()
        store.get_historical_features(entity_df=entities, features=features, filter_by_created_timestamp=True).to_df()
        return (time.perf_counter() - began) * 1000

    return ask


def pairs(count: int, plain: Callable[[], float], other: Callable[[], float]) -> tuple[float, float]:
    """Return both medians of calls that take turns, after one of each that nobody counts."""
    plain(), other()
    timed = [(plain(), other()) for _ in range(count)]
    return median(first for first, _ in timed), median(second for _, second in timed)


def import_seconds(module: str) -> float:
    """Return the CPU seconds that a module takes beyond `import feast`, in a process of its own."""
    program = f"import feast, time; began = time.process_time(); import {module}; print(time.process_time() - began)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return float(answer.stdout.split()[-1])


def by_mlflow(project: Project, entities: pd.DataFrame, count: int) -> list[dict[str, Any]]:
    """Join in a run that is open in MLflow's own way, by list of features and by service, and in one of ours."""
    import mlflow

    uri, wanted = (
        open_store(project)._tracking_client.tracking_uri,
        [f"{g.name}:{n}" for g in feature_sets()[SET] for n in g.names],
    )
    plain, logging_store = opened(project), opened(project, mlflow={"enabled": True, "tracking_uri": uri})
    service = plain.get_feature_service(SET)
    rows = []
    for how, features in (("list of features, as we ask", wanted), ("feature service", service)):
        with mlflow.start_run(experiment_id=experiment_id(project, "pitwall-order")) as run:
            without, with_it = pairs(count, asker(plain, entities, features), asker(logging_store, entities, features))
        data = open_store(project).get_run(run.info.run_id).data
        rows.append(_row("MLflow", how, without, with_it, _said({**data.tags, **data.metrics})))
    client = open_store(project)
    ours = client.create_run(experiment_id(project, "pitwall-order")).info.run_id
    without, with_it = pairs(count, asker(plain, entities, service), asker(logging_store, entities, service))
    data = client.get_run(ours).data
    rows.append(
        _row(
            "MLflow",
            "a run that has an id and is not MLflow's active one, as ours",
            without,
            with_it,
            _said({**data.tags, **data.metrics}),
        )
    )
    return rows


def by_openlineage(project: Project, entities: pd.DataFrame, count: int) -> list[dict[str, Any]]:
    """Join and apply with events that go to files: of the working directory, whatever the settings say."""
    from pitwall.adapters.feast.definitions import definitions

    plain, telling = opened(project), opened(project, openlineage={"enabled": True, "transport_type": "file"})
    service, things = plain.get_feature_service(SET), list(definitions(project).values())
    without, with_it = pairs(count, asker(plain, entities, service), asker(telling, entities, service))
    rows = [_row("OpenLineage", "feature service", without, with_it, _events())]
    if not importlib.util.find_spec("grpc"):
        return rows  # Feast's apply then ends with an ImportError, after it has applied
    without, with_it = pairs(count, _timed(lambda: plain.apply(things)), _timed(lambda: telling.apply(things)))
    return [*rows, _row("OpenLineage", "`apply` of every definition", without, with_it, _events(count + 1))]


def _timed(call: Callable[[], object]) -> Callable[[], float]:
    def once() -> float:
        began = time.perf_counter()
        call()
        return (time.perf_counter() - began) * 1000

    return once


def _row(of: str, asked: str, without: float, with_it: float, recorded: str) -> dict[str, Any]:
    return {
        "integration": of,
        "asked": asked,
        "ms without": round(without, 1),
        "ms with": round(with_it, 1),
        "recorded": recorded,
    }


def _said(data: dict[str, Any]) -> str:
    return ", ".join(f"`{name[len('feast.') :]}`" for name in sorted(data) if name.startswith("feast.")) or "nothing"


def _events(calls: int = 1) -> str:
    found = list(Path.cwd().glob("openlineage_events*"))
    size = sum(path.stat().st_size for path in found) // 1024
    return f"{len(found) // calls} files of one event, {size // calls} KB, a call" if found else "nothing"


def main() -> None:
    """Measure and report the table."""
    chosen = options(__doc__, "two pairs").parse_args()
    count = FEW if chosen.small else PAIRS
    prepare_environment()
    quieten()
    with lean():
        import feast  # noqa: F401
    logging.getLogger("feast").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        project, entities = made(Path(folder))
        from pitwall.adapters.feast.definitions import definitions

        opened(project).apply(list(definitions(project).values()))
        rows = by_mlflow(project, entities, count)
        if importlib.util.find_spec("openlineage"):
            rows += by_openlineage(project, entities, count)
    imports = [{"module": name, "CPU s beyond `import feast`": round(import_seconds(name), 2)} for name in IMPORTS]
    text = f"{len(entities)} entity rows, {count} pairs.\n\n{markdown(rows)}\n{markdown(imports)}"
    report("feast_integrations", text, {"rows": rows, "imports": imports}, chosen)


if __name__ == "__main__":
    main()
