"""The project root is found from the environment or upwards, and said clearly when it is not there."""

from pathlib import Path

import pytest

from pitwall.domain.errors import ProjectNotFound
from pitwall.domain.project import find_project


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("PITWALL_HOME", raising=False)
    (tmp_path / "dvc.yaml").touch()
    (tmp_path / "params.yaml").touch()
    return tmp_path


def test_found_from_a_folder_below(root: Path) -> None:
    below = root / "notebooks" / "mine"
    below.mkdir(parents=True)
    assert find_project(below).root == root


def test_the_environment_wins(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PITWALL_HOME", str(root))
    assert find_project(Path("/")).root == root


def test_outside_a_project_it_says_what_is_missing(root: Path) -> None:
    (root / "params.yaml").unlink()
    with pytest.raises(ProjectNotFound, match=r"dvc\.yaml and params\.yaml"):
        find_project(root)


def test_a_wrong_home_is_not_searched_upwards(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = root / "below"
    below.mkdir()
    monkeypatch.setenv("PITWALL_HOME", str(below))
    with pytest.raises(ProjectNotFound, match="PITWALL_HOME"):
        find_project()
