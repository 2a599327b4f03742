"""The experiment tracker over a folder of JSON files: no server, no database, nothing but the standard library."""

from __future__ import annotations

from pathlib import Path

from pitwall.tracking.experiments.tracker import ExperimentTracker
from pitwall.tracking.json_runs import JsonRuns
from pitwall.tracking.json_runs.runs import LIMIT
from pitwall.tracking.run_stores.store import RunStore


class JsonTracker(ExperimentTracker):
    """The runs of a folder.

    Args:
        base_dir: the folder; made by the first run.
        project_name: an experiment for calls that name none.
        artifact_limit_mb: a larger file is refused.

    Example:
        >>> import tempfile
        >>> tracker = JsonTracker(tempfile.mkdtemp())
        >>> run_id = tracker.create_run("wings", tags={"car": "A"}, description="less drag")
        >>> tracker.log_metrics(run_id, {"lap_time": 91.4}, step=0)
        >>> tracker.finish_run(run_id)
        >>> tracker.get_best_run("lap_time", "wings", mode="min")["run_id"]
        'run_001'
    """

    def __init__(
        self, base_dir: str | Path = "experiments", project_name: str | None = None, artifact_limit_mb: float = LIMIT
    ) -> None:
        runs = JsonRuns(base_dir, artifact_limit_mb)
        super().__init__(project_name, RunStore(runs, runs, project_name or "", keeps_types=True))
