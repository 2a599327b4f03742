"""Search for the settings of one model: open a run, search, log each trial below it, write what was found."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pitwall.workflows.tune.page as pages
from pitwall.domain.files import write_atomically
from pitwall.domain.numbers import finite
from pitwall.ml.search.engine import SearchResult, search
from pitwall.ml.search.methods import named
from pitwall.ml.search.record import plain
from pitwall.ml.search.settings import SearchSettings
from pitwall.ml.search.trials import TrialRecord
from pitwall.ml.search.workers import usable_cores
from pitwall.ml.training.histories.trial_runs import log_trial
from pitwall.ml.training.steps import split_races
from pitwall.tracking.capture import Work, capture
from pitwall.tracking.closing import closing
from pitwall.tracking.record import ManifestRecord
from pitwall.workflows.tune.subject import Subject
from pitwall.workflows.workspace import Workspace

FOLDER = "tune"


@dataclass(frozen=True)
class Kept:
    """How a study is kept and worked on: its name, its storage, whether it goes on, and by how many processes.

    Attributes:
        name: of the study; by what it is of, when empty.
        storage: a file or the URL of a database; a journal below `.pitwall/studies` when None.
        resume: go on with a study that is there.
        workers: processes, 0 for none beside this one; one per core when None.
    """

    name: str = ""
    storage: str | None = None
    resume: bool = False
    workers: int | None = None

    def processes(self, batch: int) -> int:
        """Return how many: more than a batch has trials would wait; one alone works here."""
        count = min(usable_cores() if self.workers is None else self.workers, batch)
        return count if count > 1 else 0


@dataclass(frozen=True)
class Tuned:
    """A finished search of a model: what was found, the run that keeps it, and where the report lies."""

    subject: Subject
    result: SearchResult
    run_id: str
    folder: Path
    content: dict[str, Any] = field(repr=False)


def study_name(subject: Subject, settings: SearchSettings) -> str:
    """Return what a study is called that nobody has named."""
    parts = (subject.job.name, subject.recipe.estimator, settings.method, settings.pruner, f"seed{settings.seed}")
    return "-".join(parts)


def tune(
    workspace: Workspace,
    subject: Subject,
    settings: SearchSettings,
    kept: Kept | None = None,
    on_trial: Callable[[TrialRecord], None] | None = None,
) -> Tuned:
    """Search, and write report and pictures below `reports/tune/<study>`; held-out seasons take no part.

    The default configuration is trial 0. Trials that an earlier process finished are not logged again: they stand below its run.

    Args:
        workspace: of the project.
        subject: what is searched for.
        settings: of the search.
        kept: how it is kept, and by how many workers.
        on_trial: called with each trial as it ends.

    Raises:
        UsageError: the study exists and was not to go on.
        StageError: no trial is complete, or the study was begun otherwise.
    """
    kept, job, tracker = kept or Kept(), subject.job, workspace.tracker
    name = kept.name or study_name(subject, settings)
    storage = kept.storage or str(workspace.project.state / "studies" / f"{name}.journal")
    run_id = _open_run(workspace, subject, settings, name)

    def tell(record: TrialRecord) -> None:
        log_trial(job, run_id, record, tracker)
        (on_trial or (lambda _: None))(record)

    with closing(tracker, run_id, success=None):
        result = search(
            subject.objective,
            subject.space,
            settings,
            name=name,
            first=[] if settings.method == "grid" else [subject.recipe.params],
            workers=kept.processes(settings.batch),
            storage=storage,
            resume=kept.resume,
            about=subject.about(),
            on_trial=tell,
        )
        content = _content(subject, result, run_id)
        folder = workspace.project.reports / FOLDER / name
        write_atomically(folder / "study.json", json.dumps(content, indent=1) + "\n")
        pages.write(subject, result, folder)
        _log(workspace, run_id, subject, result, folder)
    tracker.finish(run_id, "KILLED" if result.stopped == "interrupt" else "FINISHED")
    return Tuned(subject, result, run_id, folder, content)


def seconds_left(first: float, left: int, batch: int, workers: int) -> float:
    """Return about how long trials take by the clock, judged by the first one.

    Args:
        first: seconds of the first trial.
        left: how many trials.
        batch: so many at once.
        workers: processes, 0 for none beside this one.

    Example:
        >>> seconds_left(2.0, 8, batch=4, workers=2)
        8.0
    """
    at_once = min(max(workers, 1), batch)
    whole, rest = divmod(left, batch)
    return first * (whole * math.ceil(batch / at_once) + math.ceil(rest / at_once))


def _open_run(workspace: Workspace, subject: Subject, settings: SearchSettings, name: str) -> str:
    """Open the run of the search with its manifest, seeds and splits."""
    job = subject.job
    work = Work(
        job.name,
        f"{subject.recipe.estimator}-{settings.method}-search",
        job.experiment,
        {**job.params.model_dump(mode="json"), "search": asdict(settings)},
        settings.seed,
        "hyperparameter",
        sorted(job.params.sources),
        job.frame_ref(),
        {use: races for use, races in split_races(job).items() if use in {"train", "validation"}},
    )
    captured = capture(workspace.project, work, workspace.provenance(), taken=workspace.runs.names(job.experiment))
    tags = {"pitwall.model": job.name, "pitwall.stage": job.stage, "pitwall.search": name, **captured.tags}
    run_id = workspace.tracker.start(job.experiment, str(captured.manifest.subject["run_name"]), tags)
    with closing(workspace.tracker, run_id, success=None):
        workspace.tracker.params(run_id, {"search": asdict(settings), "estimator": subject.recipe.estimator})
        ManifestRecord(workspace.project, workspace.tracker, workspace.runs, captured).begin(run_id)
        workspace.tracker.dataset(run_id, job.frame_ref(), "tuning")
    return run_id


def _log(workspace: Workspace, run_id: str, subject: Subject, result: SearchResult, folder: Path) -> None:
    tracker, best = workspace.tracker, result.best
    sampler, pruner = named(result.settings)
    tracker.params(run_id, {"recipe": best.params})
    tracker.metrics(run_id, finite({subject.job.validation_metric: best.value or 0.0}))
    tracker.tag(
        run_id,
        {
            "pitwall.best_trial": str(best.number),
            "optuna.study": result.name,
            "optuna.trials": str(len(result.trials)),
            "optuna.sampler": sampler,
            "optuna.pruner": pruner,
            **({"pitwall.stopped": result.stopped} if result.stopped else {}),
            **({"pitwall.resumed_trials": str(result.resumed)} if result.resumed else {}),
            **({"pitwall.not_repeatable": result.note} if result.note else {}),
        },
    )
    tracker.note(run_id, _note(subject, result))
    tracker.files(run_id, folder, "search")
    ManifestRecord(workspace.project, tracker, workspace.runs).complete(
        run_id, {**subject.recipe.manifest(), "params": best.params}
    )


def _note(subject: Subject, result: SearchResult) -> str:
    """Return what the run's page opens with: what was tried, and what came of it."""
    best, first, how = result.best, result.trials[0], result.settings
    seasons = ", ".join(map(str, subject.seasons.validation))
    default = "" if first.value is None else f", {first.value:.5f} of the first trial"
    stopped = f" Stopped: {result.stopped}." if result.stopped else ""
    return (
        f"A search for `{subject.job.name}`: {len(result.trials)} configurations of `{subject.recipe.estimator}` by {how.method} (pruner "
        f"{how.pruner}), scored by the {subject.label} on seasons {seasons}; the seasons that judge the model took no part.\n\n"
        f"Best: trial {best.number}, {best.value:.5f}{default}.{stopped} {result.note}\n"
    )


def _content(subject: Subject, result: SearchResult, run_id: str) -> dict[str, Any]:
    """Return the whole search as JSON."""
    best, default = result.best, result.trials[0]
    return plain(  # type: ignore[no-any-return]
        {
            "study": result.name,
            "model": subject.job.name,
            "estimator": subject.recipe.estimator,
            "scored_by": subject.job.validation_metric,
            "validation_seasons": subject.seasons.validation,
            "held_out_seasons": subject.seasons.held_out,
            **subject.rows,
            "settings": asdict(result.settings),
            "stopped": result.stopped,
            "note": result.note,
            "resumed": result.resumed,
            "seconds": round(result.seconds, 2),
            "run_id": run_id,
            "default": default.value,
            "best": {"number": best.number, "value": best.value, "chosen": best.chosen, "settled": best.params},
            "trials": [asdict(trial) for trial in result.trials],
        }
    )
