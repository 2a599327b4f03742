"""Serve `race_weekend` on the schedule of params.yaml: `python -m flows.deployments [--cron LINE]`, until stopped.

The entrypoint is the module `flows.race_weekend`, not its path: a path would put `flows/` first on Python's search path.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import cast

from prefect import serve
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.race_weekend import race_weekend
from pitwall.adapters.processes.prefect_server import run_below_server
from pitwall.workflows.workspace import Workspace


def serve_schedule(cron: str) -> None:
    """Run `race_weekend` whenever the cron line (UTC) says so, one run at a time, until this process is stopped."""
    deployment = race_weekend.to_deployment(
        name="race-weekend",
        schedule=Cron(cron, timezone="UTC"),
        entrypoint_type=EntrypointType.MODULE_PATH,
        description="Ingest, features, training if stale, gates, promotion, forecast.",
    )
    serve(cast(RunnerDeployment, deployment), limit=1)  # not a coroutine: nobody awaits here


def main() -> int:
    """Serve against the Prefect server at hand, or start one for as long as we serve."""
    workspace = Workspace()
    parser = argparse.ArgumentParser(prog="python -m flows.deployments", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cron", default=workspace.params.schedule.race_weekend, help="five fields, UTC")
    chosen = parser.parse_args()
    if os.environ.get("PREFECT_API_URL"):
        serve_schedule(chosen.cron)
        return 0
    return run_below_server(workspace.project, "flows.deployments", sys.argv[1:], shared=True)


if __name__ == "__main__":
    sys.exit(main())
