"""The scratch copy: a commit with its patch, the project's remote by its absolute address, an environment of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.adapters.git import git
from pitwall.adapters.scratch import ScratchProject
from pitwall.domain.errors import NotRepeatable, StageError
from pitwall.domain.project import Project

CONFIG = (
    "[core]\n    remote = local\n['remote \"local\"']\n    url = ../.dvcstore\n['remote \"far\"']\n    url = s3://a/b\n"
)


@pytest.fixture
def origin(tmp_path: Path) -> Project:
    """A repository of two commits, of which the first has the content `one`."""
    root = tmp_path / "origin"
    (root / ".dvc").mkdir(parents=True)
    (root / ".dvc" / "config").write_text(CONFIG)
    (root / ".dvc" / "config.local").write_text("[cache]\n    dir = /elsewhere\n")
    (root / ".gitignore").write_text(".pitwall/\n.dvc/config.local\n")
    git(root, "init", "--quiet")
    for text in ("one", "two"):
        (root / "code.py").write_text(f"{text}\n")
        git(root, "add", "--all")
        git(root, "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "-m", text)
    return Project(root)


@pytest.fixture
def first(origin: Project) -> str:
    return git(origin.root, "rev-parse", "HEAD~1").strip()


def test_a_commit_is_checked_out_and_patched(origin: Project, first: str, tmp_path: Path) -> None:
    (origin.root / "code.py").write_text("three\n")
    patch = tmp_path / "code.patch"
    patch.write_text(git(origin.root, "diff", "HEAD", "--binary"))
    copy = ScratchProject(origin, "x")
    copy.checkout(first)
    assert (copy.project.root / "code.py").read_text() == "one\n"
    copy.checkout("HEAD", patch)
    assert (copy.project.root / "code.py").read_text() == "three\n"
    assert git(origin.root, "status", "--porcelain") == " M code.py\n"
    copy.remove()
    assert not copy.project.root.exists()


def test_two_at_once_do_not_share_a_folder(origin: Project) -> None:
    one, other = ScratchProject(origin, "x"), ScratchProject(origin, "x")
    one.checkout("HEAD")
    with pytest.raises(NotRepeatable, match="another process is at it"):
        other.checkout("HEAD")
    one.remove()
    other.checkout("HEAD")
    assert other.project.root.is_dir()


def test_what_git_refuses_is_named(origin: Project, first: str, tmp_path: Path) -> None:
    copy, patch = ScratchProject(origin, "x"), tmp_path / "code.patch"
    with pytest.raises(NotRepeatable, match="`git checkout` failed:.*1111111"):
        copy.checkout("1" * 40)
    (origin.root / "code.py").write_text("three\n")
    patch.write_text(git(origin.root, "diff", "HEAD"))
    with pytest.raises(NotRepeatable, match="`git apply` failed:.*code.py"):
        copy.checkout(first, patch)


def test_the_remote_keeps_its_address_and_the_cache_is_its_own(origin: Project) -> None:
    copy = ScratchProject(origin, "x")
    copy.checkout("HEAD")
    written = (copy.project.root / ".dvc" / "config.local").read_text()
    assert f"url = {origin.root / '.dvcstore'}" in written
    assert "url = s3://a/b" in written
    assert "/elsewhere" not in written
    assert git(copy.project.root, "status", "--porcelain") == ""


def test_settings_of_who_asks_do_not_reach_the_rerun(origin: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PITWALL_TRACKING_URI", "postgresql://elsewhere")
    monkeypatch.setenv("DVC_STAGE", "train")
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    copy = ScratchProject(origin, "x")
    made = copy._environment({"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": None})
    root = copy.project.root
    assert (made["PITWALL_HOME"], made["OMP_NUM_THREADS"]) == (str(root), "1")
    assert made["PYTHONPATH"].split(":") == [str(root / "src"), str(root)]
    assert not {"PITWALL_TRACKING_URI", "DVC_STAGE", "MKL_NUM_THREADS"} & set(made)


def test_a_model_without_a_stage_of_dvc_is_trained_by_the_clone_s_own_code(origin: Project) -> None:
    package = origin.root / "src" / "pitwall"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    said = "import os, sys\nassert sys.argv[1:] == ['train', 'lap_time-in_race']\n"
    said += "from pathlib import Path\nPath('said').write_text(os.environ['OMP_NUM_THREADS'] + os.environ['PITWALL_HOME'])\n"
    (package / "stages.py").write_text(said)
    git(origin.root, "add", "--all")
    git(origin.root, "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "-m", "stages")
    copy = ScratchProject(origin, "x")
    copy.checkout("HEAD")
    copy.train("lap_time-in_race", {"OMP_NUM_THREADS": "3"})
    assert (copy.project.root / "said").read_text() == f"3{copy.project.root}"
    with pytest.raises(StageError, match="training of other failed in the scratch copy:(.|\n)*AssertionError"):
        copy.train("other", {"OMP_NUM_THREADS": "3"})
