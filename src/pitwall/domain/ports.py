"""What the logic needs from the tools, as Protocols. `pitwall.wiring` chooses the real ones, tests pass fakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import pandas as pd

from pitwall.domain.refs import FrameRef

RunStatus = Literal["FINISHED", "FAILED", "KILLED"]


@dataclass(frozen=True)
class ModelVersion:
    """One version in the registry. `content` is the hash of the model folder that it was registered from."""

    model: str
    version: int
    run_id: str
    content: str
    tags: Mapping[str, str] = field(default_factory=dict)


class Tracker(Protocol):
    """Remembers runs. Every call names its run: nothing depends on an active run of the thread."""

    def start(self, experiment: str, name: str, tags: Mapping[str, str], parent: str | None = None) -> str:
        """Open a run (nested below `parent`) and return its id."""

    def params(self, run_id: str, params: Mapping[str, Any]) -> None:
        """Log parameters; nested mappings are flattened with dots."""

    def metrics(self, run_id: str, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log numbers, at one step of a history or as finals."""

    def files(self, run_id: str, path: Path, folder: str | None = None) -> None:
        """Log a file, or all files of a folder, below `folder` of the run's artifacts."""

    def dataset(self, run_id: str, frame: FrameRef, context: str) -> None:
        """Link the run to the frame that it used, with the frame's hash."""

    def tag(self, run_id: str, tags: Mapping[str, str]) -> None:
        """Set tags."""

    def note(self, run_id: str, markdown: str) -> None:
        """Set the text that the run's page opens with."""

    def finish(self, run_id: str, status: RunStatus) -> None:
        """Close the run in its true state."""

    def reap(self) -> list[str]:
        """Mark runs whose process is gone as KILLED and return their ids."""


class Registry(Protocol):
    """Remembers model versions, their aliases and verdicts."""

    def register(
        self, model: str, run_id: str, folder: Path, example: pd.DataFrame, tags: Mapping[str, str]
    ) -> ModelVersion:
        """Log `folder` as a data-only model of the run and register it; the same content again returns its version."""

    def find(self, model: str, content: str) -> ModelVersion | None:
        """Return the version registered from a model folder with this hash."""

    def get(self, model: str, version: int) -> ModelVersion:
        """Return a version by number; raise UnknownName if there is none."""

    def alias(self, model: str, alias: str) -> ModelVersion | None:
        """Return the version that holds an alias, or None."""

    def set_alias(self, model: str, alias: str, version: int) -> None:
        """Move an alias."""

    def tag(self, model: str, version: int, tags: Mapping[str, str]) -> None:
        """Set tags on a version."""

    def fetch(self, model: str, version: int) -> Path:
        """Return a local, read-only copy of the version's model folder."""


@dataclass(frozen=True)
class Served:
    """What an online store holds.

    Attributes:
        until: the cut-off that it serves.
        known: when the newest of its rows became known; long before any race where it holds none.
        version: another one after every change, never used twice.
    """

    until: pd.Timestamp
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

    def materialise(self, until: pd.Timestamp) -> Served:
        """Bring the online store forward to `until`, never backwards; return what it then holds."""

    def online(self, rows: Sequence[Mapping[str, int]], service: str) -> pd.DataFrame:
        """Return the newest online values for entity rows, in their order."""


class DataVersions(Protocol):
    """Says which bytes."""

    def hashes(self) -> dict[str, str]:
        """Return {stage output: hash} of the data stages as recorded."""

    def stale(self, stages: Sequence[str]) -> list[str]:
        """Return those of the stages that would run again."""

    def reproduce(self, stages: Sequence[str], force: bool = False) -> bool:
        """Bring stages up to date (with `force`, run them in any case); True if anything changed."""

    def commit(self, stage: str) -> None:
        """Record the outputs of a stage that was run outside."""
