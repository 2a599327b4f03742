"""Rename, untag, archive and restore runs in MLflow (`ports.RunEditor`); archived is what MLflow calls deleted, and all of it stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pitwall.adapters.mlflow.reading.bulk import PARENT
from pitwall.adapters.mlflow.runs import NOT_NESTED, MlflowRuns
from pitwall.adapters.mlflow.store import open_store
from pitwall.adapters.mlflow.sweeper import SWEPT
from pitwall.adapters.mlflow.tags import PACKED, unpack, without
from pitwall.domain.errors import UnknownName
from pitwall.domain.ports import RunRecord
from pitwall.domain.project import Project

DELETED = "deleted"


class MlflowEditor:
    """Edits the runs of a project's MLflow store."""

    def __init__(self, project: Project) -> None:
        self._project, self._reader = project, MlflowRuns(project)

    def rename(self, run_id: str, name: str) -> None:
        """Give a run another name."""
        self._reader.read(run_id)
        self._client.update_run(run_id, name=name)

    def untag(self, run_id: str, keys: Sequence[str]) -> None:
        """Take tags away, packed ones too; none is taken where one is unknown.

        Raises:
            UnknownName: the run has no such tag.
        """
        self._reader.read(run_id)
        known = self._client.get_run(run_id).data.tags
        for key in keys:
            if key not in unpack(known):
                raise UnknownName(f"tag of run {run_id}", key, unpack(known))
        left = without(keys, known)
        for key in known.keys() - left.keys():
            self._client.delete_tag(run_id, key)
        if left.get(PACKED) != known.get(PACKED):
            self._client.set_tag(run_id, PACKED, left[PACKED])

    def archive(self, run_id: str) -> None:
        """Take a run and its nested runs out of every list."""
        if self._reader.read(run_id) and not self._is_archived(run_id):
            for each in [*self._below(run_id, deleted=False), run_id]:
                self._client.delete_run(each)

    def restore(self, run_id: str) -> None:
        """Put an archived run and its nested runs back into the lists.

        Raises:
            UnknownName: no such run is archived.
        """
        if not self._is_archived(run_id):
            raise UnknownName("archived run", run_id, [record.run_id for record in self.archived()])
        for each in [run_id, *self._below(run_id, deleted=True)]:
            self._client.restore_run(each)

    def archived(self, experiment: str | None = None) -> list[RunRecord]:
        """Return the archived runs that are not nested in another, the newest first; what `gc` threw away is gone for good."""
        return [each for each in self._reader.deleted(NOT_NESTED, experiment) if SWEPT not in each.tags]

    def _is_archived(self, run_id: str) -> bool:
        found = self._client.get_run(run_id)
        return found.info.lifecycle_stage == DELETED and SWEPT not in found.data.tags

    def _below(self, run_id: str, *, deleted: bool) -> Iterator[str]:
        """Yield the ids of the runs nested below one, at any depth."""
        condition = f"tags.`{PARENT}` = '{run_id}'"
        experiment = self._reader.read(run_id).experiment
        found = self._reader.deleted(condition, experiment) if deleted else self._reader.search(condition, experiment)
        for each in found:
            yield from self._below(each.run_id, deleted=deleted)
            yield each.run_id

    @property
    def _client(self) -> Any:
        return open_store(self._project)
