"""Flow runs of the project's work pool, on a Prefect server: read, planned, removed, and closed where their process is gone.

A run is planned by a key: planning it again is no second run. The server is one of this machine and its database SQLite, which
answers 503 while it is busy with another writer; then it is asked again.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from pitwall.domain.errors import StageError

POOL = "pitwall"
DEPLOYMENTS = {
    "race_weekend": "race-weekend",
    "forecast_weekend": "forecast-weekend",
    "monitor": "monitor",
}  # flow: its deployment; those that the calendar plans
# Likewise, of flows that people start and no calendar does
ORDERED = {"order": "order", "deploy": "deploy", "judge": "judge", "verify": "verify"}
SCHEDULED, OPEN, ENDED = ("SCHEDULED",), ("PENDING", "RUNNING", "CANCELLING"), ("COMPLETED", "FAILED", "CRASHED")
CALENDAR = "calendar"  # the tag of runs that are planned here
PAGE = 200  # the most that the server gives at once
BUSY_S = 30.0


@dataclass(frozen=True)
class FlowRun:
    """A flow run as the server has it.

    Attributes:
        flow: the name of its flow.
        key: by which it was planned here; empty for any other.
        due: when it was to begin.
        began: when it did, if it did.
        ended: when it ended, if it did.
        weekly: whether the server planned it by the weekly line.
    """

    id: str
    name: str
    flow: str
    key: str
    state: str
    due: datetime
    began: datetime | None
    ended: datetime | None
    weekly: bool


@dataclass(frozen=True)
class Step:
    """A task of a run: its name, its state, when it began and how long it has taken or took, in seconds."""

    name: str
    state: str
    began: datetime | None
    seconds: float


@dataclass(frozen=True)
class Progress:
    """A run with what its state says in words, what it was started with, and its tasks in the order of their start."""

    run: FlowRun
    message: str
    parameters: dict[str, Any]
    steps: tuple[Step, ...]


class PrefectApi:
    """A Prefect server.

    Args:
        url: of its API, such as http://127.0.0.1:4200/api.
    """

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def deployments(self) -> dict[str, str]:
        """Return the ids of the project's deployments by flow; empty where nothing is deployed on this server."""
        found = self._ask("deployments/filter", {"work_pools": {"name": {"any_": [POOL]}}})
        ids = {each["name"]: str(each["id"]) for each in found}
        return {flow: ids[name] for flow, name in {**DEPLOYMENTS, **ORDERED}.items() if name in ids}

    def runs(
        self,
        states: Sequence[str],
        sort: str = "EXPECTED_START_TIME_ASC",
        most: int | None = None,
        of: Collection[str] = tuple(DEPLOYMENTS),
    ) -> list[FlowRun]:
        """Return the runs of the deployments that are in one of some states.

        Args:
            states: e.g. `OPEN`.
            sort: as Prefect names it.
            most: how many at most; all of them when None.
            of: flows; those of the calendar.
        """
        flows = {number: flow for flow, number in self.deployments().items() if flow in of}
        if not flows:
            return []
        chosen = {
            "deployments": {"id": {"any_": list(flows)}},
            "flow_runs": {"state": {"type": {"any_": list(states)}}},
            "sort": sort,
        }
        return [_run(row, flows[row["deployment_id"]]) for row in self._pages("flow_runs/filter", chosen, most)]

    def plan(self, flow: str, name: str, at: datetime, key: str, note: str = "") -> None:
        """Let a flow begin at an instant; a key that is there already plans nothing."""
        details = {"scheduled_time": at.isoformat()}
        state = {"type": "SCHEDULED", "message": note or None, "state_details": details}
        body = {"name": name, "idempotency_key": key, "tags": [CALENDAR], "state": state}
        self._call("POST", f"deployments/{self.deployments()[flow]}/create_flow_run", body)

    def start(self, flow: str, parameters: Mapping[str, Any], name: str, key: str) -> str:
        """Let a flow begin as soon as a worker is free, and return the run's id; a key that is there already gives its run.

        Args:
            flow: by its name.
            parameters: of the flow, as JSON values.
            name: of the run.
            key: what makes it one run however often it is asked for.

        Raises:
            StageError: the flow is not deployed here.
        """
        number = self.deployments().get(flow)
        if number is None:
            raise StageError(f"the flow {flow} is not deployed on this Prefect server; `pitwall up` deploys it.")
        body = {"name": name, "idempotency_key": key, "parameters": dict(parameters), "state": {"type": "SCHEDULED"}}
        return str(self._call("POST", f"deployments/{number}/create_flow_run", body).json()["id"])

    def run(self, number: str) -> Progress | None:
        """Return how a run stands; None where the server knows none of this id."""
        found = self._ask("flow_runs/filter", {"flow_runs": {"id": {"any_": [number]}}})
        if not found:
            return None
        steps = self._ask(
            "task_runs/filter", {"flow_runs": {"id": {"any_": [number]}}, "sort": "EXPECTED_START_TIME_ASC"}
        )
        flows = {each: flow for flow, each in self.deployments().items()}
        told = found[0]["state"] or {}
        return Progress(
            run=_run(found[0], flows.get(found[0]["deployment_id"], "")),
            message=str(told.get("message") or ""),
            parameters=dict(found[0]["parameters"]),
            steps=tuple(_step(row) for row in sorted(steps, key=lambda row: row["start_time"] or "9")),
        )

    def started_as(self, key: str) -> str | None:
        """Return the id of the run that was started by a key; None where there is none."""
        found = self._ask("flow_runs/filter", {"flow_runs": {"idempotency_key": {"any_": [key]}}})
        return str(found[0]["id"]) if found else None

    def log_lines(self, number: str, most: int) -> list[str]:
        """Return the last lines that a run has logged, the oldest of them first."""
        wanted = {"logs": {"flow_run_id": {"any_": [number]}}, "sort": "TIMESTAMP_DESC", "limit": most}
        return [str(row["message"]) for row in reversed(self._ask("logs/filter", wanted))]

    def cancelling(self, number: str, why: str) -> None:
        """Say of a run that it is being cancelled."""
        state = {"type": "CANCELLING", "message": why}
        self._call("POST", f"flow_runs/{number}/set_state", {"force": True, "state": state})

    def remove(self, run: FlowRun) -> None:
        """Forget a run that has not begun."""
        self._call("DELETE", f"flow_runs/{run.id}")

    def close(self, run: FlowRun, state: str, why: str) -> None:
        """Put a run into the state `CANCELLED` or `CRASHED`, and say why."""
        self._call("POST", f"flow_runs/{run.id}/set_state", {"force": True, "state": {"type": state, "message": why}})

    def _pages(self, path: str, body: dict[str, Any], most: int | None) -> Iterator[dict[str, Any]]:
        given = 0
        while most is None or given < most:
            limit = PAGE if most is None else min(PAGE, most - given)
            page = self._ask(path, {**body, "limit": limit, "offset": given})
            yield from page
            given += len(page)
            if len(page) < limit:
                return

    def _ask(self, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call("POST", path, body).json()
        return found

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        deadline = time.monotonic() + BUSY_S
        try:
            while True:
                answer = self._http.request(method, path, json=body)
                if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                    return answer.raise_for_status()
                time.sleep(0.5)
        except httpx.HTTPError as error:
            raise StageError(
                f"the Prefect server at {self._http.base_url} did not do what it was asked: {error}."
            ) from error


def _run(row: dict[str, Any], flow: str) -> FlowRun:
    return FlowRun(
        id=row["id"],
        name=row["name"],
        flow=flow,
        key=row["idempotency_key"] if CALENDAR in row["tags"] else "",
        state=row["state_type"],
        due=datetime.fromisoformat(row["expected_start_time"]),
        began=_instant(row["start_time"]),
        ended=_instant(row["end_time"]),
        weekly=row["auto_scheduled"],
    )


def _step(row: dict[str, Any]) -> Step:
    took = float(row["total_run_time"] or row["estimated_run_time"] or 0.0)
    return Step(row["name"], row["state_type"] or "", _instant(row["start_time"]), took)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
