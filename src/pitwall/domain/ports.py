"""What the logic needs from the tools, as Protocols. `pitwall.wiring` chooses the real ones, tests pass fakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:  # a tracker of the bare standard library reads this module too
    import pandas as pd

    from pitwall.domain.project import Project
    from pitwall.domain.records.chain import Break
    from pitwall.domain.refs import FrameRef

RunStatus = Literal["FINISHED", "FAILED", "KILLED"]


@dataclass(frozen=True)
class ModelVersion:
    """One version in the registry.

    Attributes:
        content: hash of the model folder that it was registered from.
        created: when, as ISO text in UTC; empty where nobody knows.
    """

    model: str
    version: int
    run_id: str
    content: str
    tags: Mapping[str, str] = field(default_factory=dict)
    created: str = ""


@dataclass(frozen=True)
class ModelInterface:
    """How a registered model is called by those who know nothing but the registry.

    Attributes:
        inputs: columns of its signature, in order, with the numpy name of their type.
        example: rows that it was registered with.
        predict: rows -> its answer, by the files that the registry serves.
    """

    inputs: Mapping[str, str]
    example: pd.DataFrame
    predict: Callable[[pd.DataFrame], Any]


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

    def curve(self, run_id: str, metric: str, values: Sequence[tuple[int, float]]) -> None:
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


class Registry(Protocol):
    """Remembers model versions, their aliases and verdicts."""

    def register(
        self, model: str, run_id: str, folder: Path, example: pd.DataFrame, tags: Mapping[str, str]
    ) -> ModelVersion:
        """Log `folder` as a data-only model of the run and register it; the same content again returns its version.

        A version without a stage becomes the candidate, unless its tag `role` is `baseline`.
        """

    def find(self, model: str, content: str) -> ModelVersion | None:
        """Return the version registered from a model folder with this hash."""

    def get(self, model: str, version: int) -> ModelVersion:
        """Return a version by number; raise UnknownName if there is none."""

    def models(self) -> list[str]:
        """Return the registered names, sorted."""

    def versions(self, model: str) -> list[ModelVersion]:
        """Return all versions of a model, oldest first."""

    def alias(self, model: str, alias: str) -> ModelVersion | None:
        """Return the version that holds an alias, or None."""

    def aliases(self, model: str) -> dict[str, int]:
        """Return {alias: version} of a model."""

    def set_alias(self, model: str, alias: str, version: int) -> None:
        """Move an alias."""

    def drop_alias(self, model: str, alias: str) -> None:
        """Take an alias away; nothing happens where nobody holds it."""

    def tag(self, model: str, version: int, tags: Mapping[str, str]) -> None:
        """Set tags on a version."""

    def describe(self, model: str, text: str, version: int | None = None) -> None:
        """Set the Markdown that the page of a version, or of the model itself, opens with."""

    def model_tags(self, model: str) -> dict[str, str]:
        """Return the tags of the model itself; none where it is not registered."""

    def tag_model(self, model: str, tags: Mapping[str, str]) -> None:
        """Set tags on the model itself."""

    def fetch(self, model: str, version: int) -> Path:
        """Return a local, read-only copy of the version's model folder."""

    def interface(self, model: str, version: int) -> ModelInterface:
        """Return how the version is called: signature, example, answer."""


class History(Protocol):
    """Remembers what happened to model versions: append-only, each row chained to the one before by its hash.

    A row is announced, written, carried out and then settled; one that is written but not settled is a move that was cut
    short. `append` and `settle` are called while holding `locked`.
    """

    def locked(self) -> AbstractContextManager[Any]:
        """Hold the lock under which aliases move and the history grows; not to be taken twice."""

    def rows(self, model: str | None = None) -> list[dict[str, Any]]:
        """Return the rows, oldest first, of one model or of all."""

    def append(self, kind: str, record: Mapping[str, Any]) -> dict[str, Any]:
        """Announce and write one row; it is on disk when this returns."""

    def settle(self, row: Mapping[str, Any]) -> None:
        """Remember that a row was carried out, outside of the chain itself."""

    def unsettled(self) -> dict[str, Any] | None:
        """Mend what a crash left (a torn line, an announcement without a row); return the row not yet carried out."""

    def verify(self) -> list[Break]:
        """Return what was changed since it was written; empty when all is as it was."""


