"""`pitwall ab` and `pitwall shadow`: two versions of one model side by side on races to come, and what may be said of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._commands import Command, Commands, Group
from pitwall.cli._output import JsonOption, NowOption, console, table, write_json
from pitwall.cli._registry import JudgedModel
from pitwall.report.content.intervals import number

if TYPE_CHECKING:
    from pitwall.domain.records.ab_rows import DeclaredTest
    from pitwall.monitoring.sequential import Look
    from pitwall.workflows.ab.status import Status

app = typer.Typer(
    help="Test a challenger beside the champion on races to come.", no_args_is_help=True, rich_markup_mode=None
)
By = Annotated[str, typer.Option(metavar="NAME", help="Who does it; a claim, nothing proves it.")]
Note = Annotated[str, typer.Option(metavar="TEXT", help="Why; kept in the track record.")]
Picture = Annotated[Path | None, typer.Option(help="Also draw the e-values into this PNG file.")]
Split = Annotated[float, typer.Option(help="Share of the races that the challenger answers, 0 to 1.")]


@app.command("start", epilog="Example: pitwall ab start race_winner --challenger candidate --split .3")
def start(
    model: JudgedModel,
    *,
    champion: Annotated[str, typer.Option(metavar="V", help="Must be the standing champion; it when left out.")] = "",
    challenger: Annotated[
        str,
        typer.Option(metavar="V", help="A version number or an alias. Default: the challenger, else the candidate."),
    ] = "",
    split: Split = 0.3,
    by: By = "",
    note: Note = "",
    now: NowOption = None,
    json_file: JsonOption = None,
) -> None:
    """Declare a test in the track record; from now on both versions forecast, and the challenger answers its share of the races."""
    _start(model, champion, challenger, split=split, by=by, note=note, now=now, json_file=json_file)


@app.command("stop", epilog='Example: pitwall ab stop race_winner --note "the season is over"')
def stop(model: JudgedModel, by: By = "", note: Note = "", now: NowOption = None, json_file: JsonOption = None) -> None:
    """End the test of a model; its challenger is no challenger any more, the champion answers every race."""
    _stop(model, by=by, note=note, now=now, json_file=json_file)


@app.command("status", epilog="Example: pitwall ab status race_winner --picture ab.png")
def status(
    model: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A model or a template; all when left out.")
    ] = None,
    picture: Picture = None,
    json_file: JsonOption = None,
) -> None:
    """Show every declared test: its races with both losses, the e-values after each of them, and what may be said."""
    from dataclasses import asdict

    from pitwall.domain.errors import UsageError
    from pitwall.workflows.ab.picture import draw_status
    from pitwall.workflows.ab.status import marked
    from pitwall.workflows.ab.status import status as look
    from pitwall.workflows.workspace import Workspace

    screen = console(json_file)
    with Workspace() as workspace:
        found, others = look(workspace, model), marked(workspace, model)
    for each in found:
        _show(screen, each)
    for other in others:
        said = f"{other.model} version {other.version} runs beside the champion without a declared test: no verdict is reached by it"
        screen.print(f"{said}; {len(other.races)} races forecast in time, {len(other.failed)} failed", soft_wrap=True)
    if not found and not others:
        screen.print("no test was declared; `pitwall ab start NAME` declares one")
    if picture is not None:
        if not found:
            raise UsageError("no test was declared, so there is nothing to draw.")
        screen.print(f"written: {draw_status(found[-1], picture)}", soft_wrap=True)
    write_json({"tests": [each.row() for each in found], "marked": [asdict(each) for each in others]}, json_file)


@app.command("rehearse", epilog="Example: pitwall ab rehearse race_winner previous champion --split .3")
def rehearse(
    model: JudgedModel,
    v1: Annotated[str, typer.Argument(help="A version number or an alias, in the place of the champion.")],
    v2: Annotated[str, typer.Argument(help="Another one, in the place of the challenger.")],
    *,
    split: Split = 0.3,
    picture: Picture = None,
    json_file: JsonOption = None,
) -> None:
    """Divide the races that both versions were judged on as a test would, in hindsight: losses of both arms, and the looks."""
    from pitwall.workflows.ab.picture import draw_rehearsal
    from pitwall.workflows.ab.rehearse import rehearse as run
    from pitwall.workflows.workspace import Workspace

    screen = console(json_file)
    with Workspace() as workspace:
        made = run(workspace, model, v1, v2, split=split)
    metrics = sorted({name for arm in made.arms.values() for name in arm} - {"races"})
    rows = [
        [role, made.versions[role], made.arms[role]["races"], *(number(made.arms[role].get(name)) for name in metrics)]
        for role in made.versions
    ]
    columns = ["arm", "version", "races", *metrics]
    screen.print(table(f"{made.model}, {made.question}: what each arm answered", columns, rows, right=columns[1:]))
    first, second = made.versions.values()
    screen.print(
        f"version {second} beside version {first} over all {len(made.races)} races: {made.said}", soft_wrap=True
    )
    screen.print(made.label, soft_wrap=True)
    if picture is not None:
        screen.print(f"written: {draw_rehearsal(made, picture)}", soft_wrap=True)
    write_json(made.row(), json_file)


def shadow(
    model: JudgedModel,
    version: Annotated[
        str, typer.Argument(metavar="[V]", help="A version number or an alias. Default: as `ab start`.")
    ] = "",
    *,
    stop: Annotated[bool, typer.Option("--stop", help="End it instead.")] = False,
    by: By = "",
    note: Note = "",
    now: NowOption = None,
    json_file: JsonOption = None,
) -> None:
    """Run a version beside the champion that answers nobody: a test with the split 0."""
    if stop:
        _stop(model, by=by, note=note, now=now, json_file=json_file)
    else:
        _start(model, "", version, split=0.0, by=by, note=note, now=now, json_file=json_file)


def _start(
    model: str,
    champion: str,
    challenger: str,
    *,
    split: float,
    by: str,
    note: str,
    now: str | None,
    json_file: str | None,
) -> None:
    from getpass import getuser

    from pitwall.domain.clock import replaying
    from pitwall.workflows.ab import declare
    from pitwall.workflows.workspace import Workspace

    wish = declare.Wish(champion, challenger, split, by or getuser(), note)
    screen = console(json_file)
    with replaying(now), Workspace() as workspace:
        test = declare.start(workspace, model, wish)
    screen.print(_declared(test), soft_wrap=True)
    screen.print(
        "races count whose session starts from now on; both versions are scored when a race is known", soft_wrap=True
    )
    write_json(test.facts(), json_file)


def _stop(model: str, *, by: str, note: str, now: str | None, json_file: str | None) -> None:
    from getpass import getuser

    from pitwall.domain.clock import replaying
    from pitwall.workflows.ab import declare
    from pitwall.workflows.workspace import Workspace

    screen = console(json_file)
    with replaying(now), Workspace() as workspace:
        test, version = declare.stop(workspace, model, by=by or getuser(), note=note)
        name = workspace.job(model).name
    if test is not None:
        screen.print(f"ended: {_declared(test)}", soft_wrap=True)
    if version is not None:
        screen.print(f"{name} version {version.version} is no challenger any more; it is in staging", soft_wrap=True)
    ended = test.facts() if test else None
    write_json({"test": ended, "version": version.version if version else None}, json_file)


def _declared(test: DeclaredTest) -> str:
    share = f"the challenger answers {test.split:.0%} of the races" if test.split else "the challenger answers nobody"
    return (
        f"{test.model}: version {test.champion} (champion) beside version {test.challenger} (challenger), {share}; {test.metric} of "
        f"{test.question}, clipped at {test.bound:g}, alpha {test.alpha:g} (row {test.row} of the track record, {test.at})"
    )


def _show(screen: Any, found: Status) -> None:
    test = found.test
    screen.print(_declared(test), soft_wrap=True)
    after = {race.race: look for race, look in zip(found.counted, found.looks, strict=True)}
    rows = [
        [
            race.race,
            f"version {test.version(race.served)}",
            *(number(race.losses.get(role)) for role in ("champion", "challenger")),
            *_cells(after.get(race.race)),
            race.state,
        ]
        for race in found.races
    ]
    columns = ["race", "answered", "champion", "challenger", "gain", "e ahead", "e behind", "state"]
    screen.print(table(f"{len(found.looks)} races count", columns, rows, right=columns[2:7]))
    for race in found.alone:
        why = (
            "; ".join(f"{role}: {text}" for role, text in race.failed.items())
            or "the other arm has no forecast in time"
        )
        screen.print(f"! {race.race} does not count: {why}", soft_wrap=True)
    if test.ended:
        screen.print(f"ended {test.ended}: {test.why}", soft_wrap=True)
    for arm, versions in found.exposed.items():
        said = ", ".join(f"version {version} {count}" for version, count in sorted(versions.items()))
        screen.print(f"{arm} by the API: {said}", soft_wrap=True)
    screen.print(f"the challenger: {found.said}", soft_wrap=True)


def _cells(look: Look | None) -> list[str]:
    if look is None:
        return ["", "", ""]
    return [number(look.mean), f"{look.ahead:.3g}", f"{look.behind:.3g}"]


COMMANDS = Commands((Group("ab", app), Command("shadow", shadow, "race_winner 3")), order=13)
