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
    from pitwall.workflows import online
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        filled = online.materialise(workspace, None if until is None else _instant(until))
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
    from pitwall.workflows import online
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        report = online.skew(workspace, None if since is None else _instant(since))
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


COMMANDS = Commands(
    (
        Command("features materialise", materialise, "--until 2024-12-06T09:30"),
        Command("features skew", skew, "--since 2024-11-01 --json skew.json"),
    ),
    order=3,
)
