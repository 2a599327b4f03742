"""The run store of `pitwall.adapters.mlflow.tracker` at an address of its own: parameters, numbers, tags and files go the same ways."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pitwall.adapters.mlflow.logged_models import logging_model
from pitwall.adapters.mlflow.production.address import Opened
from pitwall.adapters.mlflow.production.models import save, see_example
from pitwall.adapters.mlflow.tracker import MlflowTracker, short_texts
from pitwall.domain.project import Project
from pitwall.domain.settings import see_that_small
from pitwall.domain.texts.long_texts import TAGS


class RunsAt(MlflowTracker):
    """The runs of a store that no project need own.

    Args:
        opened: the store.
    """

    def __init__(self, opened: Opened) -> None:
        super().__init__(Project(Path.cwd()))  # for this machine's limit of a file
        self._opened = opened

    def run(self, run_id: str) -> Any:
        """Return a run as MLflow has it."""
        return self._client.get_run(run_id)

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Set tags, each under its own name: these runs are read with MLflow alone."""
        from mlflow.entities import RunTag

        self._client.log_batch(run_id, tags=[RunTag(key, text) for key, text in short_texts(TAGS, tags).items()])
        self._keep_long(run_id, TAGS, tags)

    def text(self, run_id: str, text: str, path: str) -> None:
        """Keep a text as a file of a run."""
        self._client.log_text(run_id, text, path)

    def model(self, run_id: str, model: Any, name: str, example: Any) -> str:
        """Keep a model of a run, and return its id in MLflow; what a failure leaves of it is marked as failed."""
        see_example(model, example)
        with logging_model(self._client, run_id, name) as logged, tempfile.TemporaryDirectory() as scratch:
            save(model, Path(scratch) / "model", example, logged)
            see_that_small(self._project, Path(scratch) / "model")
            self._client.log_model_artifacts(logged.model_id, str(Path(scratch) / "model"))
        return str(logged.model_id)

    def _experiment(self, name: str) -> str:
        return self._opened.experiment(name)

    def _see_that_files_are_ours(self, run_id: str) -> None:
        """Allow all: the address was given, so its files are meant."""

    @property
    def _client(self) -> Any:
        return self._opened.client
