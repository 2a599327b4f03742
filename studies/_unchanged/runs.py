"""Make both sides: scratch clones of two commits, the same parameters, the same commands in each."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pitwall.testing.worlds.project import TINY, TinyProject

# The load of the machine must not decide who is promoted: both sides are measured, neither is refused for it.
CALM = {"gates": {"latency_ms": 10_000.0}}
SMALL = {**TINY, "gates": {**TINY["gates"], **CALM["gates"]}}
SHALLOW = (
    "commit {} is not in this clone, so the version before cannot be run; a shallow clone lacks it: "
    "`git fetch --unshallow` (in CI: check out with the whole history)."
)


def has_commit(repository: Path, commit: str) -> bool:
    """Tell whether a repository holds a commit."""
    asked = ["git", "cat-file", "-e", f"{commit}^{{commit}}"]
    return subprocess.run(asked, cwd=repository, capture_output=True, check=False).returncode == 0


def clone(repository: Path, commit: str, root: Path) -> TinyProject:
    """Return a scratch clone of a commit; it borrows the objects of the repository.

    Raises:
        SystemExit: the repository lacks the commit.
    """
    if not has_commit(repository, commit):
        raise SystemExit(SHALLOW.format(commit[:12]))
    project = TinyProject(root)
    clone = ["git", "clone", "--quiet", "--shared", "--no-checkout", str(repository), str(root)]
    subprocess.run(clone, check=True, capture_output=True)
    project.run("git", "checkout", "--quiet", "--detach", commit)
    return project


def job(project: TinyProject, source: str, location: str, seasons: str) -> None:
    """Run what a user runs: the weekend, a backtest, a card, a forecast.

    Args:
        project: a clone.
        source: of results; the embedded world where empty.
        location: of the source's data.
        seasons: of the backtest.
    """
    commands = [
        *([["data", "use", source, *(["--location", location] if location else [])]] if source else []),
        ["run", "race-weekend"],
        ["backtest", "--seasons", seasons, "--json", "reports/bt.json"],
        ["card", "race_winner@champion", "--json", "reports/card.json"],
    ]
    for command in commands:
        print(f"{project.root.name}: pitwall {' '.join(command)}", file=sys.stderr, flush=True)
        project.pitwall(*command)
    next_race = project.pitwall("forecast", "--json", "reports/fc.json", check=False)
    if next_race.returncode:  # no race without results: the weekend has replayed the last one, and stored it
        print(f"{project.root.name}: {next_race.stderr.strip()[-200:]}", file=sys.stderr)
    print(f"{project.root.name}: {project.dvc('status').stdout.strip()}", file=sys.stderr)


def set_params(projects: Iterable[TinyProject], settings: Mapping[str, Mapping[str, Any]]) -> None:
    """Give every side the same small settings and commit them: a dirty tree is not promoted."""
    for project in projects:
        project.set(settings)
        project.commit()


def remove(folder: Path) -> None:
    """Delete a folder of scratch clones."""
    shutil.rmtree(folder, ignore_errors=True)


os.environ.setdefault("OMP_NUM_THREADS", "1")  # both sides alike
