"""`pitwall ui`: the MLflow and Prefect servers of the project on loopback, until they are stopped."""

from __future__ import annotations

import signal

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import console


def ui() -> None:
    """Open the project's MLflow and Prefect servers on loopback, until Ctrl-C."""
    from pitwall.adapters.mlflow.server import ui_servers
    from pitwall.domain.project import find_project

    screen = console(None)
    screen.print("starting both servers ...")
    with ui_servers(find_project()) as addresses:
        for name, address in addresses.items():
            screen.print(f"{name:<8} {address}")
        screen.print("stop both with Ctrl-C")
        try:
            signal.pause()
        except KeyboardInterrupt:
            screen.print("stopping")


COMMANDS = Commands((Command("ui", ui),), order=17)
