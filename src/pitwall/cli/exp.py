"""`pitwall exp`: what a run kept and was made from, what differs between two, whether its record is complete, and names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._commands import Commands, Group
from pitwall.cli._output import JsonOption, console, table, write_json
from pitwall.cli.machinery.logbook import DirOption, RunArgument, number

if TYPE_CHECKING:
    from pitwall.domain.ports import RunRecord
    from pitwall.workflows.workspace import Workspace

app = typer.Typer(
    help="Read, compare, search and edit runs; see what they were made from.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("show", epilog="Example: pitwall exp show race_winner@champion")
def show(run: RunArgument, directory: DirOption = None, json_file: JsonOption = None) -> None:
    """Show what a run kept: parameters, metrics, artifacts, and its manifest: code, data, seeds, environment, costs."""
    from pitwall.workflows.experiments.fields import sections, short
    from pitwall.workflows.logbook.listing import contents
    from pitwall.workflows.logbook.store import opened

    with opened(directory) as book:
        found = contents(book, run)
    record, screen = found.record, console(json_file)
    screen.print(f"{record.name} ({record.status}), run {record.run_id} of {record.experiment}", soft_wrap=True)
    courses = [(each.name, number(each.last), number(each.best), each.steps) for each in found.metrics]
    for title, columns, rows in (
        ("parameters", ["name", "value"], [(name, short(value)) for name, value in record.params.items()]),
        ("metrics", ["name", "last", "best", "values"], courses),
        ("artifacts", ["path"], [(path,) for path in found.artifacts]),
    ):
        screen.print(
            table(title, columns, rows, right=columns[1:] if rows is courses else []) if rows else f"no {title}"
        )
    for name, lines in sections(found.manifest) if found.manifest else ():
        screen.print(table(name, ["field", "value"], lines))
    if not found.manifest:
        screen.print(
            "no manifest: a trial, a run by hand, or one that is older than manifests or restored from a cache"
        )
    write_json(found.row(), json_file)


@app.command("diff", epilog="Example: pitwall exp diff 1dcce2 race_winner@champion --json -")
def diff(
    run: RunArgument,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Another run.")],
    measured: Annotated[bool, typer.Option("--all", help="Also what was measured and who ordered it.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Name the fields in which two runs differ: code first, then data, configuration, seeds, environment."""
    from pitwall.tracking.manifest import DETERMINISTIC, SECTIONS, difference, of_run
    from pitwall.workflows.experiments.fields import short

    workspace, first = _found(run)
    _, second = _found(other)
    sections = SECTIONS if measured else DETERMINISTIC
    found = difference(of_run(workspace.runs, first.run_id), of_run(workspace.runs, second.run_id), sections)
    screen = console(json_file)
    rows = [(change.field, short(change.old), short(change.new)) for change in found]
    title = f"{len(found)} fields differ" if found else "nothing that decides the result differs"
    screen.print(table(title, ["field", first.name, second.name], rows))
    pair = {"run": first.run_id, "other": second.run_id}
    write_json({**pair, "changes": [change.row() for change in found]}, json_file)


@app.command("lint", epilog="Example: pitwall exp lint race_winner@champion")
def lint(run: RunArgument, json_file: JsonOption = None) -> None:
    """Hold a run against the reproducibility checklists; exit code 1 when an item is missing."""
    from pitwall.tracking.checklists.lint import lint as check

    workspace, record = _found(run)
    report = check(workspace.runs, record, workspace.project)
    screen = console(json_file)
    rows = [(each.topic, each.item, each.verdict, each.asks) for each in report.findings]
    screen.print(table(f"{report.name}, run {report.run_id}", ["topic", "item", "", "asks"], rows))
    for each in report.missing:
        screen.print(f"! {each.topic}, {each.item}: {each.todo}", soft_wrap=True)
    asked = [each for each in report.findings if each.asked]
    others = f", {len(report.findings) - len(asked)} are not asked of such a run" * (len(asked) < len(report.findings))
    screen.print(f"{len(asked) - len(report.missing)} of {len(asked)} items passed{others}")
    write_json(report.row(), json_file)
    if report.missing:
        raise typer.Exit(1)


@app.command("name", epilog="Example: pitwall exp name run order-pre_race stack")
def name(
    kind: Annotated[str, typer.Argument(help="experiment, run, model or path.")],
    parts: Annotated[list[str], typer.Argument(help="Its parts in order; the date is today's.")],
) -> None:
    """Print a name: experiment OBJECTIVE; run WHAT VARIANT; model ARCHITECTURE DATASET VERSION; path TYPE HASH."""
    from pitwall.domain import clock
    from pitwall.domain.errors import UsageError
    from pitwall.domain.plugins import pick
    from pitwall.tracking import names

    today = clock.wall().date()
    makers: dict[str, tuple[int, Any]] = {
        "experiment": (1, names.experiment_name),
        "run": (2, lambda what, variant: names.run_name(today, what, variant)),
        "model": (3, names.model_name),
        "path": (2, lambda kind_of, config_hash: names.run_path(kind_of, today, config_hash)),
    }
    wanted, make = pick("kind of name", kind, makers)
    if len(parts) != wanted:
        raise UsageError(
            f"a name of a {kind} is {names.FORMS[kind].words}: it needs {wanted} parts, found {len(parts)}."
        )
    typer.echo(make(*parts))


@app.command("check-name", epilog="Example: pitwall exp check-name model stack-synthetic-v3")
def check_name(
    kind: Annotated[str, typer.Argument(help="experiment, run, model or path.")],
    name: Annotated[str, typer.Argument(help="The name to check.")],
) -> None:
    """Say whether a name keeps the conventions; exit code 2 and the form if it does not."""
    from pitwall.tracking.names import checked

    typer.echo(f"{checked(kind, name)} is a good name of a {kind}")


def _found(text: str) -> tuple[Workspace, RunRecord]:
    """Return the project's workspace and the run that a text names."""
    from pitwall.workflows import runs
    from pitwall.workflows.workspace import Workspace

    workspace = Workspace()
    return workspace, runs.find(workspace, text)


COMMANDS = Commands((Group("exp", app),), order=12)
