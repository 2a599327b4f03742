"""The template's dvc.yaml depends on installed code just where the checkout's depends on source; its lock is what is installed."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from pitwall.adapters.installation.package import file_hashes, folder_hashes
from pitwall.adapters.new_project.freeze import frozen
from pitwall.adapters.new_project.template import by_installed_code, wheel_template
from pitwall.domain.errors import UsageError
from pitwall.domain.project import CODE, Project

REPO = Path(__file__).resolve().parents[4]
TEXT = (REPO / "dvc.yaml").read_text()


def stages(text: str) -> dict[str, dict[str, list]]:
    return {name: stage.get("do", stage) for name, stage in yaml.safe_load(text)["stages"].items()}


def hashes(stage: dict[str, list]) -> list[str]:
    return [key for each in stage["params"] if isinstance(each, dict) for key in each[CODE]]


def test_each_folder_of_source_becomes_its_hash_and_nothing_else_changes() -> None:
    before, after = stages(TEXT), stages(by_installed_code(TEXT))
    for name, stage in before.items():
        own = [dep.removeprefix("src/pitwall/") for dep in stage["deps"] if dep.startswith("src/")]
        assert hashes(after[name]) == [f"folders.{dep}" for dep in own]
        assert after[name].get("deps", []) == [dep for dep in stage["deps"] if not dep.startswith("src/")]
        assert [each for each in after[name]["params"] if isinstance(each, str)] == stage["params"]
        assert {**after[name], "deps": 0, "params": 0} == {**stage, "deps": 0, "params": 0}


def test_code_json_has_every_hash_that_a_stage_asks_for() -> None:
    known = folder_hashes(file_hashes(REPO / "src" / "pitwall"))
    asked = {
        key.removeprefix("folders.") for stage in stages(by_installed_code(TEXT)).values() for key in hashes(stage)
    }
    assert asked
    assert asked <= known.keys()


def test_only_a_project_from_the_wheel_runs_installed_code(tmp_path: Path) -> None:
    assert not Project(REPO).runs_installed_code
    (tmp_path / "dvc.yaml").write_text(by_installed_code(TEXT))
    assert Project(tmp_path).runs_installed_code


def test_comments_stay() -> None:
    made = by_installed_code(TEXT).splitlines()
    assert [line for line in TEXT.splitlines() if line.lstrip().startswith("#")] == [
        line for line in made if line.lstrip().startswith("#")
    ]


def test_the_lock_holds_what_the_package_leads_to() -> None:
    lines = frozen().splitlines()
    pinned = dict(line.split("==") for line in lines[1:])
    assert pinned["pandas"] == version("pandas")
    assert "duckdb" in pinned  # by the extra feast[duckdb]
    assert "pitwall-ml" in pinned
    assert "ruff" not in pinned
    assert list(pinned) == sorted(pinned)


def test_a_checkout_is_told_to_build_the_wheel() -> None:
    with pytest.raises(UsageError, match="uv build --wheel"):
        wheel_template()
