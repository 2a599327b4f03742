"""Remove runs from MLflow (`ports.RunSweeper`): out of sight first, then their files; the same on all three stores.

Parameters and metrics of a removed run stay in MLflow's own trash until `mlflow gc` empties it.
"""

from __future__ import annotations

from typing import Any

from pitwall.adapters.mlflow.store import open_store
from pitwall.domain.errors import TrackingError
from pitwall.domain.project import Project

SWEPT = "pitwall.swept"  # tells what was thrown away from what is only archived: MLflow calls both deleted


class MlflowSweeper:
    """Removes from the run store of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def sweep(self, run_id: str) -> None:
        """Remove a run with its nested runs, its files and the model versions made from it.

        Raises:
            TrackingError: one of these versions holds an alias; nothing was removed.
        """
        client: Any = open_store(self._project)
        run = client.get_run(run_id)
        experiment = [run.info.experiment_id]
        versions = [
            client.get_model_version(v.name, v.version) for v in client.search_model_versions(f"run_id = '{run_id}'")
        ]
        if held := [f"{v.name} {v.version} ({', '.join(v.aliases)})" for v in versions if v.aliases]:
            raise TrackingError(f"run {run_id} made {', '.join(held)}: a version that holds an alias is not removed.")
        for version in versions:
            client.delete_model_version(version.name, version.version)
        for logged in client.search_logged_models(experiment, f"source_run_id = '{run_id}'"):
            client.delete_logged_model(logged.model_id)
            _delete_files(logged.artifact_location)
        nested = list(client.search_runs(experiment, f"tags.`mlflow.parentRunId` = '{run_id}'"))
        client.set_tag(run_id, SWEPT, "true")
        for each in (*nested, run):
            client.delete_run(each.info.run_id)
            _delete_files(each.info.artifact_uri)


def _delete_files(address: str) -> None:
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    repository = get_artifact_repository(address)
    if repository.list_artifacts():
        repository.delete_artifacts()
