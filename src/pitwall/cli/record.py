"""`pitwall record`: forecasts as they were entered before their sessions, what they were worth, and whether that is still what was written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._commands import Commands, Group
from pitwall.cli._output import JsonOption, NowOption, console, table, write_json
from pitwall.report.content.intervals import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pitwall.workflows.record.look import Looked

app = typer.Typer(
    help="Forecasts, chained before their sessions and scored after them.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("show", epilog="Example: pitwall record show --season 2026")
def show(
    season: Annotated[int | None, typer.Option(help="Only races of this year.")] = None, json_file: JsonOption = None
) -> None:
    """Show every forecast: whether it was in time, its score beside the baseline's; what was missed; sums per model."""
    from pitwall.domain.records.ab_races import declared
    from pitwall.ml.forecasting.record.summary import as_json, lines
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        kept = workspace.record.rows()
    made = {**as_json(lines(kept, season)), "tests": [test.facts() for test in declared(kept)]}
    screen = console(json_file)
    columns = ["row", "race", "model", "v", "entered", "state", "question", "metric", "score", "baseline"]
    rows = [_line(each) for each in made["forecasts"]]
    screen.print(table("track record", columns, rows, right=["row", "v", "score", "baseline"]))
    names = ["model", "question", "metric", "races", "score", "baseline", "better", "waiting", "late", "missed"]
    totals = [[_cell(each[name]) for name in names] for each in map(_with_role, made["sums"])]
    screen.print(table("sums of forecasts in time", names, totals, right=names[3:]))
    for test in made["tests"]:
        until = f"until {test['ended']} ({test['why']})" if test["ended"] else "running"
        versions = "version {champion} beside version {challenger}, split {split:g}, since {at}".format(**test)
        screen.print(
            f"row {test['row']}: a test of {test['model']}, {versions}, {until}; `pitwall ab status`", soft_wrap=True
        )
    _warn(screen, sum(each["replayed"] for each in made["forecasts"]), len(rows), "lines")
    write_json(made, json_file)


@app.command("score", epilog="Example: pitwall record score")
def score(now: NowOption = None, json_file: JsonOption = None) -> None:
    """Score the forecasts in time whose results are known or corrected, and record the races that were missed."""
    from collections import Counter

    from pitwall.domain.clock import replaying
    from pitwall.workflows.verdicts import score_and_tell as run
    from pitwall.workflows.workspace import Workspace

    with replaying(now), Workspace() as workspace:
        made = run(workspace)
    screen = console(json_file)
    for reason in made.left_out:
        screen.print(f"! {reason}", soft_wrap=True)
    kinds = Counter(row["kind"] for row in made.rows)
    screen.print(f"{kinds['score']} scores and {kinds['missed']} missed forecasts were added")
    _warn(screen, sum(bool(row.get("replayed")) for row in made.rows), len(made.rows), "new rows")
    write_json({"rows": list(made.rows), "left_out": list(made.left_out)}, json_file)


@app.command("head", epilog="Example: pitwall record head")
def head(json_file: JsonOption = None) -> None:
    """Print the newest row's number, its hash and the present instant: keep it where nobody who can write here can write."""
    from pitwall.domain.project import find_project
    from pitwall.domain.records.track_record import instant, read_rows

    rows = read_rows(find_project())
    last = rows[-1] if rows else {"seq": 0, "hash": ""}
    noted = instant()
    console(json_file).print(f"{last['seq']} {last['hash']} {noted}" if rows else "the record is empty", soft_wrap=True)
    write_json({"seq": last["seq"], "head": last["hash"], "noted": noted}, json_file)


