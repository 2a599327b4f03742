"""Can the result be made again? Not if the code or the data had changes that no commit and no dvc.lock names."""

from __future__ import annotations

from dataclasses import replace

from pitwall.domain.refs import Verdict
from pitwall.ml.gates._gate import Candidate, Gate

NAME = "clean_tree"
CLEAN = "clean"
WHAT_TO_DO = {
    "git.dirty": ("uncommitted code", "commit it and train again"),
    "data.stale": ("data stages that are not up to date", "run `dvc repro frames` and train again"),
}


def _check(candidate: Candidate) -> list[Verdict]:
    states = {key: candidate.provenance.get(key, "unknown: not recorded") for key in WHAT_TO_DO}
    faults = [f"{WHAT_TO_DO[key][0]}: {state}; {WHAT_TO_DO[key][1]}" for key, state in states.items() if state != CLEAN]
    package = candidate.provenance.get("code.package", "")  # of a project made from the wheel
    if package and states["git.dirty"] != CLEAN:
        faults[0] += f" (where a file of the installed {package} was edited: install it anew)"
    commit = candidate.provenance.get("git.commit", "unknown")[:10]
    released = f", {package} as released" if package else ""
    reason = "; ".join(faults) or f"commit {commit}{released}, data up to date"
    return [Verdict(NAME, not faults, float(len(faults)), 0.0, "faults", reason)]


def _dirty(good: Candidate) -> Candidate:
    return replace(good, provenance={**good.provenance, "git.dirty": "src/pitwall/ml/models/machinery/fitted.py"})


GATE = Gate(NAME, "Made from committed code and up-to-date data", _check, _dirty)
