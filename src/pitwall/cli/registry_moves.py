"""`pitwall registry`, the moving half: approve, promote and roll back; every move is a row of the history."""

from __future__ import annotations

from typing import Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import ApproveOption, JsonOption, console, write_json
from pitwall.cli._registry import JudgedModel

Note = Annotated[str, typer.Option(metavar="TEXT", help="Why; kept in the history.")]
By = Annotated[str, typer.Option(metavar="NAME", help="Who does it; a claim, nothing proves it.")]
Version = Annotated[str, typer.Option(metavar="V", help="A version number or an alias.")]


def approve(
    model: JudgedModel, by: By, note: Note, version: Version = "candidate", json_file: JsonOption = None
) -> None:
    """Record that a person approves a version, for the policies `one` and `two` of params.yaml."""
    from pitwall.workflows import registry
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        chosen = registry.version_of(workspace, model, version)
        row = registry.approve(workspace, chosen, by=by, note=note)
    policy = workspace.params.promotion.approval
    console(json_file).print(
        f"{row['by']} approves {chosen.model} version {chosen.version} (row {row['seq']}; promotion.approval is {policy})"
    )
    write_json(row, json_file)


def promote(
    model: JudgedModel,
    *,
    to: Annotated[
        str,
        typer.Option(help="champion (all gates), candidate, archived; challenger is run beside it, staging is a mark."),
    ] = "champion",
    version: Version = "",
    by: By = "",
    approve: ApproveOption = None,
    note: Note = "",
    json_file: JsonOption = None,
) -> None:
    """Move a version to a stage; to `champion` through all gates, exit code 3 if one refuses."""
    from pitwall.domain.records.aliases import CHAMPION, stage_word
    from pitwall.workflows import registry
    from pitwall.workflows.workspace import Workspace

    workspace = Workspace()
    if stage_word(to) == CHAMPION:
        from pitwall.cli._promotion import judge_and_promote

        name = workspace.job(model).name
        number = registry.version_of(workspace, name, version).version if version else None
        judge_and_promote(
            workspace.project, name, approve or ([by] if by else []), note, json_file=json_file, version=number
        )
        return
    chosen = registry.version_of(workspace, model, version or "candidate")
    row = registry.move(workspace, chosen, to, by=by, note=note)
    console(json_file).print(
        f"{chosen.model} version {chosen.version}: {row['from']} -> {stage_word(to)} by {row['by']} (row {row['seq']})"
    )
    write_json(row, json_file)


def rollback(
    model: JudgedModel,
    note: Note,
    to: Annotated[
        int | None, typer.Option(metavar="V", help="An earlier champion; the last one when left out.")
    ] = None,
    by: By = "",
    json_file: JsonOption = None,
) -> None:
    """Give the place of the champion back to an earlier champion, at once; forecasts use it from then on."""
    from dataclasses import asdict
    from getpass import getuser

    from pitwall.workflows import registry
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        made = registry.roll_back(workspace, model, to=to, by=by or getuser(), note=note)
    console(json_file).print(
        f"{made.model}: champion is version {made.version} again; version {made.previous} is archived ({made.why})"
    )
    write_json(asdict(made), json_file)


COMMANDS = Commands(
    (
        Command("registry approve", approve, 'race_winner --by Ada --note "checked on Monza"'),
        Command("registry promote", promote, 'race_winner --to staging --by Ada --note "for review"'),
        Command("registry rollback", rollback, 'race_winner --note "worse in the wet"'),
    ),
    order=11,
)
