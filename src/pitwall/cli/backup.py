"""`pitwall backup` and `pitwall restore`: what only lives in `.pitwall/`, in one archive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, write_json

if TYPE_CHECKING:
    from pitwall.adapters.backup.manifest import Manifest

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The archive, a .tar.gz.")]


def backup(file: FileArgument, json_file: JsonOption = None) -> None:
    """Write accounts, input log, journals and what else only lives in .pitwall/ into an archive; nothing needs to be stopped.

    Whoever has the archive has the hashes of tokens, and what was logged: keep it as you keep the project. Runs, models and data are
    not in it (docs/operations.md).
    """
    from pitwall.workflows import backup as workflow
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        made = workflow.backup(workspace, file)
        elsewhere = workflow.accounts_elsewhere(workspace)
    screen = console(json_file)
    for name in made.skipped:
        screen.print(f"! {name} is a link or a special file and is not in the archive", soft_wrap=True)
    for name in made.unknown:
        screen.print(f"! {name} is nothing that Pitwall knows; it is in the archive", soft_wrap=True)
    if elsewhere:
        screen.print(
            f"! accounts lie in {elsewhere} and are not in the archive; copy them with that database's own tools",
            soft_wrap=True,
        )
    screen.print(f"{_told(made.manifest)} written to {file}", soft_wrap=True)
    facts = {"skipped": list(made.skipped), "unknown": list(made.unknown), "accounts_elsewhere": elsewhere}
    write_json({"file": str(file), **facts, **made.manifest.model_dump()}, json_file)


def restore(
    file: FileArgument,
    force: Annotated[bool, typer.Option("--force", help="Also over what is there; it is kept beside.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Put an archive in the place of .pitwall/, verified before anything is touched. Stop what serves first."""
    from pitwall.workflows import backup as workflow
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        done = workflow.restore(workspace, file, force=force)
        elsewhere = workflow.accounts_elsewhere(workspace)
    screen = console(json_file)
    if elsewhere:
        screen.print(f"! accounts lie in {elsewhere}; those of the archive are not used", soft_wrap=True)
    if done.before:
        screen.print(f"what was there is kept as {done.before}", soft_wrap=True)
    screen.print(
        f"{_told(done.manifest)} restored, made {done.manifest.made_at} by {done.manifest.version}", soft_wrap=True
    )
    before = str(done.before) if done.before else None
    write_json({"before": before, "accounts_elsewhere": elsewhere, **done.manifest.model_dump()}, json_file)


def _told(manifest: Manifest) -> str:
    return f"{len(manifest.files)} files, {manifest.size:,} bytes,"


COMMANDS = Commands((Command("backup", backup, "state.tar.gz"), Command("restore", restore, "state.tar.gz")), order=15)
