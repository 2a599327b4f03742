"""The model registry on MLflow (`ports.Registry`): data-only versions, found again by the hash of their content.

DVC's run cache may restore a trained model without running anything; registering by content makes the second
registration return the first version, whoever comes first, also between processes.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import pandas as pd

from pitwall.adapters.mlflow_store import open_store, prepare_environment, store_lock
from pitwall.domain.errors import TrackingError, UnknownName
from pitwall.domain.ports import ModelVersion
from pitwall.domain.project import Project
from pitwall.domain.refs import folder_hash

CONTENT_TAG = "pitwall.content"
MODEL_CODE = Path(__file__).with_name("mlflow_order_model.py")
RUNTIME = ("mlflow", "numpy", "pandas", "pyarrow", "pydantic", "pyyaml", "scikit-learn", "scipy", "xgboost")
IDS = ("race_id", "driver_id", "constructor_id", "circuit_id", "season", "round")
COLUMN_TYPES = {"int64": "long", "float64": "double", "object": "string"}


class MlflowRegistry:
    """Model versions in `mlruns/mlflow.db` of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def register(
        self, model: str, run_id: str, folder: Path, example: pd.DataFrame, tags: Mapping[str, str]
    ) -> ModelVersion:
        """Log `folder` as a data-only model of the run and register it; the same content again returns its version."""
        if not folder.is_dir():
            raise TrackingError(f"there is no model folder {folder}; train {model} first: `pitwall train {model}`.")
        content = folder_hash(folder)
        open_store(self._project)
        with store_lock(self._project, "registry"):
            known = self.find(model, content)
            if known is not None:
                return known
            logged = self._log(model, run_id, folder, example)
            self._ensure_model(model)
            made = self._client.create_model_version(
                model,
                source=f"models:/{logged.model_id}",
                run_id=run_id,
                tags={CONTENT_TAG: content, **{key: str(value) for key, value in tags.items()}},
                model_id=logged.model_id,
            )
        return _version(made)

    def find(self, model: str, content: str) -> ModelVersion | None:
        """Return the version registered from a model folder with this hash."""
        found = self._client.search_model_versions(f"name = '{model}' and tags.`{CONTENT_TAG}` = '{content}'")
        return min((_version(entry) for entry in found), key=lambda entry: entry.version, default=None)

    def get(self, model: str, version: int) -> ModelVersion:
        """Return a version by number.

        Raises:
            UnknownName: there is none; lists those that exist.
        """
        from mlflow.exceptions import MlflowException

        try:
            return _version(self._client.get_model_version(model, str(version)))
        except MlflowException:
            known = [str(entry.version) for entry in self._client.search_model_versions(f"name = '{model}'")]
            raise UnknownName(f"version of {model}", str(version), known) from None

    def alias(self, model: str, alias: str) -> ModelVersion | None:
        """Return the version that holds an alias, or None."""
        from mlflow.exceptions import MlflowException

        try:
            # searches may return versions without their aliases; this call is the one to trust
            return _version(self._client.get_model_version_by_alias(model, alias))
        except MlflowException as error:
            if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                return None
            raise TrackingError(f"the alias {alias} of {model} cannot be read: {error.message}") from error

    def set_alias(self, model: str, alias: str, version: int) -> None:
        """Move an alias."""
        self._client.set_registered_model_alias(model, alias, str(self.get(model, version).version))

    def tag(self, model: str, version: int, tags: Mapping[str, str]) -> None:
        """Set tags on a version."""
        for key, value in tags.items():
            self._client.set_model_version_tag(model, str(version), key, str(value))

    def fetch(self, model: str, version: int) -> Path:
        """Return a local, read-only copy of the version's model folder, checked against its hash.

        Raises:
            TrackingError: the stored files are gone or were changed.
        """
        entry = self.get(model, version)
        target = self._project.state / "registry" / model / f"{version}-{entry.content[:12]}"
        with store_lock(self._project, "registry"):
            if not (target.is_dir() and folder_hash(target) == entry.content):
                self._copy(entry, target)
        return target

    @property
    def _client(self) -> Any:
        return open_store(self._project)

    def _ensure_model(self, model: str) -> None:
        if not self._client.search_registered_models(f"name = '{model}'"):
            self._client.create_registered_model(model)

    def _log(self, model: str, run_id: str, folder: Path, example: pd.DataFrame) -> Any:
        """Log the folder below the run as a model from code; what fluent `log_model` does, without its active run."""
        from mlflow.entities import LoggedModelOutput, LoggedModelStatus

        run = self._client.get_run(run_id)
        logged = self._client.create_logged_model(
            run.info.experiment_id, name=model, source_run_id=run_id, model_type="order", params=dict(run.data.params)
        )
        try:
            with tempfile.TemporaryDirectory() as scratch:
                saved = Path(scratch) / "pyfunc"
                model_folder = shutil.copytree(folder, Path(scratch) / "model")
                _save(saved, model_folder, example, logged)
                self._client.log_model_artifacts(logged.model_id, str(saved))
        except BaseException:
            self._client.finalize_logged_model(logged.model_id, LoggedModelStatus.FAILED)
            raise
        self._client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
        return self._client.finalize_logged_model(logged.model_id, LoggedModelStatus.READY)

    def _copy(self, entry: ModelVersion, target: Path) -> None:
        from mlflow.artifacts import download_artifacts
        from mlflow.exceptions import MlflowException

        address = self._client.get_model_version_download_uri(entry.model, str(entry.version))
        part = target.with_suffix(".part")
        for stale in (part, target):
            if stale.exists():
                _writable(stale)
                shutil.rmtree(stale)
        part.parent.mkdir(parents=True, exist_ok=True)
        try:
            source = download_artifacts(f"{address}/artifacts/model", tracking_uri=self._client.tracking_uri)
            shutil.copytree(source, part)
        except (MlflowException, OSError) as error:
            raise TrackingError(
                f"the files of {entry.model} version {entry.version} are not at {address}: {error}. MLflow stores "
                "absolute addresses: if the project was moved, remove mlruns/ and run `pitwall promote` again."
            ) from error
        if folder_hash(part) != entry.content:
            raise TrackingError(
                f"the files of {entry.model} version {entry.version} at {address} were changed after registration "
                f"(expected content {entry.content[:12]}); train and promote again."
            )
        for path in part.rglob("*"):
            path.chmod(0o555 if path.is_dir() else 0o444)
        part.rename(target)


