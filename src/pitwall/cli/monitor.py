"""`pitwall monitor`: what happened since the last page, on one page, and the alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, NowOption, console, table, write_json

if TYPE_CHECKING:
    from rich.console import Console

    from pitwall.workflows.monitoring.found import Watch


def monitor(now: NowOption = None, json_file: JsonOption = None) -> None:
    """Look at every champion: scores beside baselines, drift, skew, age, what was missed; write the page of the week.

    Alarms go to the sinks of settings.local.yaml, each once. Nothing is trained or promoted, and alarms are no error.
    """
    from pitwall.domain.clock import replaying
    from pitwall.workflows.monitoring.telling import tell
    from pitwall.workflows.monitoring.watch import watch
    from pitwall.workflows.workspace import Workspace

    with replaying(now), Workspace() as workspace:
        found = watch(workspace)
        told = tell(workspace, found)
        page = told.page.relative_to(workspace.project.root).as_posix()
    screen = console(json_file)
    _show(found, screen)
    screen.print(f"{found.verdict}; {len(told.news)} of the alarms are news", soft_wrap=True)
    screen.print(page, soft_wrap=True)
    write_json({**found.row(), "page": page}, json_file)


def _show(found: Watch, screen: Console) -> None:
    from pitwall.workflows.monitoring.pages.week import OVERVIEW, overview

    right = ["races", "ours", "baseline", "drift alarms", "unseen races"]
    screen.print(table("champions", OVERVIEW, [overview(each) for each in found.models], right=right))
    for alarm in found.alarms:
        since = f", since {alarm.since}" if alarm.since else ""
        screen.print(f"! {alarm.kind}, {alarm.subject}{since}: {alarm.text}", soft_wrap=True)


COMMANDS = Commands((Command("monitor", monitor, "--json -"),), order=14)
