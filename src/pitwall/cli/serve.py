"""`pitwall serve`: the REST API of the project on loopback, until it is stopped."""

from __future__ import annotations

from typing import Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import console

Host = Annotated[str, typer.Option(help="To listen on; with another one than loopback everybody needs a token.")]
Port = Annotated[int, typer.Option(help="To listen on.", min=1, max=65535)]
Workers = Annotated[int, typer.Option(help="Processes; each answers one question at a time.", min=1, max=64)]
Export = Annotated[bool, typer.Option("--export", help="Only write what servers answer from, anew, and end.")]


def serve(host: Host = "127.0.0.1", port: Port = 8000, workers: Workers = 1, export: Export = False) -> None:
    """Answer over HTTP: predictions, explanations, models, forecasts, health and metrics."""
    import os
    import sys

    from pitwall.domain.project import find_project

    screen, project = console(None), find_project()
    if export or not project.serving.is_dir():
        _export()
    if export:
        return
    screen.print(
        f"http://{host}:{port}/api/v1/models  (routes: http://{host}:{port}/openapi.json; stop with Ctrl-C)",
        soft_wrap=True,
    )
    command = [sys.executable, "-m", "pitwall.serving", "--host", host, "--port", str(port), "--workers", str(workers)]
    os.chdir(project.root)
    os.execv(sys.executable, command)  # noqa: S606  (no shell; in this process, so that who stops it stops the server)


def _export() -> None:
    from pitwall.workflows.serving.export import export_all
    from pitwall.workflows.workspace import Workspace

    screen = console(None)
    with Workspace() as workspace, workspace.exclusive("pitwall serve --export"):
        live, troubles = export_all(workspace)
    for name, version in live.items():
        screen.print(f"{name}: version {version}")
    for name, why in troubles.items():
        screen.print(f"! {name} is not served: {why}", style="yellow", markup=False, soft_wrap=True)


COMMANDS = Commands((Command("serve", serve, "--port 8000"),), order=17)
