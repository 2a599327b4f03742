"""A project is made with repositories where there are none, in those that are there, and with a commit where git knows who makes it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pitwall.adapters.git import git
from pitwall.adapters.new_project import make_project
from pitwall.domain.errors import UsageError

pytestmark = pytest.mark.slow

IDENTITY = "[user]\n\tname = t\n\temail = t@localhost\n"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    folder = tmp_path / "template"
    for name, text in {
        "dvc.yaml": "stages:\n  a:\n    cmd: echo\n    deps:\n      - src/pitwall/domain\n",
        "params.yaml": "seed: 7\n",
        "flows/__init__.py": "",
        ".gitignore": ".pitwall/\n.dvcstore/\n",
        ".dvc/config": "[core]\n    remote = local\n['remote \"local\"']\n    url = ../.dvcstore\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user of whom git knows nothing yet."""
    made = tmp_path / "home"
    made.mkdir()
    monkeypatch.setenv("HOME", str(made))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(made))
    return made


def test_a_new_folder_becomes_a_committed_project(tmp_path: Path, template: Path, home: Path) -> None:
    (home / ".gitconfig").write_text(IDENTITY)
    made = make_project(tmp_path / "new", template)
    assert (made.git_made, made.dvc_made, made.why_no_commit) == (True, True, "")
    root = made.root
    assert git(root, "rev-parse", "HEAD").strip() == made.commit
    assert git(root, "status", "--porcelain") == ""
    listed = git(root, "ls-files").split()
    assert {"dvc.yaml", ".dvc/config", ".dvc/.gitignore", "flows/__init__.py", "requirements.lock"} <= set(listed)
    assert (root / ".pitwall" / "code.json").is_file()
    assert not [name for name in listed if name.startswith(".pitwall")]


def test_without_an_identity_everything_but_the_commit_is_made(tmp_path: Path, template: Path) -> None:
    made = make_project(tmp_path / "new", template)
    assert (made.commit, made.why_no_commit) == ("", "git has no name and address for you")
    assert (made.root / "dvc.yaml").is_file()


def test_repositories_that_are_there_stay_and_only_our_files_are_committed(
    tmp_path: Path, template: Path, home: Path
) -> None:
    (home / ".gitconfig").write_text(IDENTITY)
    root = tmp_path / "mine"
    root.mkdir()
    git(root, "init", "--quiet")
    for name in ("notes.md", "staged.md"):
        (root / name).write_text("mine")
    git(root, "add", "staged.md")
    subprocess.run(["python", "-m", "dvc", "init", "--quiet"], cwd=root, check=True)
    made = make_project(root, template)
    assert (made.git_made, made.dvc_made, made.remote_given) == (False, False, True)
    assert ".dvcstore" in (root / ".dvc" / "config").read_text()
    left = git(root, "status", "--porcelain").splitlines()
    assert {"A  staged.md", "?? notes.md"} <= set(left)
    assert "staged.md" not in git(root, "ls-tree", "-r", "--name-only", "HEAD").split()


def test_a_folder_inside_another_repository_is_refused_untouched(tmp_path: Path, template: Path) -> None:
    git(tmp_path, "init", "--quiet")
    with pytest.raises(UsageError, match=r"inside the git repository .*git init"):
        make_project(tmp_path / "inside", template)
    assert not (tmp_path / "inside").exists()


def test_a_second_time_names_what_was_edited_since(tmp_path: Path, template: Path) -> None:
    root = make_project(tmp_path / "new", template).root
    assert make_project(root, template).files.written == ()
    (root / "params.yaml").write_text("seed: 8\n")
    with pytest.raises(UsageError, match=r"params\.yaml\. Nothing was written"):
        make_project(root, template)
    assert (root / "params.yaml").read_text() == "seed: 8\n"
