"""DVC drives the chain: up to date after one run, reruns only what a change touches, and travels by push and pull."""

from __future__ import annotations

import json
import sys

import pytest

from pitwall.testing.worlds.project import TinyProject

pytestmark = pytest.mark.slow

MODEL = "order-pre_race"
FRESH = "Data and pipelines are up to date"


def test_repro_ends_with_a_registered_candidate(tiny_project: TinyProject) -> None:
    program = (
        "from pitwall.domain.project import find_project\nfrom pitwall.workflows.workspace import Workspace\n"
        "from pitwall.domain.refs import folder_hash\n"
        f"p = find_project()\nv = Workspace(p).registry.find('{MODEL}', folder_hash(p.model('{MODEL}') / 'model'))\n"
        "print(v.version, v.tags['git.dirty'])"
    )
    assert tiny_project.run(sys.executable, "-c", program).stdout.split() == ["1", "clean"]


def test_a_second_repro_does_nothing(tiny_project: TinyProject) -> None:
    before = (tiny_project.root / "dvc.lock").read_text()
    assert FRESH in tiny_project.dvc("repro").stdout
    assert (tiny_project.root / "dvc.lock").read_text() == before
    assert tiny_project.run("git", "status", "--porcelain").stdout == ""


@pytest.mark.parametrize(
    ("section", "values", "stale"),
    [
        ("tuning", {"trials": 3}, {f"train@{MODEL}"}),
        ("gates", {"bootstrap_draws": 150}, {f"train@{MODEL}", "evaluate"}),
        ("time", {"race_known_after_h": 4}, {"tables", "features"}),
        ("gates", {"margin": 0.04}, set()),
        ("schedule", {"race_weekend": "0 11 * * 0"}, set()),
    ],
)
def test_a_changed_parameter_makes_only_its_stages_stale(
    tiny_project: TinyProject, section: str, values: dict[str, object], stale: set[str]
) -> None:
    params = tiny_project.root / "params.yaml"
    before = params.read_text()
    try:
        tiny_project.set({section: values})
        assert set(json.loads(tiny_project.dvc("status", "--json").stdout)) == stale
    finally:
        params.write_text(before)


def test_an_experiment_changes_the_report_and_the_run_cache_brings_the_old_one_back(tiny_project: TinyProject) -> None:
    said = tiny_project.dvc("exp", "run", "--set-param", "tuning.trials=3", "--set-param", "seed=8").stdout
    assert "Stage 'frames' didn't change, skipping" in said
    changed = json.loads(tiny_project.dvc("metrics", "diff", "--json").stdout)
    assert f"reports/{MODEL}.json" in changed
    tiny_project.run("git", "checkout", "--quiet", "HEAD", "params.yaml")
    assert "is cached - skipping run" in tiny_project.dvc("repro").stdout
    assert FRESH in tiny_project.dvc("status").stdout


def test_plots_show_seasons_and_calibration(tiny_project: TinyProject) -> None:
    tiny_project.dvc("plots", "show", "--out", "dvc_plots")
    page = (tiny_project.root / "dvc_plots" / "index.html").read_text()
    assert "calibration" in page
    assert "season" in page


def test_a_clone_pulls_everything_and_has_nothing_to_do(
    tiny_project: TinyProject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tiny_project.dvc("push")
    clone = TinyProject(tmp_path_factory.mktemp("clone") / "project")
    tiny_project.run("git", "clone", "--quiet", ".", str(clone.root))
    clone.dvc("remote", "modify", "--local", "local", "url", str(tiny_project.root / ".dvcstore"))
    clone.dvc("pull")
    assert FRESH in clone.dvc("repro").stdout
