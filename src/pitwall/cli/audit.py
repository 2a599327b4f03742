"""`pitwall audit`: does a feature, or a model, know what nobody could have known?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, table, write_json

if TYPE_CHECKING:
    from rich.console import Console

    from pitwall.ml.audit import Report

LEAK = 3


def audit(  # noqa: PLR0917  (Typer reads the options from the signature)
    group: Annotated[list[str] | None, typer.Option(help="A feature group; repeat for several. All when none.")] = None,
    feature: Annotated[list[str] | None, typer.Option(help="A single feature; repeat for several.")] = None,
    model: Annotated[str | None, typer.Option(help="What a trained model reads, and its own forecasts.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="A Python file of features of your own: a GROUP, or registered functions.")
    ] = None,
    seasons: Annotated[int | None, typer.Option(min=1, help="Newest seasons to look at.")] = None,
    instants: Annotated[int | None, typer.Option(min=1, help="Past instants to replay per group.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Put features before seven checks for leaks, on the project's data; exit code 3 if one finds something."""
    from dataclasses import replace

    from pitwall.domain.errors import UsageError
    from pitwall.ml.audit import THOROUGH
    from pitwall.ml.audit import audit as run
    from pitwall.ml.audit._names import groups_of_file
    from pitwall.workflows.judge import audit_model
    from pitwall.workflows.workspace import Workspace

    if sum(bool(each) for each in (group or feature, model, file)) > 1:
        raise UsageError("--model, --file and --group or --feature exclude each other; ask for one of them.")
    wanted = {name: value for name, value in (("seasons", seasons), ("instants", instants)) if value is not None}
    effort, workspace, screen = replace(THOROUGH, **wanted), Workspace(), console(json_file)
    if model:
        report = audit_model(workspace, model, effort, screen.print)
    else:
        what = groups_of_file(file) if file else [*(group or ()), *(feature or ())] or None
        report = run(what, effort=effort, project=workspace.project, progress=screen.print)
    _show(screen, report)
    write_json(report.json(), json_file)
    if report.findings:
        raise typer.Exit(LEAK)


def _show(screen: Console, report: Report) -> None:
    """Print what each check said of each group, then every objection with its reason."""
    said = report.verdicts()
    names = list(dict.fromkeys(check for check, _ in said))
    groups = dict.fromkeys(group for _, group in said)
    rows = [(group, *(said.get((check, group), "") for check in names)) for group in groups]
    seen = report.looked_at
    years = ", ".join(map(str, seen["seasons_seen"]))
    screen.print(table(f"Leak audit on {seen['races']} races of {years}", ["group", *names], rows))
    for each in (*report.findings, *report.warnings):
        screen.print(f"{'!' if each.level == 'finding' else '?'} {each}", soft_wrap=True)
    screen.print(f"{len(report.findings)} leaks, {len(report.warnings)} warnings; how to read them: docs/audit.md")


COMMANDS = Commands((Command("audit", audit, "--group driver_form --feature grid --json audit.json"),), order=4)
