"""`pitwall forecast`: what the champion says of a race, as a table with probabilities."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, show_forecast, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pitwall.domain.project import Project

DEFAULT_MODEL = "order-pre_race"


def forecast(
    *,
    race: Annotated[str | None, typer.Option(help="SEASON-ROUND, e.g. 2024-24; default: the next race.")] = None,
    template: Annotated[list[str] | None, typer.Option(help="A question; repeat for several. Default: all.")] = None,
    entries: Annotated[Path | None, typer.Option(help="CSV with a column driver: who takes part.")] = None,
    grid: Annotated[Path | None, typer.Option(help="CSV with the columns driver and grid.")] = None,
    html: Annotated[Path | None, typer.Option(help="Also write the page with these questions to this file.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Also draw the places of all cars into this PNG file.")] = None,
    why: Annotated[bool, typer.Option("--why", help="Also show what each feature adds to the first cars.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Forecast the next race, or any race as of its cut-off, with the standing champion."""
    from pitwall.adapters.processes.lock import project_lock
    from pitwall.domain.project import find_project

    project = find_project()
    name, questions = _model_of(project, template or [])
    with project_lock(project, "pitwall forecast"):
        stored = _make(project, name, race, entries, grid)
    show_forecast(console(json_file), stored, questions, why=why)
    if html is not None:
        write_page(stored, html, questions)
    if picture is not None:
        draw(stored, picture, questions)
    write_json(read_json(stored), json_file)


def read_json(path: Path) -> dict[str, Any]:
    """Return a stored forecast as JSON."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def write_page(stored: Path, target: Path, questions: Sequence[str]) -> None:
    """Write the page of a stored forecast, with some of its questions, to a file of the user's choice."""
    from pitwall.ml.forecasting.forecast import only, read
    from pitwall.ml.forecasting.render import write_page as write

    write(only(read(stored), questions), target)


def draw(stored: Path, target: Path, questions: Sequence[str]) -> None:
    """Draw a stored forecast, with some of its questions, into a PNG file."""
    from pitwall.ml.forecasting.forecast import only, read
    from pitwall.ml.forecasting.render import write_picture

    write_picture(only(read(stored), questions), target)


def _model_of(project: Project, templates: Sequence[str]) -> tuple[str, list[str]]:
    """Return the model that answers, and the questions; all must be answered by one model."""
    from pitwall import wiring
    from pitwall.domain.errors import UsageError
    from pitwall.ml.models.machinery.names import resolve_model
    from pitwall.ml.templates import template

    params = wiring.params(project)
    questions = [template(name).name for name in templates]
    models = {resolve_model(name, params) for name in questions} or {resolve_model(DEFAULT_MODEL, params)}
    if len(models) > 1:
        raise UsageError(f"{', '.join(questions)} are answered by different models; ask one at a time.")
    return models.pop(), questions


def _make(project: Project, name: str, race: str | None, entries: Path | None, grid: Path | None) -> Path:
    from pitwall import wiring
    from pitwall.ml.forecasting.forecast import forecast as make
    from pitwall.ml.forecasting.forecast import store
    from pitwall.ml.forecasting.render import write_page as write
    from pitwall.ml.registry import recover
    from pitwall.ml.training.registration import sync
    from pitwall.ml.training.training_job import training_job

    job = training_job(project, wiring.params(project), name)
    registry, provenance = wiring.registry(project), wiring.provenance(project)
    recover(registry, wiring.history(project))
    sync(job, wiring.tracker(project), registry, provenance)
    reader = wiring.feature_reader(project)
    made = make(job, registry, reader, provenance, race=race, entries=entries, grid=grid)
    path = store(project, made)
    write(made, path.with_suffix(".html"))
    return path


COMMANDS = Commands((Command("forecast", forecast, "--race 2024-24 --template race_winner"),), order=13)
