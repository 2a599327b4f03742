"""Run a function of one's own as an experiment that can be repeated: seeded, frozen, named, recorded, closed truly.

The pipeline's trainings have all of this by themselves; this is for the notebook.
"""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from numbers import Real
from pathlib import Path
from typing import Any

from pitwall.adapters.processes.signals import exit_on_sigterm
from pitwall.domain.errors import UsageError
from pitwall.domain.ports import RunReader, Tracker
from pitwall.domain.project import Project
from pitwall.domain.secrets import redact
from pitwall.ml.training.folds import refuse_splitter
from pitwall.tracking.canonical import MISSING
from pitwall.tracking.capture import Captured, Work, capture
from pitwall.tracking.closing import closing
from pitwall.tracking.config import ExperimentConfig
from pitwall.tracking.experiments.artifacts import of_data, of_image
from pitwall.tracking.experiments.tracker import ExperimentTracker
from pitwall.tracking.experiments.writer import RunWriter
from pitwall.tracking.names import experiment_name
from pitwall.tracking.record import ManifestRecord
from pitwall.tracking.run_stores.store import RunStore
from pitwall.tracking.sampling import Sampler
from pitwall.tracking.sections.data import Splits
from pitwall.workflows.workspace import Workspace

SEED = 42


@dataclass(frozen=True)
class OpenRun:
    """What the training function logs with; every call names the run, nothing hangs on an active one."""

    run_id: str
    tracker: Tracker
    writer: RunWriter

    def log_metric(self, name: str, value: float, step: int | None = None) -> None:
        """Log a number, at one step of a history or as a final one."""
        self.tracker.metrics(self.run_id, {name: value}, step)

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log numbers."""
        self.tracker.metrics(self.run_id, metrics, step)

    def log_artifact(self, name: Path | str, data: Any = MISSING, *, folder: str | None = None) -> None:
        """Log an object under a name, or a file (all files of a folder) as it is.

        Args:
            name: of the artifact; alone, the path of a file or a folder.
            data: text, bytes, a path, a data frame, arrays, a figure, or what JSON can hold.
            folder: of the artifacts, for files as they are.

        Raises:
            UsageError: the object has no form of data; a model has, see `log_model`.
        """
        if data is MISSING:
            self.tracker.files(self.run_id, Path(name), folder)
        else:
            self.writer.artifact(str(name), of_data(str(name), data))

    def log_figure(self, name: str, figure: Any) -> None:
        """Log a figure: one of matplotlib as PNG, one of plotly as a page that needs no network."""
        self.log_artifact(name, figure)

    def log_image(self, name: str, image: Any) -> None:
        """Log a picture as PNG: an array (rows x columns, with 3 or 4 channels or none), or a picture of Pillow."""
        self.writer.artifact(name, of_image(name, image))

    def log_table(self, name: str, table: Any) -> None:
        """Log a table, which MLflow's page shows as one: a data frame, rows, or columns by name."""
        self.writer.table(name, table)

    def log_model(self, model: Any, name: str = "model") -> None:
        """Keep a model as a folder of data among the artifacts; see `pitwall.tracking.save_model` for which, and `load_model`.

        Raises:
            UsageError: it is of no library whose models are kept as data.
            TrackingError: it has parts that are no data; names them.
        """
        self.writer.model(model, name)

    def note(self, markdown: str) -> None:
        """Set the text that the run's page opens with."""
        self.tracker.note(self.run_id, markdown)

    def set_tag(self, name: str, value: str) -> None:
        """Set a tag."""
        self.tracker.tag(self.run_id, {name: value})


