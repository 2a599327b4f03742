"""`pw.ExperimentTracker`: experiments by hand, on the run store of the project that we are in."""

from __future__ import annotations

from pitwall.adapters.git import code_state
from pitwall.domain.project import Project
from pitwall.tracking.experiments import tracker
from pitwall.tracking.experiments.backend import ExperimentBackend, StoreBackend
from pitwall.tracking.names import experiment_name
from pitwall.workflows.workspace import Workspace


class ExperimentTracker(tracker.ExperimentTracker):
    """The runs of one experiment; a project's experiment is `pitwall-<project_name>` in MLflow.

    Args:
        project_name: what the experiment is about.
        project: the project that we are in when None.
        workspace: its tools, where they are open already.
        backend: keeps the runs instead of the project's run store.

    Example:
        >>> import pitwall as pw
        >>> tracker = pw.ExperimentTracker("first_try")  # doctest: +SKIP
        >>> tracker.start_run("small", tags={"version": "v1"})  # doctest: +SKIP
        '3f2a90c1'
        >>> tracker.log_metric("loss", 0.7, step=0)  # doctest: +SKIP
        >>> tracker.end_run()  # doctest: +SKIP
    """

    def __init__(
        self,
        project_name: str = "default",
        project: Project | None = None,
        workspace: Workspace | None = None,
        backend: ExperimentBackend | None = None,
    ) -> None:
        self.project = project
        if backend is not None:
            super().__init__(project_name, backend)
            return
        tools = workspace or Workspace(project)
        self.project = tools.project
        store = StoreBackend(tools.tracker, tools.runs, experiment_name(project_name))
        commit = code_state(tools.project.root).commit
        super().__init__(project_name, store, {"git.commit": commit} if commit else {})
