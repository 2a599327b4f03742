"""What every command of `pitwall registry` opens first, and how a name on the command line becomes a version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pitwall.domain.params import Params
    from pitwall.domain.ports import History, ModelVersion, Registry
    from pitwall.domain.project import Project
    from pitwall.ml.training.training_job import TrainingJob

JudgedModel = Annotated[
    str, typer.Argument(metavar="NAME", help="A model such as order-pre_race, or a template that it answers.")
]


@dataclass(frozen=True)
class Desk:
    """The registry of the project that we are in, with its history and parameters."""

    project: Project
    params: Params
    registry: Registry
    history: History


def open_registry() -> Desk:
    """Return the registry of the project that we are in."""
    from pitwall import wiring
    from pitwall.domain.project import find_project

    project = find_project()
    return Desk(project, wiring.params(project), wiring.registry(project), wiring.history(project))


def job_of(desk: Desk, name: str) -> TrainingJob:
    """Return what a model, or the model of a template, is trained on."""
    from pitwall.ml.training.training_job import training_job

    return training_job(desk.project, desk.params, name)


def version_of(desk: Desk, reference: str) -> ModelVersion:
    """Return the version of `NAME@ALIAS` or `NAME@VERSION`."""
    from pitwall.ml.registry.references import find_version

    return find_version(desk.registry, desk.params, reference)