@dataclass(frozen=True)
class Served:
    """What an online store holds of one feature set at one cut-off.

    Attributes:
        service: the feature set, i.e. what one kind of row reads.
        cutoff: the cut-off that is served.
        known: when the newest of its rows became known; long before any race where it holds none.
        version: another one after every change, never used twice.
    """

    service: str
    cutoff: pd.Timestamp
    known: pd.Timestamp
    version: str


class FeatureReader(Protocol):
    """Joins features in time."""

    def historical(self, spine: pd.DataFrame, service: str | Sequence[str], *, inclusive: bool = False) -> pd.DataFrame:
        """Return the spine with features as known at each row's `cutoff`: same rows, same order.

        Args:
            spine: the keys of the groups and `cutoff` (UTC), any further columns.
            service: a feature set, or the names of feature groups.
            inclusive: also see what happened at the cut-off itself, not only before it.
        """

    def materialise(self, cutoff: pd.Timestamp, service: str) -> Served:
        """Let the online store serve a feature set at a cut-off, beside the others that it serves; return what it then holds."""

    def online(self, rows: Sequence[Mapping[str, int]], service: str, cutoff: pd.Timestamp) -> pd.DataFrame:
        """Return the online values of a feature set at a cut-off for entity rows, in their order."""


class DataVersions(Protocol):
    """Says which bytes."""

    def hashes(self) -> dict[str, str]:
        """Return {stage output: hash} of the data stages as recorded."""

    def stale(self, stages: Sequence[str]) -> list[str]:
        """Return those of the stages that would run again."""

    def reproduce(self, stages: Sequence[str], force: bool = False) -> bool:
        """Bring stages up to date (with `force`, run them in any case); True if anything changed."""

    def commit(self, *stages: str) -> None:
        """Record the outputs of a stage that was run outside."""

    def push(self, stages: Sequence[str]) -> None:
        """Send the outputs of stages, as recorded, to where a repetition finds them."""


class Scratch(Protocol):
    """A throw-away copy of the project in which a run is repeated; the project itself notices nothing."""

    project: Project

    def checkout(self, revision: str, patch: Path | None = None) -> None:
        """Make the working tree of a commit anew and apply a patch; raise NotRepeatable if that cannot be."""

    def use_package(self, name: str, version: str, sha256: str) -> str:
        """Run stages by this installed package and return it in words; raise NotRepeatable if it cannot be had."""

    def fetch(self, outs: Sequence[str]) -> list[str]:
        """Take data outputs as dvc.lock names them; return the files that are not what it says."""

    def rerun(self, stage: str, variables: Mapping[str, str | None]) -> None:
        """Run one stage in any case with the copy's code and these variables (None: unset)."""

    def train(self, model: str, variables: Mapping[str, str | None]) -> None:
        """Train a model that no stage of DVC trains, with the copy's code and these variables (None: unset)."""

    def remove(self) -> None:
        """Delete the copy."""


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
    """

    step: int
    value: float
    at: int


class RunReader(Protocol):
    """Answers about runs; the reading side of `Tracker`."""

    def find(self, prefix: str) -> list[str]:
        """Return the ids of the runs whose id begins so."""

    def read(self, run_id: str) -> RunRecord:
        """Return a run by its whole id; raise UnknownName if there is none."""

    def all(self, experiment: str | None = None) -> list[RunRecord]:
        """Return every run, or those of one experiment, that are not nested in another, the newest first."""

    def names(self, experiment: str) -> set[str]:
        """Return the names of the runs of an experiment that are not nested."""

    def history(self, run_id: str, metric: str) -> list[tuple[int, float]]:
        """Return (step, value) of each time that a metric was logged, in the order of the steps; empty if it never was."""

    def measured(self, run_id: str, metric: str) -> list[Measured]:
        """Return what `history` returns, with the instant of each number."""

    def page(self, run_id: str) -> str:
        """Return the text that the run's page opens with, whole; empty where there is none."""

    def artifacts(self, run_id: str) -> list[str]:
        """Return the paths of a run's artifacts, sorted."""

    def file(self, run_id: str, path: str) -> Path | None:
        """Return a local copy of an artifact, or None if the run has none there."""


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
