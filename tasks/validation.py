"""Tasks of validation: bring a model into the registry, then one task per gate, mapped."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from pitwall import wiring
from pitwall.domain.project import Project, find_project
from pitwall.domain.refs import Candidacy, Verdict
from pitwall.ml.gates import Candidate, gates, run_gate
from tasks.training import job


def all_gates() -> list[str]:
    """Return the names of all gates; there is no way to leave one out."""
    return list(gates())


@task(cache_policy=NO_CACHE, task_run_name="register-{name}")
def register(name: str) -> Candidacy:
    """Return the registered versions of a trained model and its baseline; without a champion the baseline becomes it.

    A version that has no card yet, because DVC restored it from its cache, gets it here.
    """
    from pitwall.ml.cards.build import ensure, stores_of
    from pitwall.ml.registry.promotion import enthrone_baseline
    from pitwall.ml.training.registration import sync

    project = find_project()
    registry = wiring.registry(project)
    # What DVC calls fresh is what the present commit makes, whatever was uncommitted when it was trained; of a model that it does
    # not train it cannot say so.
    fresh = job(name).listed and not wiring.data_versions(project).stale([f"train@{name}"])
    versions = sync(job(name), wiring.tracker(project), registry, wiring.provenance(project), fresh=fresh)
    champion = enthrone_baseline(registry, wiring.history(project), versions["baseline"])
    for version in (versions["baseline"], versions["model"]):
        ensure(job(name), stores_of(project), version)
    return Candidacy(name, versions["model"].version, versions["baseline"].version, champion.version)


@task(cache_policy=NO_CACHE, task_run_name="gate-{gate}")
def check(gate: str, candidacy: Candidacy) -> list[Verdict]:
    """Let one gate judge a candidate."""
    return run_gate(gates()[gate], _candidate(find_project().root, candidacy))


@lru_cache(maxsize=1)
def _candidate(root: Path, candidacy: Candidacy) -> Candidate:
    """Return what all gates look at; read once, as the gates are asked one after the other in one process."""
    from pitwall.ml.cards.artifacts import card_text
    from pitwall.ml.gates._candidates import load_candidate

    project = Project(root)
    registry = wiring.registry(project)
    version = registry.get(candidacy.model, candidacy.version)
    return load_candidate(job(candidacy.model), registry, version, card_text(wiring.runs(project), version))
