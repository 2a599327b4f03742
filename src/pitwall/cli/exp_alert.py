"""`pitwall exp alert`: what people were alerted of, whether an alert would reach them, and those that did not, again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pitwall.cli._commands import Command, Commands, Group
from pitwall.cli._output import JsonOption, console, table, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pitwall.domain.records.alerts import KeptAlert

app = typer.Typer(help="See, test and repeat alerts (docs/alerts.md).", no_args_is_help=True, rich_markup_mode=None)


def list_alerts(json_file: JsonOption = None) -> None:
    """List every alert, oldest first, with its outcome at each sink."""
    from pitwall.workflows.logbook import alerts
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        _show(alerts.kept(workspace), "alerts", json_file)


def test(sink: Annotated[str, typer.Argument(metavar="SINK", help="console, smtp, webhook or prefect.")]) -> None:
    """Send a test to a sink as settings.local.yaml has it; exit code 1 and the reason if it does not get there."""
    from pitwall.workflows.logbook import alerts
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        alerts.send_test(workspace, sink)
    typer.echo(f"the test was sent to {sink}")


def resend(
    key: Annotated[
        str, typer.Argument(metavar="[KEY]", help="Of one alert, or its beginning; all when left out.")
    ] = "",
    json_file: JsonOption = None,
) -> None:
    """Send alerts to the sinks that they have not reached; exit code 1 if one is still not reached."""
    from pitwall.domain.records.alerts import SENT
    from pitwall.workflows.logbook import alerts
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        tried = alerts.resend(workspace, key or None)
    _show(tried, "alerts sent again", json_file)
    if any(outcome != SENT for each in tried for outcome in each.sinks.values()):
        raise typer.Exit(1)


def _show(found: Sequence[KeptAlert], title: str, json_file: str | None) -> None:
    screen = console(json_file)
    rows = [
        (each.alert.key, each.alert.at, each.alert.kind, each.alert.subject, ", ".join(each.sinks) or "none")
        for each in found
    ]
    screen.print(table(f"{title}: {len(found)}", ["key", "at", "kind", "subject", "sinks"], rows))
    for each in found:
        screen.print(f"{each.alert.key}: {each.alert.text}", soft_wrap=True)
        for sink, outcome in each.sinks.items():
            screen.print(f"  {sink}: {outcome}", soft_wrap=True)
    write_json([each.row() for each in found], json_file)


COMMANDS = Commands(
    (
        Group("exp alert", app),
        Command("exp alert list", list_alerts, "--json -"),
        Command("exp alert test", test, "console"),
        Command("exp alert resend", resend),
    ),
    order=13,
)
