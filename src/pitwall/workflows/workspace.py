"""The tools of one project in one place: each opened once, when it is first asked for, and all closed together.

A command opens a workspace for as long as it runs, a server for as long as it serves: Feast costs six seconds to open, MLflow up to
five. Threads share it. Nothing here decides anything; what is done with the tools is in the modules beside this one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from pitwall import wiring
from pitwall.adapters.processes.lock import project_lock
from pitwall.domain.errors import WorkspaceClosed
from pitwall.domain.params import Params
from pitwall.domain.ports import (
    Accounts,
    DataVersions,
    FeatureReader,
    History,
    Market,
    People,
    Record,
    Registry,
    RunReader,
    Tracker,
)
from pitwall.domain.project import Project, find_project

if TYPE_CHECKING:
    from pitwall.ml.training.training_job import TrainingJob

T = TypeVar("T")


class Workspace:
    """A project with its parameters and tools.

    Args:
        project: the project that we are in when None.
        params: its parameters; those of its params.yaml when None, read again when the file has changed.
        tracker: the run store; each tool is the project's own when None. One that is given is not closed here.
        registry: of model versions.
        runs: the reading side of the run store.
        history: of what was decided about versions.
        features: joins features in time.
        versions: says which bytes the data are.

    Example:
        >>> from pathlib import Path
        >>> from pitwall.testing import FakeRegistry
        >>> with Workspace(Project(Path("/somewhere")), registry=FakeRegistry()) as workspace:
        ...     workspace.registry.models()
        []
    """

    def __init__(
        self,
        project: Project | None = None,
        *,
        params: Params | None = None,
        tracker: Tracker | None = None,
        registry: Registry | None = None,
        runs: RunReader | None = None,
        history: History | None = None,
        features: FeatureReader | None = None,
        versions: DataVersions | None = None,
    ) -> None:
        self.project = home = project or find_project()
        self._given_params, self._read_params = params, _ParamsFile(home)
        self._tracker = _Part("run store", lambda: wiring.tracker(home), tracker)
        self._registry = _Part("registry", lambda: wiring.registry(home), registry)
        self._runs = _Part("reader of runs", lambda: wiring.runs(home), runs)
        self._history = _Part("history", lambda: wiring.history(home, self.registry), history)
        self._record = _Part("track record", lambda: wiring.record(home, self.registry))
        self._accounts = _Part("accounts", lambda: wiring.accounts(home))
        self._people = _Part("people", lambda: wiring.people(home))
        self._market = _Part("market", lambda: wiring.market(home))
        self._features = _Part("feature store", lambda: wiring.feature_reader(home), features)
        self._versions = _Part("data versions", lambda: wiring.data_versions(home), versions)

    @property
    def params(self) -> Params:
        """The parameters as params.yaml has them now."""
        return self._given_params or self._read_params.get()

    @property
    def tracker(self) -> Tracker:
        """The run store."""
        return self._tracker.get()

    @property
    def registry(self) -> Registry:
        """The model versions."""
        return self._registry.get()

    @property
    def runs(self) -> RunReader:
        """The reading side of the run store."""
        return self._runs.get()

    @property
    def history(self) -> History:
        """What was decided about versions."""
        return self._history.get()

    @property
    def record(self) -> Record:
        """The track record of forecasts."""
        return self._record.get()

    @property
    def accounts(self) -> Accounts:
        """Who may ask the API what, and how much."""
        return self._accounts.get()

    @property
    def people(self) -> People:
        """Who may log in to the pages, and the sessions of those who have."""
        return self._people.get()

    @property
    def market(self) -> Market:
        """What is shared, downloaded and rated here."""
        return self._market.get()

    @property
    def features(self) -> FeatureReader:
        """The feature store."""
        return self._features.get()

    @property
    def versions(self) -> DataVersions:
        """Which bytes the data are."""
        return self._versions.get()

    def job(self, name: str) -> TrainingJob:
        """Return what a model, or the model that answers a template, works on."""
        from pitwall.ml.training.training_job import training_job

        return training_job(self.project, self.params, name)

    def provenance(self, flow_run: str | None = None) -> dict[str, str]:
        """Return where a result that is made now comes from: commit, versions, lock files, what is uncommitted or stale.

        Args:
            flow_run: id of the Prefect flow run that makes it, if one does.
        """
        flow = {"prefect.flow_run_id": flow_run} if flow_run else {}
        return {**wiring.provenance(self.project, self.versions), **flow}

    def exclusive(self, command: str) -> AbstractContextManager[None]:
        """Hold the project lock: one at a time changes the project, a second thread or process waits and names the holder.

        Args:
            command: what the holder does, shown to those who wait.
        """
        return project_lock(self.project, command)

    def close(self) -> None:
        """Let all tools go; who asks for one from now on is refused."""
        for part in (
            self._features,
            self._versions,
            self._accounts,
            self._people,
            self._market,
            self._record,
            self._history,
            self._runs,
            self._registry,
            self._tracker,
        ):
            part.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _ParamsFile:
    """The parameters of params.yaml: read once, and again after an edit, which a server outlives."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._lock = threading.Lock()
        self._state: Any = None
        self._params: Params | None = None

    def get(self) -> Params:
        """Return the parameters as they are in the file."""
        with self._lock:
            path = self._project.params
            found = path.stat() if path.is_file() else None
            state = None if found is None else (found.st_mtime_ns, found.st_size, found.st_ino)
            if self._params is None or state != self._state:
                self._params, self._state = wiring.params(self._project), state
            return self._params


class _Part(Generic[T]):
    """A tool that costs seconds to open, or one that was given and belongs to the giver.

    Args:
        name: what it is, for the error of who asks too late.
        open_it: opens it; called once at most, while its lock is held, and again only if it raised.
        given: the tool itself; it is used as it is and never closed here.
    """

    def __init__(self, name: str, open_it: Callable[[], T], given: T | None = None) -> None:
        self._name, self._open, self._given = name, open_it, given
        self._lock = threading.Lock()
        self._value: T | None = None
        self._closed = False

    def get(self) -> T:
        """Return the tool; threads that ask while it is being opened wait for it.

        Raises:
            WorkspaceClosed: the workspace was closed.
        """
        with self._lock:
            if self._closed:
                raise WorkspaceClosed(f"the workspace is closed and opens no {self._name} any more; open another one.")
            if self._given is not None:
                return self._given
            if self._value is None:
                self._value = self._open()
            return self._value

    def close(self) -> None:
        """Let the tool go, if it was opened here; nobody gets it from now on."""
        with self._lock:
            self._closed, value, self._value = True, self._value, None
        if (let_go := getattr(value, "close", None)) is not None:
            let_go()
