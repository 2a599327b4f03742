"""`pitwall ui`: the MLflow and Prefect servers of the project on loopback, until they are stopped."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import console

if TYPE_CHECKING:
    from pitwall.domain.project import Project


def ui() -> None:
    """Open the project's MLflow and Prefect servers on loopback, until Ctrl-C."""
    from pitwall.adapters.mlflow.pages.server import ui_servers
    from pitwall.domain.project import find_project

    screen, project = console(None), find_project()
    screen.print("starting both servers ...")
    with ui_servers(project) as addresses:
        for name, address in addresses.items():
            screen.print(f"{name:<8} {address}")
        for model, page in _views(project).items():
            screen.print(f"  runs of {model}: {addresses['MLflow']}{page}", soft_wrap=True)
        screen.print("stop both with Ctrl-C")
        try:
            signal.pause()
        except KeyboardInterrupt:
            screen.print("stopping")


def _views(project: Project) -> dict[str, str]:
    """Return {model: address of its runs below MLflow's}, with a column for each question's loss, its gain, and the verdict."""
    from pitwall import wiring
    from pitwall.adapters.mlflow.pages.views import save_view
    from pitwall.ml.cards.pages import VERDICT_TAG
    from pitwall.ml.models.machinery.names import model_names
    from pitwall.ml.templates import answered_by
    from pitwall.ml.training.training_job import training_job

    params = wiring.params(project)
    metrics: dict[str, dict[str, list[str]]] = {}
    for name in model_names(params):
        job = training_job(project, params, name)
        columns = metrics.setdefault(job.model, {}).setdefault(job.experiment, [])
        for template in answered_by(job.model):
            baseline = template.baseline_at(job.stage)
            columns += [f"{template.name}.{template.loss}", f"{template.name}.gain.{baseline}"]
    tags = ["pitwall.stage", VERDICT_TAG]
    pages = {
        model: save_view(project, experiment, list(dict.fromkeys(columns)), tags)
        for model, held in metrics.items()
        for experiment, columns in held.items()
    }
    return {model: page for model, page in pages.items() if page}


COMMANDS = Commands((Command("ui", ui),), order=17)
