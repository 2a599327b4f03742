"""Where model versions are remembered, and what happened to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pandas as pd

    from pitwall.domain.records.chain import Break


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


class ModelFiles(Protocol):
    """The files of versions: what a repetition needs of a `Registry`."""

    def fetch(self, model: str, version: int) -> Path:
        """Return a local, read-only copy of the version's model folder."""


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