@app.command("verify", epilog="Example: pitwall record verify --head HASH")
def verify(
    head: Annotated[str, typer.Option(metavar="HASH", help="As `pitwall record head` printed it before.")] = "",
    noted: Annotated[str, typer.Option(metavar="INSTANT", help="When that was: finds rows back-dated since.")] = "",
    file: Annotated[Path | None, typer.Option(help="An exported record instead of the project's own.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Check the record against itself, its files, the registry and a head kept elsewhere; exit code 1 if anything was changed."""
    from pitwall.workflows.record import look
    from pitwall.workflows.workspace import Workspace

    if file is not None:
        found = look.verify_file(file, head, noted)
    else:
        with Workspace() as workspace:
            found = look.verify(workspace, head, noted)
    screen = console(json_file)
    _tell(screen, found)
    if not head:
        screen.print("without --head, a record that was written anew from some row on cannot be told from the true one")
    write_json(_facts(found), json_file)
    if found.breaks:
        raise typer.Exit(1)


@app.command("export", epilog="Example: pitwall record export forecasts.jsonl")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; replaced if it is there.")],
    json_file: JsonOption = None,
) -> None:
    """Write the record into a file that anybody can verify, with `pitwall record verify --file` or docs/verify_record.py."""
    from pitwall.workflows.record import look
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        found = look.export(workspace, file)
    _tell(console(json_file), found)
    write_json({"file": str(file), **_facts(found)}, json_file)


@app.command("duel", epilog="Example: pitwall record duel mine.csv --as Ada")
def duel(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="CSV: race,driver,template,probability; none to look only.")
    ] = None,
    *,
    by: Annotated[str, typer.Option("--as", metavar="NAME", help="Whose forecasts; the name stays in the record.")],
    market: Annotated[Path | None, typer.Option(help="Odds, as `pitwall backtest --market` reads them.")] = None,
    json_file: JsonOption = None,
) -> None:
    """Enter your own forecasts before the sessions start, and see them beside champion, challenger, baseline and market."""
    from dataclasses import asdict

    from pitwall.ml.forecasting.record.duel import means
    from pitwall.workflows.record import duel as workflow
    from pitwall.workflows.record.standing import standings
    from pitwall.workflows.workspace import Workspace

    screen = console(json_file)
    with Workspace() as workspace:
        handed = workflow.hand_in(workspace, file, by) if file is not None else None
        rounds, waiting = workflow.duel(workspace, by, market)
        stand = standings(rounds, by.strip(), workspace.params)
    for reason in handed.refused if handed else ():
        screen.print(f"! {reason}", soft_wrap=True)
    if handed:
        screen.print(f"{len(handed.rows)} forecasts entered, {len(handed.refused)} refused")
    sides = list(dict.fromkeys(name for each in rounds for name in each.scores))
    rows = [[r.race, r.question, r.metric, *(number(r.scores.get(side)) for side in sides)] for r in rounds]
    screen.print(table(f"{by}: lower is better", ["race", "question", "metric", *sides], rows, right=sides))
    for each in rounds:
        for side, why in each.absent.items():
            screen.print(f"{each.race} {each.question}: no {side} ({why})", soft_wrap=True)
    names = ["question", "metric", "side", "races", "value", "own"]
    totals = [[_cell(each[name]) for name in names] for each in means(rounds)]
    screen.print(table("means over common races; own: yours on the same races", names, totals, right=names[3:]))
    for test in stand:
        screen.print(f"{test.question}, {by} beside {test.side}: {test.said}", soft_wrap=True)
    screen.print(f"{waiting} wait for a result")
    content: dict[str, Any] = {
        "entered": list(handed.rows) if handed else [],
        "refused": list(handed.refused) if handed else [],
        "rounds": [asdict(each) for each in rounds],
        "means": means(rounds),
        "tests": [asdict(test) for test in stand],
        "waiting": waiting,
    }
    write_json(content, json_file)


def _line(each: Mapping[str, Any]) -> list[str]:
    names = ["row", "race", "model", "version", "at", "state", "question", "metric", "score", "baseline"]
    role = "" if each["role"] == "champion" else f", {each['role']}"
    again = (
        role
        + (", replayed" if each["replayed"] else "")
        + (f" (scored {each['scored']} times)" if each["scored"] > 1 else "")
    )
    shown = {**each, "at": each["at"][:16].replace("T", " "), "state": each["state"] + again}
    return [_cell(shown[name]) for name in names]


def _with_role(each: Mapping[str, Any]) -> dict[str, Any]:
    role = "" if each["role"] == "champion" else f" {each['role']}"
    return {**each, "model": f"{each['model']}{role}"}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return number(value) if isinstance(value, float) else str(value)


def _tell(screen: Any, found: Looked) -> None:
    for each in found.breaks:
        screen.print(f"! {each.reason}", soft_wrap=True)
    screen.print(f"{found.rows} rows, {len(found.breaks)} findings; head {found.head or 'none'}", soft_wrap=True)
    _warn(screen, found.replayed, found.rows, "rows")


def _warn(screen: Any, replayed: int, of: int, what: str) -> None:
    """Say how many rows a replay wrote: they prove nothing about when they were written."""
    if replayed:
        screen.print(
            f"{replayed} of {of} {what} are replayed: written later than they say, so no forecasts before their sessions",
            soft_wrap=True,
        )


def _facts(found: Looked) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "rows": found.rows,
        "replayed": found.replayed,
        "head": found.head,
        "breaks": [asdict(each) for each in found.breaks],
    }


COMMANDS = Commands((Group("record", app),), order=13)
