"""The model registry on MLflow (`ports.Registry`): data-only versions, found again by the hash of their content.

DVC's run cache may restore a trained model without running anything; registering by content makes the second
registration return the first version, whoever comes first, also between processes.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pitwall.adapters.git import user
from pitwall.adapters.mlflow.interface import read_interface
from pitwall.adapters.mlflow.logged_models import logging_model
from pitwall.adapters.mlflow.pyfunc import save_pyfunc
from pitwall.adapters.mlflow.store import close_store, open_store, store_lock
from pitwall.adapters.mlflow.tags import pack, packs_any, unpack
from pitwall.domain import renames
from pitwall.domain.errors import TrackingError, UnknownName
from pitwall.domain.ports import ModelInterface, ModelVersion
from pitwall.domain.project import Project
from pitwall.domain.records.aliases import CANDIDATE, TRAINER_TAG, is_offered
from pitwall.domain.refs import folder_hash

CONTENT_TAG = "pitwall.content"


class MlflowRegistry:
    """Model versions in `mlruns/mlflow.db` of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def register(
        self, model: str, run_id: str, folder: Path, example: pd.DataFrame, tags: Mapping[str, str]
    ) -> ModelVersion:
        """Log `folder` as a data-only model of the run and register it; the same content again returns its version.

        A version without a stage becomes the candidate, unless its tag `role` is `baseline`.
        """
        if not folder.is_dir():
            raise TrackingError(f"there is no model folder {folder}; train {model} first: `pitwall train {model}`.")
        content = folder_hash(folder)
        open_store(self._project)
        with store_lock(self._project, "registry"):
            version = self.find(model, content) or self._create(model, run_id, folder, example, tags)
            if is_offered(version, self.aliases(model)):
                self.set_alias(model, CANDIDATE, version.version)
        return version

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

    def models(self) -> list[str]:
        """Return the registered names, sorted."""
        return sorted(str(entry.name) for entry in _all(self._client.search_registered_models))

    def versions(self, model: str) -> list[ModelVersion]:
        """Return all versions of a model, oldest first."""
        found = _all(self._client.search_model_versions, f"name = '{model}'")
        return sorted(map(_version, found), key=lambda entry: entry.version)

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

    def aliases(self, model: str) -> dict[str, int]:
        """Return {alias: version} of a model."""
        entry = self._model(model)
        return {} if entry is None else {str(alias): int(number) for alias, number in sorted(entry.aliases.items())}

    def set_alias(self, model: str, alias: str, version: int) -> None:
        """Move an alias."""
        self._client.set_registered_model_alias(model, alias, str(self.get(model, version).version))

    def drop_alias(self, model: str, alias: str) -> None:
        """Take an alias away; nothing happens where nobody holds it."""
        self._client.delete_registered_model_alias(model, alias)

    def tag(self, model: str, version: int, tags: Mapping[str, str]) -> None:
        """Set tags on a version."""
        known = self._client.get_model_version(model, str(version)).tags if packs_any(tags, version=True) else {}
        for key, value in pack(tags, known, version=True).items():
            self._client.set_model_version_tag(model, str(version), key, value)

    def describe(self, model: str, text: str, version: int | None = None) -> None:
        """Set the Markdown that the page of a version, or of the model itself, opens with."""
        if version is None:
            self._client.update_registered_model(model, text)
        else:
            self._client.update_model_version(model, str(version), text)

    def model_tags(self, model: str) -> dict[str, str]:
        """Return the tags of the model itself; none where it is not registered."""
        entry = self._model(model)
        return {} if entry is None else {str(key): str(value) for key, value in entry.tags.items()}

    def tag_model(self, model: str, tags: Mapping[str, str]) -> None:
        """Set tags on the model itself."""
        for key, value in tags.items():
            self._client.set_registered_model_tag(model, key, value)

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

    def interface(self, model: str, version: int) -> ModelInterface:
        """Return how the version is called, as MLflow has it: signature, example, answer."""
        entry = self.get(model, version)
        return read_interface(self._client.get_model_version_download_uri(entry.model, str(entry.version)))

    def close(self) -> None:
        """Let idle connections to the store's database go."""
        close_store(self._project)

    @property
    def _client(self) -> Any:
        return open_store(self._project)

    def _model(self, model: str) -> Any:
        """Return MLflow's entry of a model with its aliases and tags, or None."""
        from mlflow.exceptions import MlflowException

        try:
            return self._client.get_registered_model(model)
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return None
            raise TrackingError(f"the model {model} cannot be read: {error.message}") from error

    def _create(
        self, model: str, run_id: str, folder: Path, example: pd.DataFrame, tags: Mapping[str, str]
    ) -> ModelVersion:
        model_id = self._log(model, run_id, folder, example)
        self._ensure_model(model)
        own = {CONTENT_TAG: folder_hash(folder), TRAINER_TAG: user(self._project.root), **tags}
        made = self._client.create_model_version(
            model,
            source=f"models:/{model_id}",
            run_id=run_id,
            tags=pack(own, {}, version=True),
            model_id=model_id,
        )
        return _version(made)

    def _ensure_model(self, model: str) -> None:
        if not self._client.search_registered_models(f"name = '{model}'"):
            self._client.create_registered_model(model)

    def _log(self, model: str, run_id: str, folder: Path, example: pd.DataFrame) -> str:
        """Log the folder below the run as a model from code and return its id in MLflow."""
        with logging_model(self._client, run_id, model, "order") as logged, tempfile.TemporaryDirectory() as scratch:
            saved = Path(scratch) / "pyfunc"
            model_folder = shutil.copytree(folder, Path(scratch) / "model")
            save_pyfunc(saved, model_folder, example, logged)
            self._client.log_model_artifacts(logged.model_id, str(saved))
        return str(logged.model_id)

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
                f"the files of {entry.model} version {entry.version} are not at {address}: {error}. If the "
                "project was moved, `pitwall move` finds them; else restore mlruns/artifacts from a backup."
            ) from error
        if folder_hash(part) != entry.content:
            raise TrackingError(
                f"the files of {entry.model} version {entry.version} at {address} were changed after registration "
                f"(expected content {entry.content[:12]}); train and promote again."
            )
        for path in part.rglob("*"):
            path.chmod(0o555 if path.is_dir() else 0o444)
        part.rename(target)


def _version(entry: Any) -> ModelVersion:
    tags = renames.tags(unpack(entry.tags))
    created = datetime.fromtimestamp(entry.creation_timestamp / 1000, UTC).isoformat(timespec="seconds")
    return ModelVersion(
        str(entry.name), int(entry.version), str(entry.run_id), tags.get(CONTENT_TAG, ""), tags, created
    )


def _all(search: Callable[..., Any], *query: str) -> Iterator[Any]:
    """Return everything that a search finds, page after page."""
    page = search(*query)
    yield from page
    while page.token:
        page = search(*query, page_token=page.token)
        yield from page


def _writable(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
