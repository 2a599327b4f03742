"""`pitwall drift`: what has moved since a champion learned, alarms first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, ModelArgument, NowOption, console, table, write_json
from pitwall.report.content.intervals import number

if TYPE_CHECKING:
    from rich.console import Console

    from pitwall.monitoring.drift import DriftReport, FeatureDrift

TOP = 10
NUMBERS = ["shift, sd", "PSI", "KS", "evidence", "highest"]


def drift(
    name: ModelArgument = "order-pre_race",
    now: NowOption = None,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw the PSI of every feature over races as a PNG.")
    ] = None,
    *,
    all_: Annotated[bool, typer.Option("--all", help="Show every feature, and why others are not monitored.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Hold the races since against what the champion learned from: features, groups of them, and the calibration of its forecasts."""
    from pitwall.domain.clock import replaying
    from pitwall.workflows.monitoring.drift import NothingYet
    from pitwall.workflows.monitoring.drift import drift as look
    from pitwall.workflows.workspace import Workspace

    with replaying(now), Workspace() as workspace:
        try:
            report = look(workspace, name)
        except NothingYet as none:  # so it is between two seasons, and no fault
            console(json_file).print(str(none), soft_wrap=True)
            write_json({"model": name, "races": [], "alarms": []}, json_file)
            return
        job = workspace.job(name)
        marked = job.params.monitoring.of_model(job.settings.monitoring).psi
    _show(console(json_file), report, marked, all_=all_)
    write_json(report.as_json(), json_file)
    if picture is not None and report.races:
        _draw(report, marked, picture)


def _show(screen: Console, report: DriftReport, marked: float, *, all_: bool) -> None:
    races = f"{report.races[0]} to {report.races[-1]}" if report.races else "none yet"
    screen.print(f"{report.model} held against {report.reference}; watched: {len(report.races)} races, {races}")
    for alarm in report.alarms:
        screen.print(f"ALARM {alarm.since}  {alarm.subject}: {alarm.text}", soft_wrap=True)
    screen.print(f"alarms: {len(report.alarms) or 'none'}", soft_wrap=True)
    screen.print(_table("Groups", "group", report.groups, marked))
    first = sorted(report.features, key=lambda each: (each.alarm_since is None, -each.e_value))
    title = (
        f"All {len(first)} monitored features" if all_ else f"Of {len(first)} monitored features, those that moved most"
    )
    screen.print(_table(title, "feature", first if all_ else first[:TOP], marked))
    if report.calibration:
        screen.print(
            _table("Calibration: came true beyond what was said, per car", "question", report.calibration, marked)
        )
    _reasons(screen, f"{len(report.not_monitored)} features are not monitored", report.not_monitored, all_=all_)
    _reasons(screen, f"{len(report.exempt)} watched races raise nothing by declaration", report.exempt, all_=all_)


def _table(title: str, kind: str, found: Sequence[FeatureDrift], marked: float) -> object:
    """Return a table of drift; a PSI from `marked` on has a star."""
    values = (
        (
            each.name,
            _number(each.shift),
            _number(each.psi) + ("*" if each.psi >= marked else ""),
            *(_number(value) for value in (each.ks, each.e_value, each.peak)),
            each.alarm_since or "",
        )
        for each in found
    )
    return table(title, [kind, *NUMBERS, "alarm"], values, right=NUMBERS)


def _reasons(screen: Console, title: str, reasons: Mapping[str, str], *, all_: bool) -> None:
    screen.print(title + ("" if all_ or not reasons else ": --all says why"), soft_wrap=True)
    for subject, why in reasons.items() if all_ else ():
        screen.print(f"  {subject}: {why}", soft_wrap=True)


def _number(value: float) -> str:
    return "" if value != value else number(value)  # noqa: PLR0124  (NaN alone differs from itself)


def _draw(report: DriftReport, marked: float, path: Path) -> None:
    from pitwall.report.figures.canvas import write_png
    from pitwall.report.figures.heat_map import heat_map

    shown = report.psi_by_race.T
    title = f"PSI of each race against {report.reference}, {report.model}"
    note = (
        f"A race has about 20 cars: a PSI of some tenths is chance. In a table over several races {marked:g} is marked."
    )
    write_png(
        heat_map(
            shown.to_numpy(),
            list(shown.index),
            title,
            outcome="race",
            label="PSI",
            notes=[note],
            columns=list(shown.columns),
            full=2.0,
        ),
        path,
    )


COMMANDS = Commands((Command("drift", drift, "order-pre_race --picture drift.png"),), order=14)
