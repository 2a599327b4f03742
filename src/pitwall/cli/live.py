"""`pitwall live`: a race while it is driven, or as it was, with what the models say at every lap."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from pitwall.cli._commands import Commands, Group
from pitwall.cli._output import JsonOption, console, table, write_json

if TYPE_CHECKING:
    from rich.console import Console

    from pitwall.cli.machinery.live.board import Shown
    from pitwall.live.answer import LiveAnswer
    from pitwall.live.control import Control
    from pitwall.workflows.live.course import Course
    from pitwall.workflows.live.followed import Wish
    from pitwall.workflows.workspace import Workspace

PACE = 60.0  # of a replay on a terminal
app = typer.Typer(help="A race while it is driven, or as it was.", rich_markup_mode=None)

Source = Annotated[str, typer.Option(help="Of the events: replay, synthetic, recorded, openf1.")]
Race = Annotated[str | None, typer.Option(metavar="SEASON-ROUND", help="Which race; a menu on a terminal.")]
Speed = Annotated[
    float | None, typer.Option(help="Of a replay, seconds in a second; 60 on a terminal, else as fast as it goes.")
]
Lap = Annotated[int | None, typer.Option(min=0, help="Begin when the leader has completed this lap.")]
Driver = Annotated[list[str] | None, typer.Option(help="Show only this driver; may be repeated.")]
Lines = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE", help="Also write each answer as a line of JSON; - is standard output."),
]
Once = Annotated[bool, typer.Option("--once", help="Show one answer and end.")]
Every = Annotated[str, typer.Option(help="How often: per_lap or per_sector.")]
State = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Keeps what was heard and told; a session goes on from it.")
]
Location = Annotated[str | None, typer.Option(metavar="WHERE", help="Address or file, for sources that need one.")]
Model = Annotated[list[str] | None, typer.Option(help="Only this model answers; may be repeated.")]
Publish = Annotated[bool, typer.Option("--publish", help="Also write it where servers read it: GET /api/v1/live.")]
Picture = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Draw the chances over the laps into this PNG at the end.")
]
Plain = Annotated[bool, typer.Option("--plain", help="A line per answer, on a terminal too.")]


@app.callback(invoke_without_command=True, epilog="Example: pitwall live --source replay --race 2023-12 --speed 60")
def live(  # noqa: PLR0917  (options of a command line)
    context: typer.Context,
    source: Source = "replay",
    race: Race = None,
    speed: Speed = None,
    lap: Lap = None,
    driver: Driver = None,
    json_file: Lines = None,
    once: Once = False,
    every: Every = "per_lap",
    state: State = None,
    location: Location = None,
    model: Model = None,
    publish: Publish = False,
    picture: Picture = None,
    plain: Plain = False,
) -> None:
    """Follow a race lap by lap: running order, gaps, tyres, chances of win and podium, safety car soon."""
    if context.invoked_subcommand is not None:
        return
    from pitwall.workflows.live.followed import Wish
    from pitwall.workflows.workspace import Workspace

    screen = console(json_file)
    with Workspace() as workspace:
        label = race or _chosen(workspace, source, screen)
        drawn = screen.is_terminal and not (plain or once)
        wish = Wish(
            source, label, speed or (PACE if drawn else None), every, lap, state, location, model or (), publish
        )
        _follow(
            workspace, wish, screen, drivers=driver or [], json_file=json_file, once=once, picture=picture, drawn=drawn
        )


@app.command("races", epilog="Example: pitwall live races --season 2023")
def races(
    season: Annotated[int | None, typer.Option(help="Only races of this year.")] = None, json_file: JsonOption = None
) -> None:
    """List the races that can be replayed, the newest first."""
    from pitwall.workflows.live.watch import races_with_laps
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        found = [each for each in races_with_laps(workspace) if season is None or each[0].startswith(f"{season}-")]
    console(json_file).print(table("races with laps", ["race", "name"], found))
    write_json({"races": [{"race": label, "name": name} for label, name in found]}, json_file)


@app.command("certify", epilog="Example: pitwall live certify --race 2023-12")
def certify(
    race: Annotated[str, typer.Option(metavar="SEASON-ROUND", help="A race of the data that has laps.")],
    model: Model = None,
    json_file: JsonOption = None,
) -> None:
    """Follow a race in six ways and hold every prediction against the batch, bit by bit; exit code 1 if one differs."""
    from dataclasses import asdict

    from pitwall.workflows.live.certify import certify as run
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        found = run(workspace, race, model or ())
    screen = console(json_file)
    columns = ["feed", "predictions", "differ", "answers", "revised", "verdict"]
    rows = [(c.feed, c.rows, c.differ, c.answers, c.revised, "equal" if c.holds else "DIFFERS") for c in found]
    screen.print(table(f"{race}: live beside batch", columns, rows, right=columns[1:5]))
    for each in found:
        if each.first:
            screen.print(f"! {each.feed}: {each.first}", soft_wrap=True)
    write_json({"race": race, "feeds": [{**asdict(each), "holds": each.holds} for each in found]}, json_file)
    if not all(each.holds for each in found):
        raise typer.Exit(1)


def _chosen(workspace: Workspace, source: str, screen: Console) -> str | None:
    """Return the race that a person chooses; None where the source itself knows the next one."""
    from pitwall.cli.machinery.live.menu import choose
    from pitwall.domain.errors import UsageError
    from pitwall.live.feeds import feed
    from pitwall.workflows.live.watch import races_with_laps

    if feed(source).open_ended:
        return None
    if not (screen.is_terminal and sys.stdin.isatty()):
        raise UsageError(
            "no race is named and nobody can be asked; name one with --race (`pitwall live races` lists them)."
        )
    found = races_with_laps(workspace)
    if not found:
        raise UsageError("the tables hold no race with laps; add a source of laps, then `pitwall run race-weekend`.")
    return choose(found, screen)


def _follow(
    workspace: Workspace,
    wish: Wish,
    screen: Console,
    *,
    drivers: list[str],
    json_file: str | None,
    once: bool,
    picture: Path | None,
    drawn: bool,
) -> None:
    from pitwall.cli.machinery.live.board import Shown
    from pitwall.cli.machinery.live.known import known_drivers
    from pitwall.live.control import Control
    from pitwall.workflows.live.course import Course
    from pitwall.workflows.live.entering import Entering
    from pitwall.workflows.live.followed import follow

    control, course, entering = Control(wish.speed), Course(), Entering(workspace)
    with _json_lines(json_file) as write:
        answers = write(known_drivers(follow(workspace, wish, control, None if once else entering), drivers))
        age_s = None if wish.source == "replay" else 0.0
        shown = Shown(
            [each.upper() for each in drivers], age_s=age_s, width=screen.width, height=screen.height if drawn else None
        )
        _show(answers, course, screen, shown, control, once=once, drawn=drawn)
    if told := entering.told():
        screen.print(told, soft_wrap=True)
    if picture is not None:
        from pitwall.report.figures.canvas import write_png

        screen.print(f"written: {write_png(course.figure(), picture)}", soft_wrap=True)


def _show(
    answers: Iterator[LiveAnswer],
    course: Course,
    screen: Console,
    shown: Shown,
    control: Control,
    *,
    once: bool,
    drawn: bool,
) -> None:
    from pitwall.cli.machinery.live.board import board
    from pitwall.cli.machinery.live.play import play, print_lines

    if drawn:
        play(answers, course, screen, shown, control)
    elif once:
        for answer in answers:
            course.see(answer)
            screen.print(board(answer, course, shown))
            control.stop()
            break
    else:
        print_lines(answers, course, screen, shown)


@contextmanager
def _json_lines(target: str | None) -> Iterator[Callable[[Iterator[LiveAnswer]], Iterator[LiveAnswer]]]:
    """Yield what writes answers as they pass, a line each, at once; nothing where no file is asked for."""
    if target is None:
        yield lambda answers: answers
    elif target == "-":
        yield lambda answers: _written(answers, sys.stdout)
    else:
        with Path(target).open("w", encoding="utf-8") as file:
            yield lambda answers: _written(answers, file)


def _written(answers: Iterator[LiveAnswer], file: TextIO) -> Iterator[LiveAnswer]:
    for answer in answers:
        file.write(json.dumps(answer.to_json(), allow_nan=False) + "\n")
        file.flush()
        yield answer


COMMANDS = Commands((Group("live", app),), order=13)
