"""Look at the run store as a careful administrator would: is it open to what it should refuse, is anything left behind?"""

from __future__ import annotations

import os
from dataclasses import dataclass

import httpx

from pitwall.adapters.mlflow.move import experiments_of, strangers
from pitwall.adapters.mlflow.store import REACH_SECONDS, database, open_store
from pitwall.adapters.mlflow.tracker import MlflowTracker
from pitwall.domain.project import Project
from pitwall.domain.settings import store_address

PICKLE = "MLFLOW_ALLOW_PICKLE_DESERIALIZATION"
FOREIGN = "pitwall-doctor.example"
OTHERS = 0o077


@dataclass(frozen=True)
class Trouble:
    """Something that is not as it should be, and what to do about it."""

    found: str
    do: str


def troubles(project: Project) -> list[Trouble]:
    """Return what is unsafe or left behind; empty when all is well.

    Raises:
        TrackingError: the store does not answer.
    """
    client = open_store(project)
    address, found = store_address(project), []
    if address.kind != "server":
        found += [
            Trouble(
                f"files of runs lie in {folder / 'mlruns'}, another project's folder or this one's before it was moved",
                "`pitwall move` if it was moved; a run store of its own if it was copied",
            )
            for folder in strangers(project, experiments_of(database(client)))
        ]
    if os.environ.get(PICKLE) != "false":
        found.append(Trouble("models may be pickles, which run whatever they hold", f"unset {PICKLE}"))
    if address.kind == "server" and _answers_to_strangers(address.uri):
        found.append(
            Trouble(
                "the server answers to any host name, so a web page can reach it through your browser",
                "start it with --allowed-hosts (docs/operations.md)",
            )
        )
    if project.settings.is_file() and project.settings.stat().st_mode & OTHERS:
        found.append(Trouble(f"{project.settings.name} is open to other users", f"chmod 600 {project.settings.name}"))
    if orphans := MlflowTracker(project).orphans():
        found.append(
            Trouble(
                f"{len(orphans)} run(s) left open by a process that is gone", "the next `pitwall train` closes them"
            )
        )
    return found


def _answers_to_strangers(uri: str) -> bool:
    question = f"{uri}/api/2.0/mlflow/experiments/search?max_results=1"
    answer = httpx.get(question, headers={"Host": FOREIGN}, timeout=REACH_SECONDS, trust_env=False)
    return answer.status_code != httpx.codes.FORBIDDEN
