"""`pitwall automl`: the best answer to a question that a budget of CPU seconds finds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, table, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from pitwall.ml.automl.result import AutoMLResult

MOST = 14  # rows of candidates


def automl(  # noqa: PLR0917  (Typer reads the options from the signature)
    question: Annotated[
        str, typer.Argument(metavar="TEMPLATE", help="A question, or a model, whose first one is meant.")
    ],
    budget: Annotated[float, typer.Option(help="CPU seconds of this process, not seconds of the clock.")] = 60.0,
    metric: Annotated[
        str | None, typer.Option(help="What candidates are compared by. Default: the question's main loss.")
    ] = None,
    ensemble: Annotated[bool, typer.Option("--ensemble/--no-ensemble", help="End with a blend of candidates.")] = True,
    engine: Annotated[str, typer.Option(help="Who proposes configurations: pitwall or flaml.")] = "pitwall",
    only: Annotated[
        list[str] | None, typer.Option("--estimator", metavar="NAME", help="Only this one; may be repeated.")
    ] = None,
    repeat: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Repeat the search of this --json file by its counts, without a clock."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw score against CPU seconds into this PNG file.")
    ] = None,
    json_file: JsonOption = None,
) -> None:
    """Search all estimators of a question on seasons before the held-out ones; show the leaderboard beside the rules."""
    from pitwall.ml.automl.engine import Watch
    from pitwall.ml.automl.settings import Settings
    from pitwall.workflows import automl as workflow
    from pitwall.workflows.workspace import Workspace

    screen, progress = console(json_file), Watch(lambda line: typer.echo(line, err=True))
    settings = Settings(budget, metric, ensemble, engine, tuple(only or ()))
    with Workspace() as workspace:
        if repeat is None:
            found = workflow.search(workspace, question, settings, progress=progress)
        else:
            found = workflow.repeat(workspace, question, repeat, progress=progress)
    _show(found, screen)
    if picture is not None:
        from pitwall.ml.automl.figures import draw_search
        from pitwall.report.figures.canvas import write_png

        screen.print(f"written: {write_png(draw_search(found), picture)}", soft_wrap=True)
    write_json(found.payload(), json_file)


def _show(found: AutoMLResult, screen: Console) -> None:
    candidates = [row for row in found.leaderboard if row["kind"] == "candidate"]
    shown = [row for row in candidates if row["chosen"] or row in candidates[:MOST]]
    others = [row for row in found.leaderboard if row["kind"] != "candidate"]
    columns = ("", "what", "weight", found.metric, "races", "behind the best", f"gain over {found.baseline}", "CPU s")
    rows = [_cells(row) for row in (*shown, *others)]
    screen.print(table(f"{len(found.trials)} candidates", columns, rows, right=columns[2:]))
    spent = f"{found.cpu_seconds:.1f} CPU seconds ({found.stopped})"
    screen.print(f"chosen: {found.algorithm}; {found.metric} {found.score:.4f}; {spent}", soft_wrap=True)
    if found.note:
        screen.print(f"no blend: {found.note}")
    for name, why in found.left_out.items():
        screen.print(f"left out: {name}: {why}", soft_wrap=True)


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    weight = f"{row['chosen']:.2f}" if row["chosen"] else ""
    seconds = "" if row["seconds"] is None else f"{row['seconds']:.2f}"
    numbers = (_interval(row, "value"), str(row["n"]), _interval(row, "behind"), _interval(row, "gain"))
    return row["name"], row["kind"], weight, *numbers, seconds


def _interval(row: Mapping[str, Any], name: str) -> str:
    if row.get(name) is None:
        return ""
    front = "" if name == "value" else f"{name}_"
    return f"{row[name]:.4f} ({row[f'{front}low']:.4f} to {row[f'{front}high']:.4f})"


COMMANDS = Commands((Command("automl", automl, "dnf --budget 60 --json automl.json"),), order=6)
