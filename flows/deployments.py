"""Deploy the scheduled flows to the work pool: `python -m flows.deployments [--cron LINE]`; `pitwall up` does it by itself.

`race_weekend` runs after every race and on the weekly line of params.yaml, `forecast_weekend` after every session before it, `monitor` after
`race_weekend` and on a weekly line of its own; `order`, `deploy`, `judge` and `verify` when somebody asks for it. Entrypoints are modules, not paths: a
path would put `flows/` first on Python's search path. A worker of the pool, which runs one flow at a time, does the work.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any, cast

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Schedule
from prefect.types.entrypoint import EntrypointType
from prefect.workers.process import ProcessWorker

from flows.deploy import deploy_draft
from flows.forecast_weekend import forecast_weekend
from flows.judge import judge_version
from flows.monitor import monitor
from flows.order import train_order
from flows.race_weekend import race_weekend
from flows.verify import verify_bundle
from pitwall.adapters.prefect.api import DEPLOYMENTS, ORDERED, POOL, PrefectApi
from pitwall.domain.clock import wall
from pitwall.domain.errors import PitwallError, StageError
from pitwall.domain.project import Project
from pitwall.workflows.schedule import agenda
from pitwall.workflows.workspace import Workspace


def deploy(workspace: Workspace, cron: str) -> None:
    """Make the work pool and deploy the flows to it; what was deployed before is replaced, with its weekly runs to come.

    Args:
        workspace: of the project.
        cron: the weekly line of `race_weekend`.
    """
    with get_client(sync_client=True) as client:
        template = ProcessWorker.get_default_base_job_template()
        pool = WorkPoolCreate(name=POOL, type="process", concurrency_limit=1, base_job_template=template)
        client.create_work_pool(pool, overwrite=True)
    schedule = workspace.params.schedule
    weekly, look = (
        Cron(line, timezone=schedule.timezone)  # there an hour is the local one, summer and winter
        for line in (cron, schedule.monitor)
    )
    planned = ((race_weekend, weekly), (forecast_weekend, None), (monitor, look))
    for flow, each in (
        *planned,
        (train_order, None),
        (deploy_draft, None),
        (judge_version, None),
        (verify_bundle, None),
    ):
        deployment_of(flow, workspace.project, each).apply()


def deployment_of(flow: Flow[..., Any], project: Project, schedule: Schedule | None) -> RunnerDeployment:
    """Return the deployment of a flow, to be run in the project's root by a worker of the pool."""
    deployment = flow.to_deployment(
        name={**DEPLOYMENTS, **ORDERED}[flow.name],
        schedule=schedule,
        entrypoint_type=EntrypointType.MODULE_PATH,
        description=flow.description,
        work_pool_name=POOL,
        job_variables={"working_dir": str(project.root)},
    )
    return cast(RunnerDeployment, deployment)  # not a coroutine: nobody awaits here


def main() -> int:
    """Deploy, make up for missed runs, plan those of the calendar, and say so."""
    with Workspace() as workspace:
        parser = argparse.ArgumentParser(
            prog="python -m flows.deployments", description=(__doc__ or "").splitlines()[0]
        )
        line = workspace.params.schedule.race_weekend
        parser.add_argument("--cron", default=line, help="five fields, in the time zone of params.yaml")
        chosen = parser.parse_args()
        try:
            url = os.environ.get("PREFECT_API_URL")
            if not url:
                raise StageError(
                    "PREFECT_API_URL names no Prefect server to deploy to; `pitwall up` starts one and deploys."
                )
            deploy(workspace, chosen.cron)
            _plan(workspace, PrefectApi(url))
        except PitwallError as error:
            sys.stderr.write(f"error: {error}\n")
            return error.exit_code
    return 0


def _plan(workspace: Workspace, runs: PrefectApi) -> None:
    now = wall()
    for name in agenda.make_up(workspace, runs, now):
        sys.stdout.write(f"made up for: {name}\n")
    found = agenda.follow(workspace, runs, now)
    sys.stdout.write(f"{len(found.to_come)} runs of the calendar to come, {found.added} new, {found.removed} removed\n")


if __name__ == "__main__":
    sys.exit(main())
