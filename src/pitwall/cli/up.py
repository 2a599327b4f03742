"""`pitwall up`, `down` and `status`: Prefect's server with a worker, MLflow and the API with the pages, started, stopped and looked at as one."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import JsonOption, console, table, write_json

if TYPE_CHECKING:
    from datetime import datetime

    from pitwall.adapters.prefect.api import FlowRun
    from pitwall.adapters.services.running import Running
    from pitwall.domain.project import Project
    from pitwall.workflows.schedule.standing import Standing

LOOK_S = 1.0
PORT = typer.Option(min=1, max=65535, help="A free one when left out.")


def up(  # noqa: PLR0917  (options of a command line)
    worker: Annotated[bool, typer.Option(help="Whether the schedule is followed.")] = True,
    api: Annotated[bool, typer.Option(help="Whether requests are answered.")] = True,
    port_prefect: Annotated[int | None, PORT] = None,
    port_mlflow: Annotated[int | None, PORT] = None,
    port_api: Annotated[int | None, PORT] = None,
    foreground: Annotated[bool, typer.Option("--foreground", help="Stay, and stop all of it with Ctrl-C.")] = False,
    browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Whether the browser of this machine is opened.")
    ] = True,
) -> None:
    """Start Prefect's server, a worker, MLflow and the API with the pages, as far as they do not run yet; `pitwall down` stops them."""
    from pitwall.adapters.processes.browser import open_browser
    from pitwall.adapters.processes.signals import exit_on_sigterm
    from pitwall.adapters.services.parts import API, Wish, start_all, stop_all
    from pitwall.domain.project import find_project

    project, say = find_project(), _say
    wish = Wish(worker, api, port_prefect, port_mlflow, port_api)
    with exit_on_sigterm():
        started = start_all(project, wish, say)
        for part in started:
            if browser and part.name == API:
                open_browser(part.page)
        if not foreground:
            return
        try:
            _watch(project, started)
        except KeyboardInterrupt:
            say("stopping")
        finally:
            stop_all(project, say)


def down() -> None:
    """Stop what `pitwall up` started, with all that it started in turn; a flow at work is made up for by the next `up`."""
    from pitwall.adapters.services.parts import stop_all
    from pitwall.adapters.services.running import read
    from pitwall.domain.project import find_project

    project = find_project()
    if not read(project):
        _say("nothing was started here")
    stop_all(project, _say)


def status(json_file: JsonOption = None) -> None:
    """Show what runs, the next planned runs and the last ones; exit code 0 if all is healthy, 1 otherwise."""
    from pitwall.workflows.schedule.standing import standing
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        found, zone = standing(workspace.project), workspace.params.schedule.timezone
    screen = console(json_file)
    rows = [(part.name, state, part.since, part.page, part.pid, part.log) for part, state in found.parts]
    screen.print(table("started by pitwall up", ["part", "state", "since", "address", "process", "log"], rows))
    if found.waiting is None:
        screen.print("no Prefect server answers: nothing is known of runs")
    else:
        screen.print(table(f"next runs ({zone})", ["due", "for", "flow"], [_waits(run, zone) for run in found.waiting]))
        ended = [_ended(run, zone) for run in (*found.at_work, *found.ended)]
        screen.print(table(f"last runs ({zone})", ["began", "ended", "state", "for", "flow"], ended))
    write_json(_facts(found, zone), json_file)
    if not found.healthy:
        raise typer.Exit(1)


def _waits(run: FlowRun, zone: str) -> list[str]:
    return [_local(run.due, zone), _named(run), run.flow]


def _ended(run: FlowRun, zone: str) -> list[str]:
    return [_local(run.began, zone), _local(run.ended, zone), run.state.lower(), _named(run), run.flow]


def _named(run: FlowRun) -> str:
    return "the weekly line" if run.weekly else run.name


def _local(instant: datetime | None, zone: str) -> str:
    """Say an instant in a time zone, with its distance to UTC: an hour that comes twice is told apart."""
    from zoneinfo import ZoneInfo

    return f"{instant.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M %z}" if instant else ""


def _facts(found: Standing, zone: str) -> dict[str, Any]:
    return {
        "healthy": found.healthy,
        "timezone": zone,
        "parts": [{**asdict(part), "state": state} for part, state in found.parts],
        "next": None if found.waiting is None else [_row(run) for run in found.waiting],
        "at_work": [_row(run) for run in found.at_work],
        "last": [_row(run) for run in found.ended],
    }


def _row(run: FlowRun) -> dict[str, Any]:
    instants = {name: at.isoformat() if at else None for name, at in _instants(run).items()}
    return {**asdict(run), **instants, "name": _named(run)}


def _instants(run: FlowRun) -> dict[str, datetime | None]:
    return {"due": run.due, "began": run.began, "ended": run.ended}


def _watch(project: Project, started: list[Running]) -> None:
    """Wait until a part ends, which is an error."""
    from pitwall.adapters.processes.child import tail

    while all(part.alive for part in started):
        time.sleep(LOOK_S)
    for part in started:
        if not part.alive:
            _say(f"{part.name} has ended; the end of {part.log}:\n{tail(project.root / part.log)}")
    raise typer.Exit(1)


def _say(line: str) -> None:
    console(None).print(line, soft_wrap=True)


COMMANDS = Commands((Command("up", up), Command("down", down), Command("status", status, "--json -")), order=17)
