"""Send a version through the gates and show what came out: for `pitwall promote` and `pitwall registry promote`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from pitwall.cli._output import console, show_verdicts, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pitwall.domain.project import Project


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
