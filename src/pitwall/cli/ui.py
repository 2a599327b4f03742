"""`pitwall ui`: the MLflow and Prefect servers of the project on loopback, until they are stopped."""

from __future__ import annotations

import signal

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import console


def ui() -> None:
    """Open the project's MLflow and Prefect servers on loopback, until Ctrl-C."""
    from pitwall.adapters.mlflow.pages.server import ui_servers
    from pitwall.workflows.runs import views
    from pitwall.workflows.workspace import Workspace

    screen, workspace = console(None), Workspace()
    screen.print("starting both servers ...")
    with ui_servers(workspace.project) as addresses:
        for name, address in addresses.items():
            screen.print(f"{name:<8} {address}")
        for model, page in views(workspace).items():
            screen.print(f"  runs of {model}: {addresses['MLflow']}{page}", soft_wrap=True)
        screen.print("stop both with Ctrl-C")
        try:
            signal.pause()
        except KeyboardInterrupt:
            screen.print("stopping")


COMMANDS = Commands((Command("ui", ui),), order=17)
