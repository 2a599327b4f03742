"""Run a flow from the command line: a server if there is none, the flow, its result as JSON, its errors as exit codes."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pitwall.adapters.processes.prefect_server import run_below_server
from pitwall.adapters.processes.signals import exit_on_sigterm
from pitwall.domain.errors import PitwallError, PromotionRefused
from pitwall.domain.project import find_project


def run_as_command(
    flow: Callable[..., dict[str, Any]], module: str, *options: str, repeated: Sequence[str] = ()
) -> int:
    """Run a flow with the options of the command line and return the exit code.

    Args:
        flow: the flow; every option is one of its parameters.
        module: the module to run again below a Prefect server, if none is named by PREFECT_API_URL.
        options: names of the flow's optional text parameters, e.g. `model` for `--model`.
        repeated: names of parameters that are lists: the option may be given several times.
    """
    chosen = _parse(module, options, repeated)
    result = chosen.pop("result")
    try:
        if not os.environ.get("PREFECT_API_URL"):
            return _below_a_server(module)
        with exit_on_sigterm():
            payload = _without_heartbeat(flow, **{name: value for name, value in chosen.items() if value is not None})
    except PromotionRefused as refused:
        _write({"verdicts": [v.row() for v in refused.verdicts], "outcome": str(refused)}, result)
        return _say(refused)
    except PitwallError as error:
        return _say(error)
    _write(payload, result)
    return 0


def _parse(module: str, options: Sequence[str], repeated: Sequence[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(prog=f"python -m {module}")
    for option in options:
        parser.add_argument(f"--{option}")
    for option in repeated:
        parser.add_argument(f"--{option}", action="append")
    parser.add_argument("--result", metavar="FILE", help="write what the flow returns as JSON")
    return vars(parser.parse_args())


def _below_a_server(module: str) -> int:
    """Run this very command again against the project's Prefect server, started for it if need be."""
    return run_below_server(find_project(), module, sys.argv[1:])


def _without_heartbeat(flow: Callable[..., dict[str, Any]], **parameters: Any) -> dict[str, Any]:
    """Call the flow; the heartbeat thread of a sync flow costs a second at its end and serves only remote workers."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).addFilter(_plain_error)
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        return flow(**parameters)


def _plain_error(record: logging.LogRecord) -> bool:
    """Log a deliberate error as its message: the trace of a refused gate or a missing file helps nobody."""
    if record.exc_info and isinstance(record.exc_info[1], PitwallError):
        record.exc_info, record.exc_text = None, None
    return True


def _say(error: PitwallError) -> int:
    sys.stderr.write(f"error: {error}\n")
    return error.exit_code


def _write(payload: dict[str, Any], target: str | None) -> None:
    if target:
        Path(target).write_text(json.dumps(payload, indent=2) + "\n", encoding="utf-8")
