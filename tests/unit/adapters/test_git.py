"""The commit and the uncommitted paths are recorded; what is recorded by value elsewhere never makes a run dirty."""

import subprocess

import pytest

from pitwall.adapters import git as adapter
from pitwall.adapters.git import code_state, provenance
from pitwall.adapters.installation.package import InstalledPackage
from pitwall.domain.project import Project
from pitwall.tracking.sections.code import code


def _git(root, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments], cwd=root, check=True, capture_output=True
    )


@pytest.fixture
def root(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("A = 1\n")
    (tmp_path / "params.yaml").write_text("seed: 7\n")
    (tmp_path / "requirements.lock").write_text("pandas==2.3.3\n")
    _git(tmp_path, "init", "-q", "-b", "trunk")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-qm", "first")
    return tmp_path


def test_a_committed_tree_is_clean(root):
    state = code_state(root)
    assert (state.branch, state.dirty, state.summary, len(state.commit)) == ("trunk", (), "clean", 40)


def test_changed_and_new_code_is_dirty_but_parameters_and_data_are_not(root):
    (root / "params.yaml").write_text("seed: 8\n")
    (root / "dvc.lock").write_text("schema: '2.0'\n")
    assert code_state(root).summary == "clean"
    (root / "src" / "a.py").write_text("A = 2\n")
    (root / "flows").mkdir()
    (root / "flows" / "new.py").write_text("")
    (root / "requirements.lock").unlink()
    assert code_state(root).dirty == ("flows/new.py", "requirements.lock", "src/a.py")


def test_outside_git_the_code_is_unknown_and_says_why(tmp_path):
    state = code_state(tmp_path)
    assert (state.commit, state.summary) == ("unknown", "unknown: not a git repository")


def test_a_repository_without_a_commit_is_unknown(tmp_path):
    _git(tmp_path, "init", "-q")
    assert code_state(tmp_path).summary == "unknown: no commit yet"


def test_provenance_names_versions_and_data_but_no_machine(root, monkeypatch):
    import platform

    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    tags = provenance(Project(root), stale=["frames"])
    assert tags["git.dirty"] == "clean"
    assert tags["data.stale"] == "frames"
    assert tags["env.OMP_NUM_THREADS"] == "1"
    assert tags["dvc_lock.md5"] == "absent"
    assert tags["version.pandas"].startswith("2.3")
    assert not [value for value in tags.values() if platform.node() in value or str(root) in value]


def test_a_plugin_of_the_project_is_code_wherever_it_lies_and_even_if_git_was_told_to_ignore_it(root):
    for name in ("own/kept.py", "own/hidden.py"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("GATE = 1\n")
    (root / "params.yaml").write_text("plugins: [own/kept.py, own/hidden.py]\n")
    (root / ".gitignore").write_text("own/hidden.py\n")
    _git(root, "add", ".")
    _git(root, "commit", "-qm", "plug-ins")
    assert code_state(root).dirty == ("own/hidden.py",)
    (root / "own" / "kept.py").write_text("GATE = 2\n")
    assert code_state(root).dirty == ("own/hidden.py", "own/kept.py")
    (root / "own" / "kept.py").unlink()
    assert "own/kept.py, and there is no such Python file" in code_state(root).summary


def by_installed_code(root, monkeypatch, package):
    """Make a project of the wheel of a repository, and install a package for it."""
    (root / "dvc.yaml").write_text("stages: {a: {params: [{.pitwall/code.json: [folders.ml]}]}}\n")
    _git(root, "add", ".")
    _git(root, "commit", "-qm", "dvc.yaml")
    monkeypatch.setattr(adapter, "installed_package", lambda: package)


def test_in_a_project_of_the_wheel_edited_files_of_the_package_are_dirty(root, monkeypatch):
    package = InstalledPackage("pitwall-ml", "1.0", "ab" * 32, ("pitwall/ml/a.py",))
    by_installed_code(root, monkeypatch, package)
    (root / "src" / "a.py").write_text("A = 2\n")
    assert code_state(root).dirty == ("src/a.py", "pitwall/ml/a.py")
    tags = provenance(Project(root))
    assert (tags["git.dirty"], tags["code.package"]) == ("src/a.py, pitwall/ml/a.py", "pitwall-ml 1.0")
    section, files = code(root)
    facts = {"name": "pitwall-ml", "version": "1.0", "sha256": "ab" * 32, "changed": ["pitwall/ml/a.py"]}
    assert section["package"] == facts
    assert list(files) == ["code.patch"]


def test_in_a_project_of_the_wheel_a_package_as_released_is_clean(root, monkeypatch):
    by_installed_code(root, monkeypatch, InstalledPackage("pitwall-ml", "1.0", "ab" * 32))
    assert code_state(root).summary == "clean"
    assert code(root)[0]["package"]["changed"] == []


def test_in_a_project_of_the_wheel_a_checkout_is_unknown_code(root, monkeypatch):
    by_installed_code(root, monkeypatch, InstalledPackage("pitwall-ml", "1.0", "ab" * 32, reason="no RECORD"))
    assert code_state(root).summary == "unknown: no RECORD"
    section, _ = code(root)
    assert (section["commit"], section["package"]["changed"]) == ("unknown: no RECORD", "unknown: no RECORD")


def test_a_checkout_names_no_package(root):
    assert "package" not in code(root)[0]
    assert "code.package" not in provenance(Project(root))
