"""Which bytes the data are, and a copy of the project in which a run is repeated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pitwall.domain.project import Project


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
