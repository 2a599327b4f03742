"""The wheel alone, in a fresh environment: a project is made, runs the main job, forecasts; its code is the installed package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pitwall.testing.worlds.project import TINY, TinyProject
from pitwall.testing.worlds.wheel import FreshEnvironment, build_wheel, fresh_environment

pytestmark = [pytest.mark.slow, pytest.mark.release]

REPO = Path(__file__).resolve().parents[2]
RUN = "order-pre_race/1"
ASK = (
    "import json\nfrom pitwall.workflows.workspace import Workspace\n"
    "with Workspace() as workspace:\n    print(json.dumps(workspace.provenance()))"
)


@dataclass(frozen=True)
class House:
    """A project that the wheel made, and the environment that the wheel is in."""

    environment: FreshEnvironment
    wheel: Path
    root: Path

    def python(self, *arguments: str, check: bool = True) -> Any:
        return self.environment.run(self.root, "python", *arguments, check=check)

    def pitwall(self, *arguments: str, check: bool = True) -> Any:
        return self.environment.run(self.root, "pitwall", *arguments, check=check)

    def reproduce(self, wheels: Path) -> Any:
        """Repeat the run with a folder of wheels as the only index."""
        index = ("env", "PIP_NO_INDEX=1", f"PIP_FIND_LINKS={wheels}")
        return self.environment.run(self.root, *index, "pitwall", "reproduce", RUN, check=False)

    def stale(self) -> list[str]:
        return sorted(json.loads(self.python("-m", "dvc", "status", "--json").stdout))

    def provenance(self) -> dict[str, str]:
        return dict(json.loads(self.python("-c", ASK).stdout))

    def commit(self) -> None:
        self.environment.run(self.root, "git", "commit", "--quiet", "--all", "--message", "state")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The project after the main job with tiny settings, everything committed."""
    folder = tmp_path_factory.mktemp("wheel")
    wheel = build_wheel(REPO, folder / "build")
    environment = fresh_environment(folder / "home")
    environment.install(wheel)
    environment.run(folder, "pitwall", "init", "project")
    made = House(environment, wheel, folder / "project")
    TinyProject(made.root).set(TINY)
    made.commit()
    made.pitwall("run", "race-weekend")
    made.commit()
    return made


def test_the_environment_runs_the_wheel_and_no_checkout(house: House) -> None:
    asked = (
        "import pitwall, flows.train, tasks.data; print(pitwall.__file__, flows.train.__file__, tasks.data.__file__)"
    )
    found = [Path(each) for each in house.python("-c", asked).stdout.split()]
    assert found == [
        house.environment.package / "__init__.py",
        house.root / "flows" / "train.py",
        house.root / "tasks" / "data.py",
    ]


def test_the_project_holds_the_repositorys_files_and_no_source(house: House) -> None:
    for name in ("flows", "tasks", "feature_repo"):
        ours = {path.name: path.read_bytes() for path in (REPO / name).glob("*.*") if path.is_file()}
        assert {path.name: path.read_bytes() for path in (house.root / name).glob("*.*") if path.is_file()} == ours
    assert not (house.root / "src").exists()
    assert "src/pitwall" not in (house.root / "dvc.yaml").read_text()


def test_the_main_job_ends_in_a_forecast_of_a_clean_run_and_nothing_is_left_to_do(house: House) -> None:
    stored = list((house.root / "reports" / "forecasts").glob("*.json"))
    assert len(stored) == 1
    assert json.loads(stored[0].read_text())["model"] == "order-pre_race"
    assert house.stale() == []
    layers = json.loads(house.pitwall("doctor", "--json", "-").stdout)["layers"]
    amiss = {layer["layer"]: layer["state"] for layer in layers if layer["state"] not in ("ok", "not built")}
    assert amiss == {"orchestration": "off", "drift": "empty"}  # nothing has watched yet
    code = json.loads(house.pitwall("exp", "show", RUN, "--json", "-").stdout)["code"]
    assert (code["package"]["name"], code["package"]["version"]) == ("pitwall-ml", "0.1.0")
    assert (code["dirty"], code["package"]["changed"]) == ([], [])


def test_an_edited_file_makes_runs_dirty_and_the_stages_that_read_it_stale(house: House) -> None:
    edited = house.environment.package / "ml" / "templates" / "podium.py"
    before = edited.read_bytes()
    edited.write_bytes(before + b"\n# edited\n")
    try:
        refused = house.python("-m", "pitwall.stages", "evaluate", check=False)
        assert (refused.returncode, "differ in: ml/templates." in refused.stderr) == (1, True)
        tags = house.provenance()  # asks DVC, and so writes code.json anew
        assert tags["git.dirty"] == "pitwall/ml/templates/podium.py"
        assert tags["code.package"] == "pitwall-ml 0.1.0"
        assert house.stale() == ["evaluate", "train@order-pre_race"]
    finally:
        edited.write_bytes(before)
    assert (house.provenance()["git.dirty"], house.stale()) == ("clean", [])


def test_a_run_of_another_version_is_repeated_by_that_version_or_refused(house: House, tmp_path: Path) -> None:
    newer = build_wheel(REPO, tmp_path / "newer", version="0.1.1")
    house.environment.install(newer)
    try:
        refused = house.reproduce(newer.parent)
        assert refused.returncode == 1
        assert "needs pitwall-ml 0.1.0, and pitwall-ml 0.1.1 is installed" in refused.stderr
        done = house.reproduce(house.wheel.parent)
        assert "package: pitwall-ml 0.1.0, installed into the scratch copy" in done.stderr
        assert done.stdout.rstrip().endswith("bit-equal")
        assert "What differed" not in done.stdout
    finally:
        house.environment.install(house.wheel)
