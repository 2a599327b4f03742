"""The plain entry points that DVC runs: `python -m pitwall.stages ingest NAME|tables|features|frames|train NAME|evaluate`.

Each calls one use case and logs what it says. They know neither Prefect nor DVC; the flows call the same use cases. The
project lock is taken here too, so that a `dvc repro` by hand and a scheduled flow wait for each other.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence

from pitwall.domain.errors import PitwallError
from pitwall.domain.project import find_project
from pitwall.workflows import data
from pitwall.workflows.workspace import Workspace

log = logging.getLogger("pitwall.stages")

Lines = Sequence[str]


def ingest(workspace: Workspace, name: str) -> Lines:
    """Fetch from one source; keep a snapshot if there is news."""
    return data.ingest(workspace, name).lines()


def tables(workspace: Workspace) -> Lines:
    """Make the canonical tables and the quarantine."""
    return data.tables(workspace).lines()


def features(workspace: Workspace) -> Lines:
    """Compute every feature group."""
    from pitwall.features.machinery.stage import THREADS

    os.environ.update(dict.fromkeys(THREADS, "1"))  # this process is the step's own; its workers share the cores
    return data.features(workspace).lines()


def frames(workspace: Workspace) -> Lines:
    """Join features to every spine, as known at each cut-off."""
    from pitwall.adapters.dvc_trainings import check_trainings
    from pitwall.ml.models.machinery.names import model_names

    check_trainings(workspace.project.root, model_names(workspace.params))
    return [f"frame {ref.name}: {ref.rows:,} rows, {len(ref.columns)} columns" for ref in data.frames(workspace)]


def train(workspace: Workspace, name: str) -> Lines:
    """Tune, judge, refit and register one model."""
    from pitwall.workflows import train as workflow

    ref = workflow.train(workspace, name)
    return [f"{ref.model} version {ref.version} registered; MLflow run {ref.run_id}"]


def evaluate(workspace: Workspace) -> Lines:
    """Score every trained model and its baselines over the held-out seasons."""
    from pitwall.workflows import backtest

    return backtest.evaluate(workspace).lines()


STAGES: dict[str, Callable[..., Lines]] = {
    run.__name__: run for run in (ingest, tables, features, frames, train, evaluate)
}
_ARGUMENT = {"ingest": ("source", "e.g. synthetic"), "train": ("model", "e.g. order-pre_race")}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one step and return its exit code."""
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
    """Run a step of the project that we are in, under its lock."""
    from pitwall.adapters.installation.code_file import check_code_file
    from pitwall.adapters.processes.signals import exit_on_sigterm

    command = " ".join(["stage", stage, *arguments])
    with exit_on_sigterm(), Workspace(find_project()) as workspace, workspace.exclusive(command):
        check_code_file(workspace.project)
        for line in STAGES[stage](workspace, *arguments):
            log.info("%s", line)


if __name__ == "__main__":
    sys.exit(main())
