"""`pitwall promote`: send the newest candidate through all gates; it becomes the champion or the table says why not."""

from __future__ import annotations

from typing import Annotated

import typer

from pitwall.cli._output import JsonOption, console, show_verdicts, write_json
from pitwall.cli.train import ModelArgument


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
    from pitwall.cli._flow import run_flow
    from pitwall.domain.project import find_project
    from pitwall.ml.names import resolve_model

    project = find_project()
    name = resolve_model(model, wiring.params(project))
    approval = [part for who in approve or () for part in ("--approve", who)] + (["--note", note] if note else [])
    result = run_flow(project, "promote", "--model", name, *approval)
    screen = console(json_file)
    show_verdicts(screen, name, result["verdicts"])
    screen.print(result["outcome"], soft_wrap=True)
    write_json(result, json_file)
    if result["exit_code"]:
        raise typer.Exit(result["exit_code"])
