"""The run store that a command works on: the project's own, or a folder of JSON files, which needs no project."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pitwall import wiring
from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.ports import RunEditor, RunReader, RunRecord, Tracker
from pitwall.tracking.comparison.named import known_names, named
from pitwall.tracking.json_runs import JsonRuns
from pitwall.tracking.runs import one
from pitwall.workflows import runs as project_runs
from pitwall.workflows.workspace import Workspace


@dataclass(frozen=True)
class Logbook:
    """A run store and what is kept beside it.

    Attributes:
        runs: its reading side.
        tracker: its writing side.
        editor: of names, tags and what is listed.
        state: the folder for what is remembered between commands.
        pictures: the folder for pictures and tables, unless somebody says otherwise.
        workspace: of the project; None where the runs are in a folder.
    """

    runs: RunReader
    tracker: Tracker
    editor: RunEditor
    state: Path
    pictures: Path
    workspace: Workspace | None = None

    def run(self, text: str) -> RunRecord:
        """Return the run that a text names: its id, the beginning of it, its name, or in a project a version.

        Raises:
            UnknownName: nothing is called so.
            UsageError: several runs are.
        """
        return project_runs.find(self.workspace, text) if self.workspace else one(self.runs, text)

    def records(self, texts: Sequence[str] = ()) -> list[RunRecord]:
        """Return the runs that some texts name: all without any, those of an experiment by its name or beginning, or runs.

        Raises:
            UnknownName: nothing is called so.
            UsageError: several things are.
        """
        if len(texts) != 1:
            return [self.run(text) for text in texts] or self.runs.all()
        if whole := self.runs.all(texts[0]):
            return whole
        if self._is_run(texts[0]):
            return [self.run(texts[0])]
        return self.experiment(texts[0])

    def experiment(self, text: str | None = None) -> list[RunRecord]:
        """Return the runs of the experiment that a text names by its name or beginning; all runs without one.

        Raises:
            UnknownName: no experiment is called so.
        """
        if text is None:
            return self.runs.all()
        return self.runs.all(text) or self.runs.all(named("experiment", text, self.runs.all()))

    def _is_run(self, text: str) -> bool:
        try:
            return bool(self.run(text))
        except UnknownName:
            return False
        except UsageError:  # the beginning of several ids: no experiment's, or the experiment says so itself
            return not any(name.startswith(text) for name in known_names("experiment", self.runs.all()))


@contextmanager
def opened(directory: Path | None = None) -> Iterator[Logbook]:
    """Open the runs of a folder of JSON files, or those of the project that we are in, for as long as a command runs.

    Args:
        directory: the folder; the project's run store when None.

    Raises:
        UsageError: there is no such folder.
        ProjectNotFound: no folder is named, and we are in no project.
    """
    if directory is not None:
        if not directory.is_dir():
            raise UsageError(f"{directory} is no folder; --dir names the one that a JsonTracker writes to.")
        runs = JsonRuns(directory)
        yield Logbook(runs, runs, runs, directory / ".pitwall", directory)
        return
    with Workspace() as workspace:
        project = workspace.project
        yield Logbook(
            workspace.runs,
            workspace.tracker,
            wiring.run_editor(project),
            project.state,
            project.reports / "experiments",
            workspace,
        )
