"""The plain entry points that DVC runs: `python -m pitwall.stages ingest NAME|tables|features|frames|train NAME|evaluate`.

Each calls one function and logs what it says. They know neither Prefect nor DVC; the flows call the same functions. The
project lock is taken here too, so that a `dvc repro` by hand and a scheduled flow wait for each other.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence

from pitwall import wiring
from pitwall.domain.errors import PitwallError
from pitwall.domain.params import Params
from pitwall.domain.project import Project, find_project

log = logging.getLogger("pitwall.stages")

Lines = Sequence[str]


def ingest(project: Project, params: Params, name: str) -> Lines:
    """Fetch from one source; keep a snapshot if there is news."""
    from pitwall.sources.machinery import stage

    return stage.ingest(project, params, name).lines()


def tables(project: Project, params: Params) -> Lines:
    """Make the canonical tables and the quarantine."""
    from pitwall.sources.machinery import stage

    return stage.tables(project, params).lines()


def features(project: Project, params: Params) -> Lines:
    """Compute every feature group."""
    from pitwall.features.machinery import stage

    os.environ.update(dict.fromkeys(stage.THREADS, "1"))  # this process is the stage's own; its workers share the cores
    return stage.build_features(project, params).lines()


def frames(project: Project, params: Params) -> Lines:
    """Join features to every spine, as known at each cut-off."""
    from pitwall.adapters.dvc_trainings import check_trainings
    from pitwall.ml.models.machinery.frames import build_frames
    from pitwall.ml.models.machinery.names import model_names

    check_trainings(project.root, model_names(params))
    return [
        f"frame {ref.name}: {ref.rows:,} rows, {len(ref.columns)} columns"
        for ref in build_frames(project, params, wiring.feature_reader(project))
    ]


def train(project: Project, params: Params, name: str) -> Lines:
    """Tune, judge, refit and register one model."""
    from pitwall.ml.cards.build import ensure, stores_of
    from pitwall.ml.models.machinery.frames import build_frame
    from pitwall.ml.models.machinery.names import resolve_model
    from pitwall.ml.training import steps
    from pitwall.tracking.capture import capture, training_work
    from pitwall.tracking.record import ManifestRecord

    tracker, runs = wiring.tracker(project), wiring.runs(project)
    for run_id in tracker.reap():
        log.info("an earlier run was killed and is now marked so: %s", run_id)
    job = steps.training_job(project, params, resolve_model(name, params))
    if not job.listed:
        build_frame(project, params, wiring.feature_reader(project), job.name)
    work = training_work(
        job.name,
        job.settings.estimator,
        job.params,
        experiment=job.experiment,
        frame=job.frame_ref(),
        splits=steps.split_races(job),
    )
    found = capture(project, work, wiring.provenance(project), taken=runs.names(job.experiment))
    record = ManifestRecord(project, tracker, runs, found)
    registry = wiring.registry(project)
    ref = steps.train(job, tracker, registry, found.tags, record)
    assert ref.version is not None
    ensure(job, stores_of(project), registry.get(job.name, ref.version))
    return [f"{ref.model} version {ref.version} registered; MLflow run {ref.run_id}"]


def evaluate(project: Project, params: Params) -> Lines:
    """Score every trained model and its baselines over the held-out seasons."""
    from pitwall.ml.backtest.published_scores import evaluate as run

    return run(project, params).lines()


STAGES: dict[str, Callable[..., Lines]] = {
    run.__name__: run for run in (ingest, tables, features, frames, train, evaluate)
}
_ARGUMENT = {"ingest": ("source", "e.g. synthetic"), "train": ("model", "e.g. order-pre_race")}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one stage and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m pitwall.stages", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="stage", required=True)
    for name, run in STAGES.items():
        command = commands.add_parser(name, help=(run.__doc__ or "").splitlines()[0])
        if name in _ARGUMENT:
            argument, example = _ARGUMENT[name]
            command.add_argument(argument, help=example)
    chosen = vars(parser.parse_args(arguments))
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    try:
        run_stage(chosen.pop("stage"), *chosen.values())
    except PitwallError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


def run_stage(stage: str, *arguments: str) -> None:
    """Run a stage of the project that we are in, under its lock."""
    from pitwall.adapters.installation.code_file import check_code_file
    from pitwall.adapters.processes.lock import project_lock
    from pitwall.adapters.processes.signals import exit_on_sigterm

    project = find_project()
    with exit_on_sigterm(), project_lock(project, " ".join(["stage", stage, *arguments])):
        check_code_file(project)
        for line in STAGES[stage](project, wiring.params(project), *arguments):
            log.info("%s", line)


if __name__ == "__main__":
    sys.exit(main())
