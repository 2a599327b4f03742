"""`pitwall reproduce`: run a training again from what it recorded, and say whether the same comes out."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, table, write_json

if TYPE_CHECKING:
    from rich.console import Console

    from pitwall.tracking.reproduce import Reproduction

STARTS = ("frames", "raw")
DATA = ("recorded", "current")


def reproduce(  # noqa: PLR0917  (Typer reads the options from the signature)
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A run id or its beginning, MODEL/3, or TEMPLATE@champion.")
    ],
    start: Annotated[
        str, typer.Option("--from", metavar="STEP", help="frames: train again; raw: make tables and frames again, too.")
    ] = "frames",
    revision: Annotated[str | None, typer.Option("--at", metavar="REV", help="With another commit's code.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="With another parameter; repeat for several.")
    ] = None,
    data: Annotated[str, typer.Option(metavar="WHICH", help="recorded, or current: what the project holds now.")] = (
        "recorded"
    ),
    tolerance: Annotated[
        float, typer.Option(min=0, help="Largest difference of a predicted probability that counts as the same.")
    ] = 1e-6,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the scratch copy where it is.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Repeat a training in a scratch copy: the last line says bit-equal, within tolerance, or the first cause."""
    from pitwall.domain.plugins import pick
    from pitwall.tracking.reproduce import Request
    from pitwall.tracking.reproduce.settings import parse_settings
    from pitwall.workflows import runs
    from pitwall.workflows.workspace import Workspace

    logging.basicConfig(format="%(message)s", level=logging.INFO, stream=sys.stderr)
    workspace = Workspace()
    pick("step", start, dict.fromkeys(STARTS))
    pick("data", data, dict.fromkeys(DATA))
    request = Request(start, revision, parse_settings(settings or []), data, tolerance)  # type: ignore[arg-type]
    with workspace:
        repeated = runs.reproduce(workspace, run, request, keep=keep)
    done = repeated.done
    screen = console(json_file)
    _show(screen, done)
    if repeated.left is not None:
        screen.print(f"the scratch copy stays at {repeated.left.relative_to(workspace.project.root)}")
    write_json(done.payload(), json_file)
    screen.print(done.verdict, soft_wrap=True)
    if done.outcome == "different":
        raise typer.Exit(1)


def _show(screen: Console, done: Reproduction) -> None:
    """Print what was compared: the files of the model, then everything that differed between the manifests."""
    version = done.subject.version
    screen.print(f"{version.model} version {version.version}, run {done.subject.run_id}, {done.seconds:.0f} s")
    if done.comparison is not None:
        before, after = (content[:16] for content in done.comparison.content)
        rows = [("the folder", "same" if done.comparison.equal else "differs", before, after)]
        rows += [(name, state, "", "") for name, state in done.comparison.files.items()]
        screen.print(table("What came out", ["file", "state", "run", "rerun"], rows))
    if done.causes:
        rows_of_causes = [(cause.section, cause.what) for cause in done.causes]
        screen.print(table("What differed between the manifests", ["section", "what"], rows_of_causes))


COMMANDS = Commands((Command("reproduce", reproduce, "race_winner@champion"),), order=10)
