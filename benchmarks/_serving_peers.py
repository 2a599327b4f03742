"""The peers of benchmarks/serving.py: the least that a server of the same answers does, and MLflow's own server of the same model, or of a booster alone."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import uvicorn
from fastapi import FastAPI, Request, Response

from pitwall.adapters.mlflow.pyfunc import example_input, save_pyfunc
from pitwall.domain.project import Project
from pitwall.ml.estimators.shared.trees import known_values
from pitwall.testing.load.client import post
from pitwall.testing.load.process import Running, free_port, running
from pitwall.testing.load.questions import Asking, Version, body_of, questions
from pitwall.workflows.serving.places import Place
from pitwall.workflows.workspace import Workspace

AGE = 0  # of the data, as the bare server says it
MLFLOW = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),  # it starts `uvicorn` by its name
}


def app(root: Path, name: str, template: str, number: int, seed: int) -> FastAPI:
    """Return an app of one handler: it runs the model and its baseline on the vectors of a question, and returns bytes made before."""
    workspace = Workspace(Project(root))
    version = Version(workspace, name, 1)
    known = {each.body: _prepared(version, each) for each in questions(workspace, name, template, number, seed)}
    bare, model, baseline = FastAPI(), version.champion.model.fitted, version.champion.baseline.fitted

    @bare.get("/ready")
    async def ready() -> Response:
        return Response(b"{}")

    @bare.post("/api/v1/predict/{template}")
    async def predict(template: str, request: Request) -> Response:
        ours, theirs, body = known[await request.body()]
        model.answer(
            ours.copy(deep=False)
        )  # as every question has its own: pandas remembers columns that were asked for
        baseline.answer(theirs.copy(deep=False))
        return Response(body, media_type="application/json")

    return bare


def _prepared(version: Version, asking: Asking) -> tuple[pd.DataFrame, pd.DataFrame, bytes]:
    champion, rows = version.champion, version.answers.rows(version.asked(asking))
    ours = rows.read_by(champion.model.recipe, champion.reads["model"])
    theirs = rows.read_by(champion.baseline.recipe, champion.reads["baseline"])
    return ours, theirs, body_of(version.says(asking), AGE)


@contextmanager
def bare_server(root: Path, *about: str | int) -> Iterator[Running]:
    """Serve the bare app with one worker, as Pitwall's server is run."""
    port = free_port()
    command = [sys.executable, __file__, str(port), str(root), *map(str, about)]
    with running(command, port, {"PITWALL_HOME": str(root)}, root / "bare.log", "/ready") as found:
        yield found


@contextmanager
def mlflow_server(root: Path, version: Version, asking: Asking) -> Iterator[Running]:
    """Serve a model with `mlflow models serve`, one worker: as the registry holds it, with a question's vectors for its example."""
    model = Place(version.champion.job.project, version.champion.job.name).version(1) / "model"
    folder = root / f"mlflow-{version.champion.job.name}"
    save_pyfunc(
        folder,
        model,
        _vectors(version, asking),
        SimpleNamespace(artifact_location="model", source_run_id=None, model_id=None),
    )
    with _mlflow(folder) as found:
        yield found


@contextmanager
def mlflow_booster(root: Path, version: Version) -> Iterator[Running]:
    """Serve the booster of a model alone with `mlflow models serve`, one worker."""
    import mlflow.xgboost

    folder = root / "mlflow-booster"
    mlflow.xgboost.save_model(version.champion.model.fitted.learned.trees, folder, pip_requirements=["xgboost"])
    with _mlflow(folder) as found:
        yield found


@contextmanager
def _mlflow(folder: Path) -> Iterator[Running]:
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(folder), "--env-manager", "local"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with running(command, port, MLFLOW, folder.with_suffix(".log"), "/ping") as found:
        yield found


def booster_request(version: Version, asking: Asking) -> bytes:
    """Return the request about a booster alone with the vectors of a question."""
    fitted = version.champion.model.fitted
    values = known_values(_vectors(version, asking), fitted.features)
    return _split(list(fitted.learned.trees.feature_names), values.tolist())


def mlflow_request(version: Version, asking: Asking) -> bytes:
    """Return the request about a whole model with the rows of a question."""
    rows = example_input(_vectors(version, asking))
    return _split(list(rows.columns), rows.to_numpy(object).tolist())


def _vectors(version: Version, asking: Asking) -> pd.DataFrame:
    return version.champion.model.recipe.select(version.answers.rows(version.asked(asking)).frame)


def _split(columns: list[str], data: list[list[object]]) -> bytes:
    body = {"dataframe_split": {"columns": columns, "data": data}}
    return post("/invocations", json.dumps(body).encode())  # a value that lacks is NaN, which MLflow reads


def main(arguments: Sequence[str]) -> None:
    """Serve the bare app: port, root, name, template, number and seed of the questions."""
    port, root, name, template, number, seed = arguments
    served = app(Path(root), name, template, int(number), int(seed))
    uvicorn.run(served, port=int(port), loop="uvloop", http="httptools", access_log=False, log_level="warning")


if __name__ == "__main__":
    main(sys.argv[1:])
