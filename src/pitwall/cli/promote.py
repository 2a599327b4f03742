"""`pitwall promote`: send the newest candidate through all gates; it becomes the champion or the table says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.cli._output import JsonOption, console, show_verdicts, write_json
from pitwall.cli.train import ModelArgument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pitwall.domain.project import Project


def promote(
    model: ModelArgument = "order-pre_race",
    approve: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Who approves, if params.yaml asks for it; repeat for two.")
    ] = None,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why it is approved; kept with the promotion.")] = "",
    json_file: JsonOption = None,
) -> None:
    """Judge the newest candidate of a model and promote it if every gate passes; exit code 3 if one refuses."""
    from pitwall import wiring
    from pitwall.domain.project import find_project
    from pitwall.ml.models.machinery.names import resolve_model

    project = find_project()
    judge_and_promote(project, resolve_model(model, wiring.params(project)), approve or [], note, json_file=json_file)


def judge_and_promote(
    project: Project,
    name: str,
    approvers: Sequence[str],
    note: str,
    *,
    json_file: str | None,
    version: int | None = None,
) -> None:
    """Run the promotion flow on the trained model, or on an older version of it, and show what came out.

    Raises:
        typer.Exit: with the flow's exit code, 3 where a gate refused.
    """
    from pitwall.cli._flow import run_flow

    options = [part for who in approvers for part in ("--approve", who)] + (["--note", note] if note else [])
    options += ["--version", str(version)] if version is not None else []
    result = run_flow(project, "promote", "--model", name, *options)
    screen = console(json_file)
    show_verdicts(screen, name, result["verdicts"])
    screen.print(result["outcome"], soft_wrap=True)
    write_json(result, json_file)
    if result["exit_code"]:
        raise typer.Exit(result["exit_code"])
