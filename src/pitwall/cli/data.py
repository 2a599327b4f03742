"""`pitwall data`: which sources feed the project, and what came from them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pitwall.cli._commands import Commands, Group
from pitwall.cli._output import JsonOption, console, write_json

app = typer.Typer(
    help="Choose the data sources and see what came from them.", no_args_is_help=True, rich_markup_mode=None
)


AcceptRemovals = Annotated[
    bool, typer.Option("--accept-removals", help="Keep it although races, or results of races, are gone from it.")
]


@app.command("use", epilog="Example: pitwall data use ergast --location ../shared/data/ergast")
def use(
    name: Annotated[
        str,
        typer.Argument(
            help="A data source: ergast, f1db, fastf1, fastf1_laps, jolpica, openf1, synthetic, user_files."
        ),
    ],
    location: Annotated[str | None, typer.Option(help="A folder, a zip file or an http(s) URL.")] = None,
    accept_removals: AcceptRemovals = False,
    beside: Annotated[
        str | None,
        typer.Option(
            help="Let it stand beside the others: `compare`, or what it decides, `practice, pit_stops 2018:2020`."
        ),
    ] = None,
    json_file: JsonOption = None,
) -> None:
    """Check a data source by fetching from it, then write it to params.yaml; on any error nothing changes.

    A source of results (ergast, f1db, jolpica, synthetic) replaces the one in use; a source of laps (fastf1, fastf1_laps, openf1) or your own
    files (user_files) are added to it. With --beside nothing is replaced: the source is fetched and compared (`pitwall data diff`), and decides the
    tables and seasons that are listed.
    """
    from dataclasses import asdict

    from pitwall.sources.machinery.stage import set_aside_lines
    from pitwall.workflows import sources
    from pitwall.workflows.workspace import Workspace

    used = sources.use(Workspace(), name, location, accept_removals=accept_removals, beside=beside)
    screen = console(json_file)
    screen.print(
        f"{name} delivers {sum(used.rows.values()):,} rows in {len(used.rows)} files; params.yaml now names it."
    )
    for note in used.notes:
        screen.print(note)
    screen.print(*set_aside_lines(used.set_aside), sep="\n")
    if used.dropped:
        screen.print(f"no longer in use: {', '.join(used.dropped)} (snapshots already taken stay in data/raw)")
    if accept_removals:
        screen.print(f"keep a snapshot of it with: pitwall data ingest {name} --accept-removals")
    screen.print("bring the project up to date with: pitwall run race-weekend (or dvc repro)")
    write_json(asdict(used), json_file)


@app.command("drop", epilog="Example: pitwall data drop fastf1_laps")
def drop(
    name: Annotated[str, typer.Argument(help="A source that params.yaml names, not that of the results.")],
) -> None:
    """Stop using a source of laps or your own files; its snapshots stay."""
    from pitwall.workflows import sources
    from pitwall.workflows.workspace import Workspace

    sources.drop(Workspace(), name)
    console(None).print(f"{name} is no longer in use; bring the project up to date with: dvc repro")


@app.command("ingest", epilog="Example: pitwall data ingest ergast --accept-removals")
def ingest(
    name: Annotated[str, typer.Argument(help="A source that params.yaml names.")],
    accept_removals: AcceptRemovals = False,
    json_file: JsonOption = None,
) -> None:
    """Ask one source for news now and keep a snapshot of it; the scheduled flow does the same for all sources."""
    from dataclasses import asdict

    from pitwall.workflows import sources
    from pitwall.workflows.workspace import Workspace

    report = sources.ingest(Workspace(), name, accept_removals=accept_removals)
    screen = console(json_file)
    for line in report.lines():
        screen.print(line)
    screen.print("bring the project up to date with: pitwall run race-weekend (or dvc repro)")
    write_json(asdict(report), json_file)


@app.command("status", epilog="Example: pitwall data status --rows 3 --json status.json")
def status(
    rows: Annotated[int, typer.Option(min=0, help="Show so many of the lines set aside for each reason.")] = 0,
    json_file: JsonOption = None,
) -> None:
    """Show the sources, what the newest snapshot changed, the tables, and what was set aside or assumed."""
    from pitwall.cli._data_status import show
    from pitwall.workflows import sources
    from pitwall.workflows.workspace import Workspace

    payload = sources.status(Workspace(), rows)
    show(console(json_file), payload)
    write_json(payload, json_file)


@app.command("diff", epilog="Example: pitwall data diff f1db --rows 5 --json diff.json")
def diff(
    name: Annotated[str | None, typer.Argument(help="A source that stands beside; without one, all of them.")] = None,
    rows: Annotated[int, typer.Option(min=0, help="Show so many lines of each table and column.")] = 3,
    json_file: JsonOption = None,
) -> None:
    """List where sources that stand beside disagree with the one that the project lives on, fact by fact."""
    from pitwall.cli._data_diff import payload, show
    from pitwall.workflows import sources
    from pitwall.workflows.workspace import Workspace

    found = sources.diff(Workspace(), name)
    show(console(json_file), found, rows)
    write_json(payload(found), json_file)


@app.command("undo", epilog="Example: pitwall data undo ergast")
def undo(
    name: Annotated[
        str | None, typer.Argument(help="A source in use; without one, the one that was fetched last.")
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All its snapshots, the only one included.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Take the newest snapshot of a source back; it is kept in .pitwall/undone."""
    from pitwall.workflows import sources
    from pitwall.workflows.workspace import Workspace

    workspace = Workspace()
    undone = sources.undo(workspace, name, everything=everything)
    screen = console(json_file)
    moved = [there.relative_to(workspace.project.root).as_posix() for _, there in undone.moves]
    for path in moved:
        screen.print(f"{undone.source}: took {Path(path).name} back; it lies in {path}", soft_wrap=True)
    screen.print(f"snapshots left: {undone.left}. Bring the project up to date with: dvc repro")
    where = undone.location or "the embedded source"
    screen.print(
        f"the next ingest (pitwall run race-weekend, dvc repro ingest --force) fetches from {where} again: correct that first, "
        "or the same bytes come back.",
        soft_wrap=True,
    )
    back = f"mv {moved[-1]} data/raw/{undone.source}/ && dvc commit --force ingest@{undone.source}"
    screen.print(f"to bring it back: {back}", soft_wrap=True)
    write_json({"source": undone.source, "taken_back": moved, "left": undone.left, "bring_back": back}, json_file)


COMMANDS = Commands((Group("data", app),), order=2)
