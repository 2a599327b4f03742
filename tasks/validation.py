"""Tasks of validation: bring a model into the registry, then one task per gate, mapped."""

from __future__ import annotations

from functools import lru_cache

from prefect import task
from prefect.cache_policies import NO_CACHE

from pitwall.domain.refs import Candidacy, Verdict
from pitwall.ml.gates import Candidate
from pitwall.workflows import judge
from pitwall.workflows.workspace import Workspace
from tasks._here import workspace

all_gates = judge.all_gates
chosen = judge.chosen


@task(cache_policy=NO_CACHE, task_run_name="register-{name}")
def register(name: str) -> Candidacy:
    """Return who stands for promotion; without a champion the baseline becomes it."""
    return judge.register(workspace(), name)


@task(cache_policy=NO_CACHE, task_run_name="gate-{gate}")
def check(gate: str, candidacy: Candidacy) -> list[Verdict]:
    """Let one gate judge a candidate."""
    return judge.ask(gate, _candidate(workspace(), candidacy))


@lru_cache(maxsize=1)
def _candidate(here: Workspace, candidacy: Candidacy) -> Candidate:
    """Return what all gates look at; read once, as the gates are asked one after the other in one process."""
    return judge.candidate(here, candidacy)
