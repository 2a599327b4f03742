"""`pitwall forecast`: what the champion says of a race, as a table with probabilities."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._output import JsonOption, console, table, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from pitwall.domain.project import Project

DEFAULT_MODEL = "order-pre_race"


def forecast(
    race: Annotated[str | None, typer.Option(help="SEASON-ROUND, e.g. 2024-24; default: the next race.")] = None,
    template: Annotated[list[str] | None, typer.Option(help="A question; repeat for several. Default: all.")] = None,
    entries: Annotated[Path | None, typer.Option(help="CSV with a column driver: who takes part.")] = None,
    grid: Annotated[Path | None, typer.Option(help="CSV with the columns driver and grid.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Forecast the next race, or any race as of its cut-off, with the standing champion."""
    from pitwall.adapters.lock import project_lock
    from pitwall.domain.project import find_project

    project = find_project()
    name, questions = _model_of(project, template or [])
    with project_lock(project, "pitwall forecast"):
        stored = _make(project, name, race, entries, grid)
    payload = read_forecast(stored)
    screen = console(json_file)
    show_forecast(screen, payload, questions)
    screen.print(f"stored at {stored.relative_to(project.root)}")
    write_json(payload, json_file)


def read_forecast(path: Path) -> dict[str, Any]:
    """Return a stored forecast."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def show_forecast(screen: Console, made: Mapping[str, Any], questions: Sequence[str] = ()) -> None:
    """Print a forecast as a table, the most probable winner first, with the baseline's answer and all caveats."""
    shown = list(questions) or sorted(made["rows"][0]["events"], key=_rarest_first(made))
    columns = ["driver", "team", "grid", *(f"{name} %" for name in shown), f"baseline {shown[0]} %", "mean place"]
    rows = [_cells(row, shown) for row in made["rows"]]
    title = f"{made['race_name']} {made['race']}: {made['model']} version {made['version']} ({made['estimator']})"
    screen.print(table(title, columns, rows, right=columns[2:]))
    screen.print(f"as of {made['cutoff']}; the baseline is {made['baseline']}")
    for label in made["labels"]:
        screen.print(f"note: {label}")


def _cells(row: Mapping[str, Any], questions: Sequence[str]) -> list[str]:
    chances = [f"{100 * row['events'][name]:.1f}" for name in questions]
    baseline = f"{100 * row['baseline'][questions[0]]:.1f}"
    grid = "" if row["grid"] is None else f"{row['grid']:.0f}"
    return [row["driver"], row["team"], grid, *chances, baseline, f"{row['expected_place']:.1f}"]


def _rarest_first(made: Mapping[str, Any]) -> Any:
    """Order questions by how many cars they come true for: the winner before the podium before the points."""
    return lambda name: sum(row["events"][name] for row in made["rows"])


def _model_of(project: Project, templates: Sequence[str]) -> tuple[str, list[str]]:
    """Return the model that answers, and the questions; all must be answered by one model."""
    from pitwall import wiring
    from pitwall.domain.errors import UsageError
    from pitwall.ml.names import resolve_model
    from pitwall.ml.templates import template

    params = wiring.params(project)
    questions = [template(name).name for name in templates]
    models = {resolve_model(name, params) for name in questions} or {resolve_model(DEFAULT_MODEL, params)}
    if len(models) > 1:
        raise UsageError(f"{', '.join(questions)} are answered by different models; ask one at a time.")
    return models.pop(), questions


def _make(project: Project, name: str, race: str | None, entries: Path | None, grid: Path | None) -> Path:
    from pitwall import wiring
    from pitwall.ml.candidates import sync
    from pitwall.ml.forecast import forecast as make
    from pitwall.ml.forecast import store
    from pitwall.ml.job import training_job

    job = training_job(project, wiring.params(project), name)
    registry, provenance = wiring.registry(project), wiring.provenance(project)
    sync(job, wiring.tracker(project), registry, provenance)
    reader = wiring.feature_reader(project)
    return store(project, make(job, registry, reader, provenance, race=race, entries=entries, grid=grid))
