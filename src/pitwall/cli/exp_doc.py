"""`pitwall exp doc`: write an experiment up. What the run knows is filled in, the rest is somebody's words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, write_json

if TYPE_CHECKING:
    from pitwall.workflows.logbook.documenting import Documented
    from pitwall.workflows.workspace import Workspace


def doc(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A run's id, its beginning or its name, or a version: MODEL/3.")
    ],
    *,
    hypothesis: Annotated[str | None, typer.Option(metavar="TEXT", help="What was expected, and why.")] = None,
    conclusions: Annotated[str | None, typer.Option(metavar="TEXT", help="What the results mean.")] = None,
    next_: Annotated[str | None, typer.Option("--next", metavar="TEXT", help="What to try after this.")] = None,
    file: Annotated[Path | None, typer.Option(metavar="FILE.md", help="Take the sections of a Markdown file.")] = None,
    edit: Annotated[bool, typer.Option("--edit", help="Write in $VISUAL or $EDITOR.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Write up a run: Hypothesis, Conclusions and Next are yours, Method and Results are filled in from the run."""
    from pitwall.workflows.logbook.documenting import document
    from pitwall.workflows.workspace import Workspace

    given = {"Hypothesis": hypothesis, "Conclusions": conclusions, "Next": next_}
    with Workspace() as workspace:
        words = {} if file is None else _read(file)
        words |= {title: text for title, text in given.items() if text is not None}
        written = document(workspace, run, words)
        if edit:
            written = _edited(workspace, written)
    screen = console(json_file)
    screen.print(written.documentation.to_markdown(written.run.name), soft_wrap=True)
    if missing := written.documentation.missing:
        screen.print(f"! not written yet: {', '.join(missing)}", soft_wrap=True)
    write_json(written.row(), json_file)


def _read(path: Path) -> dict[str, str]:
    from pitwall.domain.errors import UsageError
    from pitwall.tracking.documentation.sections import parse

    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {type(error).__name__}; give a Markdown file.") from None


def _edited(workspace: Workspace, found: Documented) -> Documented:
    """Let somebody write in their editor; words that cannot be taken stay in the file for the next time."""
    from pitwall.domain.errors import PitwallError, UsageError
    from pitwall.domain.files import write_atomically
    from pitwall.workflows.logbook.documenting import document

    path = workspace.project.state / "doc" / f"{found.run.run_id}.md"
    if not path.exists():
        write_atomically(path, found.documentation.to_markdown(found.run.name))
    _open(path)
    try:
        written = document(workspace, found.run.run_id, _read(path))
    except PitwallError as error:
        raise UsageError(f"{error} The words are kept in {path}; correct them by the same command.") from None
    path.unlink()
    return written


def _open(path: Path) -> None:
    import os
    import shlex
    import subprocess

    from pitwall.domain.errors import UsageError

    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise UsageError("neither VISUAL nor EDITOR names an editor; set one, or give `--file FILE.md`.")
    try:
        subprocess.run([*shlex.split(editor), str(path)], check=True)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise UsageError(f"the editor {editor!r} failed ({error}); the file is {path}.") from None


COMMANDS = Commands((Command("exp doc", doc, 'race_winner@champion --hypothesis "older races say less"'),), order=13)
