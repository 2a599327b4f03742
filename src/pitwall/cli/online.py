"""`pitwall features materialise` and `skew`: fill the online store, and hold what it served against the offline join."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, table, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from rich.console import Console

    from pitwall.domain.project import Project
    from pitwall.ml.forecasting.skew import SkewReport


def materialise(
    until: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="A cut-off, UTC. Default: the next race's, of every stage that params.yaml trains."
        ),
    ] = None,
    json_file: JsonOption = None,
) -> None:
    """Let the online store serve a cut-off, beside the others that it serves; only rows that changed are written.

    A forecast does this by itself for its own cut-off; done before, it has less to write then.
    """
    from pitwall import wiring
    from pitwall.adapters.processes.lock import project_lock
    from pitwall.domain.project import find_project

    project = find_project()
    with project_lock(project, "pitwall features materialise"):
        due = _due(project) if until is None else [(name, _instant(until)) for name in wiring.params(project).models]
        reader = wiring.feature_reader(project)
        filled = [reader.materialise(cutoff, service) for service, cutoff in due]
    for served in filled:
        console(json_file).print(
            f"the online store serves {served.service} as of {served.cutoff:%Y-%m-%d %H:%M} UTC; "
            f"its newest row became known at {served.known:%Y-%m-%d %H:%M}."
        )
    rows = [{"set": s.service, "cutoff": s.cutoff.isoformat(), "known": s.known.isoformat()} for s in filled]
    write_json({"served": rows}, json_file)


def skew(
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only what was served at this time (UTC) or later.")
    ] = None,
    json_file: JsonOption = None,
) -> None:
    """Replay the online vectors that forecasts were made from against the offline join; any difference is an error.

    Values are compared bit by bit, as of what was known when they were served.
    """
    from pitwall import wiring
    from pitwall.adapters.processes.lock import project_lock
    from pitwall.domain.project import find_project
    from pitwall.domain.racing.data_world import world
    from pitwall.ml.forecasting.input_log import read_served
    from pitwall.ml.forecasting.skew import replay

    project = find_project()
    log = read_served(project, None if since is None else _instant(since))
    with project_lock(project, "pitwall features skew"):
        report = replay(log, wiring.feature_reader(project), world(wiring.params(project)))
    _show(report, console(json_file))
    write_json(report.to_dict(), json_file)
    if report.differing:
        raise typer.Exit(1)


def _show(report: SkewReport, screen: Console) -> None:
    if report.features:
        counts = [(each.feature, f"{each.compared:,}", f"{each.differing:,}") for each in report.features]
        screen.print(table("Online against offline, tolerance 0", ["feature", "compared", "differing"], counts))
    if report.offences:
        columns = ["feature", "race", "model", "served", "car", "online", "offline"]
        rows = [
            (each.feature, each.race, each.model, each.served_at, _car(each.keys), each.online, each.offline)
            for each in report.offences
        ]
        screen.print(table("The first values that differ", columns, rows))
    screen.print(
        f"{report.vectors} served vector sets with {report.rows} cars: {report.compared:,} values compared, "
        f"{report.differing:,} differ."
    )
    if report.foreign:
        screen.print(f"left out: {report.foreign} served from another data source.")
    if report.gone:
        screen.print(f"not compared, as they no longer exist: {', '.join(report.gone)}.")


def _car(keys: Mapping[str, int]) -> str:
    return " ".join(f"{name.removesuffix('_id')} {value}" for name, value in keys.items())


def _instant(text: str) -> pd.Timestamp:
    import pandas as pd

    from pitwall.domain.errors import UsageError

    try:
        return pd.to_datetime(text, utc=True)
    except (ValueError, OverflowError):
        raise UsageError(f"{text!r} is no time; write it like 2024-12-08T13:00, in UTC.") from None


def _due(project: Project) -> list[tuple[str, pd.Timestamp]]:
    """Return feature set and cut-off of the next race for each model and stage of params.yaml, the earliest first."""
    from pitwall import wiring
    from pitwall.domain.errors import FeatureError
    from pitwall.domain.tables import load_tables
    from pitwall.ml.data.calendar import READS, next_race

    params = wiring.params(project)
    tables = load_tables(project.tables, list(READS))
    wanted = [(model, stage) for model, settings in params.models.items() for stage in settings.stages]
    races = [(model, next_race(tables, stage, params)) for model, stage in wanted]
    due = [(model, race.cutoff) for model, race in races if race is not None]
    if not due:
        raise FeatureError("the data hold no race to come; say as of when: `--until TIME`.")
    return sorted(due, key=lambda pair: pair[1])


COMMANDS = Commands(
    (
        Command("features materialise", materialise, "--until 2024-12-06T09:30"),
        Command("features skew", skew, "--since 2024-11-01 --json skew.json"),
    ),
    order=3,
)
