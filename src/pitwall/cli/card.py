"""`pitwall card`: the model card of a version, on the screen, as a page, as Markdown or as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, write_json


def card(
    model: Annotated[
        str,
        typer.Argument(metavar="NAME[@ALIAS|/VERSION]", help="A model or a template; a bare name is its champion."),
    ] = "order-pre_race",
    html: Annotated[Path | None, typer.Option(help="Also write one web page with everything inside.")] = None,
    md: Annotated[Path | None, typer.Option(help="Also write Markdown, its pictures in a folder beside it.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Show what a version is for, what it was made from, how good it is, where it fails and what was decided about it."""
    from rich.markdown import Markdown

    from pitwall.report.content.markdown import to_markdown, write_markdown
    from pitwall.report.html import write_html
    from pitwall.workflows import registry
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        found = registry.card(workspace, model.replace("/", "@"))
    screen = console(json_file)
    screen.print(Markdown(to_markdown(found, pictures=False)))
    for path, write in ((html, write_html), (md, write_markdown)):
        if path is not None:
            screen.print(f"written: {write(found, path)}", soft_wrap=True)
    write_json(found.to_dict(), json_file)


COMMANDS = Commands((Command("card", card, "race_winner@champion --html card.html"),), order=9)
