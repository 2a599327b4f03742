"""`pitwall page`: the playground in the browser, on loopback, until it is stopped."""

from __future__ import annotations

from typing import Annotated

import typer

from pitwall.cli._commands import Command, Commands
from pitwall.cli._output import console

Port = Annotated[
    int | None, typer.Option(help="To listen on; 8000 or the next free one when left out.", min=1, max=65535)
]
Browser = Annotated[bool, typer.Option("--open/--no-open", help="Whether the browser of this machine is opened.")]


def page(port: Port = None, browser: Browser = True) -> None:
    """Show forecasts, models, data and everything else as pages, with the API beside them; training needs `pitwall up`."""
    import os
    import subprocess
    import sys

    from pitwall.adapters.services.parts import API_PORT
    from pitwall.adapters.services.start import port_for
    from pitwall.domain.project import find_project

    project = find_project()
    chosen = port_for(port, API_PORT)
    address = f"http://127.0.0.1:{chosen}"
    console(None).print(f"{address}/  (stop with Ctrl-C)", soft_wrap=True)
    if browser:
        subprocess.Popen([sys.executable, "-m", "pitwall.adapters.processes.browser", address])
    os.chdir(project.root)
    command = [sys.executable, "-m", "pitwall.web", "--port", str(chosen)]
    os.execv(sys.executable, command)  # noqa: S606  (no shell; in this process, so that who stops it stops the server)


COMMANDS = Commands((Command("page", page, "--port 8000"),), order=17)
