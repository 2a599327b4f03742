"""`pw.ExperimentTracker`: experiments by hand, on the run store of the project that we are in or on a folder of JSON files."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from pitwall.adapters.git import code_state
from pitwall.domain.project import Project
from pitwall.tracking.experiments import tracker
from pitwall.tracking.json_runs.tracker import JsonTracker
from pitwall.tracking.mandatory import BASELINE, version_of_data, with_mandatory
from pitwall.tracking.names import experiment_name
from pitwall.tracking.run_stores.store import RunStore
from pitwall.tracking.sections.data import recorded
from pitwall.workflows.offline import spooling
from pitwall.workflows.workspace import Workspace


class ExperimentTracker(tracker.ExperimentTracker):
    """The runs of one experiment, or of a whole store; a project's experiment is `pitwall-<project_name>` in MLflow.

    Args:
        project_name: what the experiment is about; without one, `create_run` names the experiment of each run.
        project: the project that we are in when None.
        workspace: its tools, where they are open already.
        base_dir: keep the runs as JSON files in this folder instead, which needs no project.
        store: keeps the runs instead of either.
        experiment_type: of a run whose tags name none: baseline, feature-engineering, architecture or hyperparameter.
        offline: go on while the store is away (a server, a PostgreSQL): what is logged then waits in the project, with a warning that
            says where, until `pitwall exp sync`. Without it, a store that is away is an error.

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
        project_name: str | None = None,
        project: Project | None = None,
        workspace: Workspace | None = None,
        base_dir: str | Path | None = None,
        store: RunStore | None = None,
        *,
        experiment_type: str = BASELINE,
        offline: bool = True,
    ) -> None:
        self.project = project
        if base_dir is not None:
            store = JsonTracker(base_dir, project_name).store
        if store is not None:
            super().__init__(project_name, store)
            return
        tools = workspace or Workspace(project)
        self.project = tools.project
        experiment = experiment_name(project_name) if project_name else ""
        commit = code_state(tools.project.root).commit
        sources = tools.params.sources if tools.project.params.is_file() else ()
        version = version_of_data(sources, recorded(tools.project))
        tagged = partial(with_mandatory, experiment_type=experiment_type, dataset_version=version)
        tracker, runs = spooling(tools) if offline else (tools.tracker, tools.runs)
        super().__init__(
            project_name,
            RunStore(tracker, runs, experiment, experiment_name, tagged=tagged),
            {"git.commit": commit} if commit else {},
        )