@dataclass
class ReproducibleExperiment:
    """An experiment: a configuration, and in `run` the function that it is for.

    Attributes:
        config: the settings; `seed` in it seeds everything (42 without one). Frozen by `run`.
        tracker: the run store; the project's own by default. An `ExperimentTracker`: the run is one of its experiment, and the function
            is handed the tracker itself.
        runs: the reading side of the same store.
        project: the project; the one that we are in by default.
        description: what is tried, a part of the run's name.
        objective: the experiment is `pitwall-<objective>`.
        experiment_type: baseline, feature-engineering, architecture or hyperparameter.
        splits: race ids by use, e.g. train and held_out, kept as a file of the run.
        manual_steps: what was done by hand.
        sample_every: log memory, processor and GPU every so many seconds; the peaks are among the manifest's resources.

    Example:
        >>> import pitwall as pw
        >>> def train(config, run):
        ...     run.log_metric("loss", 1.0 / config.get("rounds"))
        ...     return {"final_loss": 1.0}
        >>> experiment = pw.ReproducibleExperiment(pw.ExperimentConfig({"rounds": 10, "seed": 7}))
        >>> experiment.run(train)  # doctest: +SKIP
        {'final_loss': 1.0}
    """

    config: ExperimentConfig
    tracker: Tracker | ExperimentTracker | None = None
    runs: RunReader | None = None
    project: Project | None = None
    description: str = "experiment"
    objective: str = "lab"
    experiment_type: str = "baseline"
    splits: Splits | None = None
    manual_steps: Sequence[str] = ()
    sample_every: float | None = None
    run_id: str = field(default="", init=False)

    def __post_init__(self) -> None:
        """Refuse a splitter of scikit-learn: splits are races by their use, and none may follow what is judged."""
        refuse_splitter(self.splits)

    def run(self, train: Callable[[ExperimentConfig, Any], Any]) -> Any:
        """Run the function and return what it returns; numbers in a returned mapping are logged as metrics.

        Args:
            train: (frozen configuration, open run) -> result; the open run is the tracker, if an `ExperimentTracker` was given.

        Raises:
            Exception: whatever the function raised, after the run was marked FAILED, with the tag and metric `error` and
                the traceback as a file.
        """
        writer, reader, experiment = self._stores()
        home = self.project or getattr(self.tracker, "project", None)
        with exit_on_sigterm(), Workspace(home, tracker=writer, runs=reader) as workspace:
            return self._run(train, workspace, experiment)

    def _stores(self) -> tuple[Tracker | None, RunReader | None, str]:
        """Return the two sides of the run store, None for the project's own, and the experiment."""
        if not isinstance(self.tracker, ExperimentTracker):
            return self.tracker, self.runs, experiment_name(self.objective)
        store = self.tracker.store
        return store.tracker, store.reader, store.experiment or store.named(self.objective)

    def _run(self, train: Callable[[ExperimentConfig, Any], Any], workspace: Workspace, experiment: str) -> Any:
        project, tracker, runs = workspace.project, workspace.tracker, workspace.runs
        found = self._captured(project, runs, experiment)
        self.run_id = tracker.start(experiment, found.manifest.subject["run_name"], found.tags)
        record = ManifestRecord(project, tracker, runs, found)
        run = OpenRun(self.run_id, tracker, RunWriter(RunStore(tracker, runs), self.run_id))
        with closing(tracker, self.run_id), self._configured(run) as handed:
            record.begin(self.run_id)
            with self._sampling(tracker) as peaks:
                result = self._trained(train, handed, run)
            record.complete(self.run_id, {}, peaks)
        return result

    @contextmanager
    def _configured(self, run: OpenRun) -> Iterator[OpenRun | ExperimentTracker]:
        """Log the configuration and give what the function logs with: the tracker that was given, else the open run."""
        if isinstance(self.tracker, ExperimentTracker):
            with self.tracker.lent(run.run_id):
                self.tracker.log_params(self.config.to_dict())
                yield self.tracker
        else:
            run.tracker.params(run.run_id, self.config.to_dict())
            yield run

    @contextmanager
    def _sampling(self, tracker: Tracker) -> Iterator[Mapping[str, float]]:
        """Sample where that is wanted, and yield the peaks, which grow meanwhile."""
        if self.sample_every is None:
            yield {}
            return
        with Sampler(lambda numbers, step: tracker.metrics(self.run_id, numbers, step), self.sample_every) as sampler:
            yield sampler.peaks

    def _captured(self, project: Project, runs: RunReader, experiment: str) -> Captured:
        config = self.config.freeze()
        seed = config.get("seed", SEED)
        if type(seed) is not int:
            raise UsageError(f"the configuration's seed must be an int; found {seed!r} ({type(seed).__name__}).")
        work = Work(
            self.description,
            f"run_{config.hash()}",
            experiment,
            config.to_dict(),
            seed,
            self.experiment_type,
            splits=self.splits,
            load_torch=True,
        )
        return capture(project, work, {}, manual_steps=self.manual_steps, taken=runs.names(experiment))

    def _trained(self, train: Callable[[ExperimentConfig, Any], Any], handed: Any, run: OpenRun) -> Any:
        try:
            result = train(self.config, handed)
        except Exception:
            run.log_metric("error", 1.0)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "traceback.txt"
                path.write_text(redact(traceback.format_exc(), path.name)[0], encoding="utf-8")
                run.log_artifact(path, folder="error")
            raise
        if isinstance(result, Mapping):
            numbers = {str(name): float(value) for name, value in result.items() if isinstance(value, Real)}
            run.log_metrics(numbers)
        return result