def example_input(example: pd.DataFrame) -> pd.DataFrame:
    """Return model input rows as the signature wants them: ids int64, numbers float64, text string, no instants.

    Only the spine's ids may be integers: they are never null, and MLflow refuses to read an integer as a float. Any other
    integer column would break the signature with its first null.
    """
    columns = {}
    for name in example.columns:
        column = example[name]
        if pd.api.types.is_integer_dtype(column) and name in IDS:
            columns[name] = column.astype("int64")
        elif pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            columns[name] = column.astype("float64")
        elif not pd.api.types.is_datetime64_any_dtype(column):
            columns[name] = column.astype("object")
    return pd.DataFrame(columns).reset_index(drop=True)


def requirements() -> list[str]:
    """Return what the model needs to answer, with the versions installed here."""
    return [f"{package}=={installed(package)}" for package in RUNTIME]


def _save(target: Path, model: Path, example: pd.DataFrame, logged: Any) -> None:
    """Write the pyfunc folder of a model folder."""
    prepare_environment()
    import mlflow
    import numpy as np
    from mlflow.models import Model
    from mlflow.models.signature import ModelSignature
    from mlflow.types import ColSpec, Schema, TensorSpec

    rows = example_input(example)
    outputs = Schema([TensorSpec(np.dtype("float64"), (-1, -1))])  # rows x places: fields differ in size
    inputs = Schema([ColSpec(COLUMN_TYPES[str(kind)], name) for name, kind in rows.dtypes.items()])
    signature = ModelSignature(inputs=inputs, outputs=outputs)
    mlflow.pyfunc.save_model(
        str(target),
        python_model=str(MODEL_CODE),
        artifacts={"model": str(model)},
        signature=signature,
        input_example=rows,
        pip_requirements=requirements(),
        mlflow_model=Model(
            artifact_path=logged.artifact_location, run_id=logged.source_run_id, model_id=logged.model_id
        ),
    )


def _version(entry: Any) -> ModelVersion:
    tags = dict(entry.tags)
    return ModelVersion(str(entry.name), int(entry.version), str(entry.run_id), tags.get(CONTENT_TAG, ""), tags)


def _writable(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
