"""The part of the fake run store that edits: names, tags, and what is archived."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from pitwall.domain.errors import UnknownName
from pitwall.domain.ports import RunRecord


class EditedInMemory:
    """A `domain.ports.RunEditor` on runs in memory, each with `name`, `tags`, `parent` and `archived`."""

    runs: dict[str, Any]

    @abstractmethod
    def read(self, run_id: str) -> RunRecord:
        """Return a run."""

    def rename(self, run_id: str, name: str) -> None:
        """Give a run another name."""
        self.read(run_id)
        self.runs[run_id].name = name

    def untag(self, run_id: str, keys: Sequence[str]) -> None:
        """Take tags away."""
        tags = self.read(run_id).tags
        for key in keys:
            if key not in tags:
                raise UnknownName(f"tag of run {run_id}", key, tags)
        self.runs[run_id].tags = {key: text for key, text in tags.items() if key not in keys}

    def archive(self, run_id: str) -> None:
        """Take a run and its nested runs out of the lists."""
        self.read(run_id)
        self._set_archived(run_id, True)

    def restore(self, run_id: str) -> None:
        """Put an archived run back."""
        if not self.read(run_id) or not self.runs[run_id].archived:
            raise UnknownName("archived run", run_id, [each.run_id for each in self.archived()])
        self._set_archived(run_id, False)

    def archived(self, experiment: str | None = None) -> list[RunRecord]:
        """Return the archived runs, the newest first."""
        return self._listed(experiment, archived=True)

    def _listed(self, experiment: str | None, *, archived: bool) -> list[RunRecord]:
        found = [key for key, run in reversed(self.runs.items()) if run.parent is None and run.archived is archived]
        return [self.read(run_id) for run_id in found if experiment in (None, self.runs[run_id].experiment)]

    def _set_archived(self, run_id: str, archived: bool) -> None:
        self.runs[run_id].archived = archived
        for key, run in self.runs.items():
            if run.parent == run_id:
                self._set_archived(key, archived)
