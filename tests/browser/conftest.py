"""One project that has been played with, its pages on a real server, and a real browser in front of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from pitwall.adapters.processes.child import stop
from pitwall.adapters.processes.prefect_server import free_port, wait_until_healthy
from pitwall.domain.project import Project
from pitwall.sources.synthetic import SyntheticSettings, fetch
from pitwall.testing import browser as tools
from pitwall.testing.bundles.brought import brought
from pitwall.testing.live.watched import watched
from pitwall.testing.worlds.project import TinyProject, make_project
from pitwall.workflows.live.published import Publisher

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
HOSTILE = "<img src=x onerror=document.title='hit'>"
MODELS = {
    "models": {
        "order": {"estimator": "conditional_logit", "first_season": 1998, "stages": ["pre_race", "pre_weekend"]},
        "dnf": {"estimator": "logistic", "first_season": 1998, "stages": ["pre_race"]},
    }
}
WORLD = SyntheticSettings(seasons=4, teams=4, races=6, laps_seasons=0)
BROUGHT = {"drivers": "surname", "constructors": "name", "races": "name", "circuits": "name"}
# What a person may call a run
PLAY = f"""
import pitwall as pw

tracker = pw.ExperimentTracker("by-hand")
tracker.start_run({HOSTILE!r})
tracker.log_params({{"rate": 0.1}})
tracker.log_metrics({{"accuracy": 0.5}})
tracker.end_run()
"""


@pytest.fixture(scope="session")
def rules() -> Path:
    """The folder with the rules of accessibility; tests are left out where something is missing, but never in CI."""
    if lacks := tools.missing(HERE):
        pytest.skip(lacks)
    return HERE


@pytest.fixture(scope="session")
def played(rules: Path, tmp_path_factory: pytest.TempPathFactory) -> TinyProject:
    """A tiny project after the main job, whose names are hostile."""
    folder = tmp_path_factory.mktemp("played")
    project = make_project(CHECKOUT, folder / "project")
    project.set({**MODELS, "sources": {"ergast": {"location": str(hostile_dump(folder / "dump"))}}})
    project.commit()
    project.pitwall("run", "race-weekend")
    project.run(sys.executable, "-c", PLAY)
    project.pitwall("monitor")
    follow(Project(project.root))
    (folder / "bundles").mkdir()
    brought(Project(project.root), folder / "bundles", HOSTILE)
    return project


def follow(project: Project) -> None:
    """Leave behind what a watcher says of a race, with hostile names too."""
    with Publisher(project, "2023-12", source="replay", every="per_lap") as out:
        for answer in watched("2023-12", laps=9):
            cars = tuple(replace(car, driver=f"{car.driver}{HOSTILE}", team=HOSTILE) for car in answer.cars)
            out.say(replace(answer, cars=cars, notes=(HOSTILE,)))


def hostile_dump(folder: Path) -> Path:
    """Return the files of a small world in which every name of a driver, a team, a race and a circuit is markup with a script."""
    folder.mkdir()
    fetch(None, WORLD, folder)
    for file, column in BROUGHT.items():
        path = folder / f"{file}.csv"
        rows = pd.read_csv(path, dtype="string")
        rows[column] = [f"{name}{HOSTILE}" for name in rows[column]]
        rows.to_csv(path, index=False)
    return folder


@pytest.fixture(scope="session")
def origin(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of the pages of the project; `PITWALL_PAGES` names a server that runs already, to look at its pages."""
    if running := os.environ.get("PITWALL_PAGES"):
        yield running
        return
    played: TinyProject = request.getfixturevalue("played")
    port = free_port(8100)
    log = played.root / "pages.log"
    with log.open("wb") as stream:
        command = [sys.executable, "-m", "pitwall.web", "--port", str(port)]
        server = subprocess.Popen(
            command, cwd=played.root, env=played.env, stdout=stream, stderr=stream, start_new_session=True
        )
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}/health", server, log, "pages")
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(server)


@pytest.fixture(scope="session")
def chromium(rules: Path) -> Iterator[object]:
    """A browser for all tests."""
    with tools.chromium() as started:
        yield started
