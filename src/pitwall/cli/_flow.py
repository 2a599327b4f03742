"""Run a flow: `python -m flows.NAME` in the project root, against a Prefect server. `pitwall` never imports `flows`.

The flow writes its log, we write what people see: the finished steps, the log's name, and at a failure the log's end with the error.
All of it goes to standard error; standard output belongs to the result.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from pitwall.adapters.processes.prefect_server import run_below_server
from pitwall.cli._progress import LOG_FORMAT, Log, Steps, open_log

if TYPE_CHECKING:
    from pitwall.domain.project import Project


def run_flow(project: Project, name: str, *arguments: str, verbose: bool = False) -> dict[str, Any]:
    """Run a flow and return its result, with its `exit_code` and the path of its `log`.

    Args:
        project: in whose root it runs.
        name: of the flow's module below `flows`.
        arguments: its options.
        verbose: show the whole log as it is written instead of the finished steps.

    Raises:
        typer.Exit: the flow ended with a code other than 0 (it has said why) and left no result to show.
    """
    logging.basicConfig(format="%(message)s", level=logging.INFO, stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    log = open_log(project, name)
    with log.stream, tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        with _screen(verbose) as show:
            options = [*arguments, "--result", str(result)]
            code = run_below_server(project, f"flows.{name}", options, settings=LOG_FORMAT, on_line=_both(log, show))
        payload: dict[str, Any] = json.loads(result.read_text(encoding="utf-8")) if result.is_file() else {}
    where = log.path.relative_to(project.root)
    if code and not verbose:
        _say("\n".join(log.end()))
    _say(f"log: {where}")
    if code and not payload:
        raise typer.Exit(code)
    return {**payload, "exit_code": code, "log": str(where)}


def _both(log: Log, show: Callable[[str], None]) -> Callable[[str], None]:
    def hear(line: str) -> None:
        log.hear(line)
        show(line)

    return hear


@contextmanager
def _screen(verbose: bool) -> Iterator[Callable[[str], None]]:
    """Yield what to call with each line of the log; on a terminal a spinner says that the work goes on."""
    if verbose:
        yield _say
    elif sys.stderr.isatty():
        from rich.console import Console

        console = Console(stderr=True, highlight=False, markup=False)
        with console.status("at work ..."):
            yield Steps(lambda line: console.print(line, soft_wrap=True)).hear
    else:
        yield Steps(_say).hear


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
