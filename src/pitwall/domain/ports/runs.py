"""Where runs are remembered, read, edited and removed. Imports nothing that a bare interpreter lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from pitwall.domain.refs import FrameRef

RunStatus = Literal["FINISHED", "FAILED", "KILLED"]


class Tracker(Protocol):
    """Remembers runs. Every call names its run: nothing depends on an active run of the thread.

    `at` is when it happened, in milliseconds since 1970 (UTC); now without one. Only what happened elsewhere, or while the store was
    away, has another instant.
    """

    def start(
        self, experiment: str, name: str, tags: Mapping[str, str], parent: str | None = None, at: int | None = None
    ) -> str:
        """Open a run (nested below `parent`) and return its id."""

    def params(self, run_id: str, params: Mapping[str, Any]) -> None:
        """Log parameters; nested mappings are flattened with dots, long values kept whole."""

    def metrics(
        self, run_id: str, metrics: Mapping[str, float], step: int | None = None, at: int | None = None
    ) -> None:
        """Log finite numbers, at one step of a history or as finals; others raise TrackingError."""

    def curve(self, run_id: str, metric: str, values: Sequence[tuple[int, float]], at: int | None = None) -> None:
        """Log the history of a metric, (step, finite value), at once."""

    def files(self, run_id: str, path: Path, folder: str | None = None) -> None:
        """Log a file, or all files of a folder, below `folder` of the run's artifacts."""

    def dataset(self, run_id: str, frame: FrameRef, context: str) -> None:
        """Link the run to the frame that it used, with the frame's hash."""

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Set tags."""

    def note(self, run_id: str, markdown: str) -> None:
        """Set the text that the run's page opens with."""

    def finish(self, run_id: str, status: RunStatus, at: int | None = None) -> None:
        """Close the run in its true state."""

    def orphans(self) -> list[str]:
        """Return the ids of open runs whose process is gone; nothing is known of those of other machines."""

    def reap(self) -> list[str]:
        """Mark runs whose process is gone as KILLED and return their ids."""


@dataclass(frozen=True)
class RunRecord:
    """A run as the run store has it; instants are ISO texts in UTC, empty where there is none yet.

    `datasets` holds (name, digest) of each input; parameters are the texts that the store keeps.
    """

    run_id: str
    name: str
    status: str
    experiment: str
    parent: str | None = None
    started: str = ""
    ended: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    datasets: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Measured:
    """One number of a metric's history.

    Attributes:
        step: of the history; 0 for a number that was logged without one.
        value: finite.
        at: when it was logged, in milliseconds since 1970 (UTC).
        final: it was logged without a step, in a store that tells.
    """

    step: int
    value: float
    at: int
    final: bool = False


class RunFiles(Protocol):
    """The files of runs: what a repetition needs of a `RunReader`."""

    def file(self, run_id: str, path: str) -> Path | None:
        """Return a local copy of an artifact, or None if the run has none there."""


class RunReader(Protocol):
    """Answers about runs; the reading side of `Tracker`."""

    def find(self, prefix: str) -> list[str]:
        """Return the ids of the runs whose id begins so."""

    def read(self, run_id: str) -> RunRecord:
        """Return a run by its whole id; raise UnknownName if there is none."""

    def all(self, experiment: str | None = None) -> list[RunRecord]:
        """Return every run, or those of one experiment, that are not nested in another, the newest first."""

    def counts(self) -> dict[str, int]:
        """Return how many `experiments_created` and `runs_logged` there are, nested runs and those in the bin among them."""

    def link(self, run_id: str) -> str:
        """Return where a browser shows the run; empty where nothing does."""

    def nested(self, run_id: str) -> list[RunRecord]:
        """Return the runs nested in a run, oldest first."""

    def names(self, experiment: str) -> set[str]:
        """Return the names of the runs of an experiment that are not nested."""

    def history(self, run_id: str, metric: str) -> list[tuple[int, float]]:
        """Return (step, value) of each time that a metric was logged, in the order of the steps; empty if it never was."""

    def histories(self, run_ids: Sequence[str], metric: str) -> dict[str, list[tuple[int, float]]]:
        """Return {run: what `history` returns} for many runs, as quickly as the store can."""

    def measured(self, run_id: str, metric: str) -> list[Measured]:
        """Return what `history` returns, with the instant of each number."""

    def page(self, run_id: str) -> str:
        """Return the text that the run's page opens with, whole; empty where there is none."""

    def home(self, run_id: str) -> str:
        """Return the folder that holds the run, its artifacts below `artifacts/`; of a store behind a server, its address there."""

    def artifacts(self, run_id: str) -> list[str]:
        """Return the paths of a run's artifacts, sorted."""

    def file(self, run_id: str, path: str) -> Path | None:
        """Return a local copy of an artifact, or None if the run has none there."""

    def held(self, run_id: str) -> AbstractContextManager[Mapping[str, Path]]:
        """Give {path: file} of all that a run holds, its models below `models/`; only to be read, and only within the context."""


class RunSweeper(Protocol):
    """Removes runs for good."""

    def sweep(self, run_id: str) -> None:
        """Remove a run with its nested runs, its files and the model versions made from it."""


class RunEditor(Protocol):
    """Changes what people look at when a run is over: its name, its tags, and whether it is listed; never what it measured."""

    def rename(self, run_id: str, name: str) -> None:
        """Give a run another name; raise UnknownName if there is no such run."""

    def untag(self, run_id: str, keys: Sequence[str]) -> None:
        """Take tags away; raise UnknownName if the run has no such tag."""

    def archive(self, run_id: str) -> None:
        """Take a run and its nested runs out of every list; all of it stays. Nothing happens to one that is archived."""

    def restore(self, run_id: str) -> None:
        """Put an archived run and its nested runs back into the lists; raise UnknownName if no such run is archived."""

    def archived(self, experiment: str | None = None) -> list[RunRecord]:
        """Return the archived runs, or those of one experiment, that are not nested in another, the newest first."""
