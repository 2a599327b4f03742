"""Write an experiment up: what somebody says of it, beside what is filled in from its run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pitwall.domain.ports import RunRecord
from pitwall.tracking.documentation import kept
from pitwall.tracking.documentation.filled import made_of
from pitwall.tracking.documentation.sections import Documentation
from pitwall.tracking.manifest import FILE, FOLDER, load
from pitwall.workflows.runs import find
from pitwall.workflows.workspace import Workspace


@dataclass(frozen=True)
class Documented:
    """A run and what is said of it."""

    run: RunRecord
    documentation: Documentation

    def row(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"run": self.run.run_id, "name": self.run.name, **self.documentation.row()}


def look(workspace: Workspace, text: str) -> Documented:
    """Return the documentation of a run with what is filled in as of now; nothing is written.

    Raises:
        UnknownName: nothing is called so.
        UsageError: several runs are.
    """
    run = find(workspace, text)
    path = workspace.runs.file(run.run_id, f"{FOLDER}/{FILE}")
    made = made_of(run, None if path is None else load(path), _decided(workspace, run.run_id))
    return Documented(run, replace(kept.read(workspace.runs, run.run_id), made=made))


def document(workspace: Workspace, text: str, words: Mapping[str, str] | None = None) -> Documented:
    """Write up a run, keep it with the run and return it.

    Args:
        workspace: of the project.
        text: names the run.
        words: {section: what somebody says}; the other sections keep theirs.

    Raises:
        UnknownName: nothing, or no section, is called so.
        UsageError: several runs are, or words cannot be kept as they are.
    """
    found = look(workspace, text)
    written = replace(found, documentation=found.documentation.with_words(words or {}))
    kept.write(workspace.tracker, workspace.runs, written.run, written.documentation)
    return written


def _decided(workspace: Workspace, run_id: str) -> dict[str, Any] | None:
    """Return the last row of the history with verdicts on the version that a run made."""
    tags = workspace.runs.read(run_id).tags
    name, version = tags.get("pitwall.model", ""), tags.get("pitwall.version", "")
    rows = workspace.history.rows(name) if name and version else []
    judged = [row for row in rows if str(row.get("version")) == version and row.get("verdicts")]
    return judged[-1] if judged else None
