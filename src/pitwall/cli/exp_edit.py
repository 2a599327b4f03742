"""`pitwall exp tag`, `note`, `rename`, `archive` and `restore`: what people write on runs, and which they want to see."""

from __future__ import annotations

from typing import Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, table, write_json
from pitwall.cli.machinery.logbook import DirOption, RunArgument

Runs = Annotated[list[str], typer.Argument(metavar="RUN...", help="Ids, their beginnings, or names.")]


def tag(
    run: RunArgument,
    pairs: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE...]", help="To set; none shows all.")] = None,
    remove: Annotated[list[str] | None, typer.Option(metavar="KEY", help="To take away; may be repeated.")] = None,
    directory: DirOption = None,
    json_file: JsonOption = None,
) -> None:
    """Set, take away or show the tags of a run."""
    from pitwall.workflows.logbook import editing
    from pitwall.workflows.logbook.store import opened

    with opened(directory) as book:
        tags = editing.tag(book, run, pairs or (), remove or ())
    own = [(key, value) for key, value in sorted(tags.items()) if not key.startswith(editing.RESERVED)]
    console(json_file).print(table(f"{len(own)} tags", ["tag", "value"], own))
    write_json({"tags": tags}, json_file)


def note(
    run: RunArgument,
    text: Annotated[str | None, typer.Argument(metavar="[TEXT]", help="Markdown; shown when left out.")] = None,
    append: Annotated[bool, typer.Option("--append", help="Below what is there, not in place of it.")] = False,
    directory: DirOption = None,
    json_file: JsonOption = None,
) -> None:
    """Show or set the text that a run's page opens with."""
    from pitwall.workflows.logbook import editing
    from pitwall.workflows.logbook.store import opened

    with opened(directory) as book:
        whole = editing.note(book, run, text, append=append)
    console(json_file).print(whole or "no note", soft_wrap=True)
    write_json({"note": whole}, json_file)


def rename(
    run: RunArgument,
    name: Annotated[str, typer.Argument(help="The new name; no other run of the experiment has it.")],
    directory: DirOption = None,
) -> None:
    """Give a run another name; its id stays."""
    from pitwall.workflows.logbook import editing
    from pitwall.workflows.logbook.store import opened

    with opened(directory) as book:
        before = editing.rename(book, run, name)
    typer.echo(f"run {before.run_id} is now called {name}; it was {before.name}")


def archive(runs: Runs, directory: DirOption = None) -> None:
    """Take runs out of every list; all of them stays, and `exp restore` brings them back."""
    from pitwall.workflows.logbook import editing
    from pitwall.workflows.logbook.store import opened

    with opened(directory) as book:
        for record in editing.archive(book, runs):
            typer.echo(f"archived {record.run_id} ({record.name})")


def restore(runs: Runs, directory: DirOption = None) -> None:
    """Put archived runs back into the lists."""
    from pitwall.workflows.logbook import editing
    from pitwall.workflows.logbook.store import opened

    with opened(directory) as book:
        for record in editing.restore(book, runs):
            typer.echo(f"restored {record.run_id} ({record.name})")


COMMANDS = Commands(
    (
        Command("exp tag", tag, "1dcce2 team=blue --remove draft"),
        Command("exp note", note, '1dcce2 "tyres were swapped by hand" --append'),
        Command("exp rename", rename, "1dcce2 first-with-weather"),
        Command("exp archive", archive, "1dcce2 7f03aa"),
        Command("exp restore", restore, "1dcce2"),
    ),
    order=12,
)
