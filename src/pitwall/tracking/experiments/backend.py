"""What an experiment tracker asks of a store of runs, and that store on the project's own: one experiment of the run store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pitwall.domain.ports import RunReader, RunRecord, RunStatus, Tracker


class ExperimentBackend(Protocol):
    """The runs of one experiment. Every call names its run by its whole id."""

    def start(self, name: str, tags: Mapping[str, str]) -> str:
        """Open a run and return its id."""

    def params(self, run_id: str, params: Mapping[str, Any]) -> None:
        """Keep parameters as text; TrackingError where one has another value already."""

    def metrics(self, run_id: str, metrics: Mapping[str, float], step: int) -> None:
        """Keep finite numbers of one step."""

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Set tags."""

    def files(self, run_id: str, path: Path, folder: str | None = None) -> None:
        """Keep a file, or all files of a folder, below `folder`."""

    def file(self, run_id: str, path: str) -> Path | None:
        """Return a local copy of a kept file, or None."""

    def finish(self, run_id: str, status: RunStatus) -> None:
        """Close the run in its true state."""

    def read(self, run_id: str) -> RunRecord:
        """Return a run."""

    def runs(self) -> list[RunRecord]:
        """Return all runs, oldest first."""

    def history(self, run_id: str, metric: str) -> list[tuple[int, float]]:
        """Return (step, value) of a metric, in the order of the steps."""


@dataclass(frozen=True)
class StoreBackend:
    """One experiment of a run store.

    Attributes:
        tracker: the writing side of the store.
        reader: its reading side.
        experiment: the experiment's name.
    """

    tracker: Tracker
    reader: RunReader
    experiment: str

    def start(self, name: str, tags: Mapping[str, str]) -> str:
        """Open a run and return its id."""
        return self.tracker.start(self.experiment, name, tags)

    def params(self, run_id: str, params: Mapping[str, Any]) -> None:
        """Keep parameters as text."""
        self.tracker.params(run_id, params)

    def metrics(self, run_id: str, metrics: Mapping[str, float], step: int) -> None:
        """Keep finite numbers of one step."""
        self.tracker.metrics(run_id, metrics, step)

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Set tags."""
        self.tracker.tag(run_id, tags)

    def files(self, run_id: str, path: Path, folder: str | None = None) -> None:
        """Keep a file, or all files of a folder, below `folder`."""
        self.tracker.files(run_id, path, folder)

    def file(self, run_id: str, path: str) -> Path | None:
        """Return a local copy of a kept file, or None."""
        return self.reader.file(run_id, path)

    def finish(self, run_id: str, status: RunStatus) -> None:
        """Close the run in its true state."""
        self.tracker.finish(run_id, status)

    def read(self, run_id: str) -> RunRecord:
        """Return a run."""
        return self.reader.read(run_id)

    def runs(self) -> list[RunRecord]:
        """Return all runs of the experiment that are not nested in another, oldest first."""
        return self.reader.all(self.experiment)[::-1]

    def history(self, run_id: str, metric: str) -> list[tuple[int, float]]:
        """Return (step, value) of a metric, in the order of the steps."""
        return self.reader.history(run_id, metric)
