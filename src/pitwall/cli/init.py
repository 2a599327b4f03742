"""`pitwall init`: a project of one's own from the installed wheel."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pitwall.adapters.new_project import NewProject

NEXT = (
    ("pitwall run race-weekend", "the whole way on the embedded data: features, training, gates, promotion, forecast"),
    ("pitwall doctor", "the layers of the project, the state of each, what to do"),
    ("pitwall data use ergast --location PATH_OR_URL", "the same on real races"),
    ("pitwall ui", "the runs in MLflow and the flow in Prefect, in a browser"),
)


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where the project goes; new, or without its files.")
    ],
    json_file: JsonOption = None,
) -> None:
    """Make a project from the installed wheel: flows, tasks, feature_repo, dvc.yaml, params.yaml, git and DVC."""
    from pitwall.adapters.new_project import make_project
    from pitwall.adapters.new_project.template import wheel_template

    made = make_project(folder, wheel_template())
    screen = console(json_file)
    for line in _said(made):
        screen.print(line, soft_wrap=True)
    write_json(made.payload(), json_file)


def _said(made: NewProject) -> Iterator[str]:
    """Yield what was done and what to do next, line by line."""
    yield f"a Pitwall project in {made.root}, made by {made.package}"
    yield f"  files: {len(made.files.written)} written"
    if made.files.kept:
        yield f"  left as they were: {', '.join(made.files.kept)}"
    if made.files.extended:
        yield f"  given the lines that they lacked: {', '.join(made.files.extended)}"
    yield f"  git: {'repository made' if made.git_made else 'the repository that was there'}"
    remote = "" if not (made.dvc_made or made.remote_given) else "; data go to .dvcstore, its default remote"
    yield f"  DVC: {'repository made' if made.dvc_made else 'the repository that was there'}{remote}"
    where = shlex.quote(str(made.root))
    if made.commit:
        yield f"  committed: {made.commit[:10]}"
    elif made.why_no_commit:
        yield f"  no commit was made: {made.why_no_commit}. Nothing is promoted from uncommitted code, so make it before you train:"
        yield f'    cd {where} && git config user.name NAME && git config user.email ADDRESS && git add --all && git commit -m "First"'
    yield ""
    yield "next:"
    yield f"  cd {where}"
    width = max(len(command) for command, _ in NEXT)
    yield from (f"  {command:<{width}}  {why}" for command, why in NEXT)


COMMANDS = Commands((Command("init", init, "my-season"),), order=0)
