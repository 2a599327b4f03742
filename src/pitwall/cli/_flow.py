"""Run a flow: `python -m flows.NAME` in the project root, against a Prefect server. `pitwall` never imports `flows`."""

from __future__ import annotations

import json
import logging
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from pitwall.adapters.processes.prefect_server import run_below_server

if TYPE_CHECKING:
    from pitwall.domain.project import Project


def run_flow(project: Project, name: str, *arguments: str) -> dict[str, Any]:
    """Run a flow and return its result; its progress goes to standard error as it happens.

    Raises:
        typer.Exit: the flow ended with a code other than 0 (it has said why) and left no result to show.
    """
    logging.basicConfig(format="%(message)s", level=logging.INFO, stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        code = run_below_server(project, f"flows.{name}", [*arguments, "--result", str(result)], sys.stderr)
        payload: dict[str, Any] = json.loads(result.read_text(encoding="utf-8")) if result.is_file() else {}
    if code and not payload:
        raise typer.Exit(code)
    return {**payload, "exit_code": code}
