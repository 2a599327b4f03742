"""A patch of the working tree brings a clean clone to the same state, and leaves the repository as it was."""

import subprocess

import pytest

from pitwall.adapters.git_patch import LARGEST, uncommitted


def _git(root, *arguments, said=None):
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@localhost", *arguments]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, input=said).stdout


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "project"
    (root / "src").mkdir(parents=True)
    for name, text in (
        ("src/a.py", "A = 1\n"),
        ("src/gone.py", "G = 1\n"),
        ("params.yaml", "seed: 7\n"),
        ("note", "n\n"),
    ):
        (root / name).write_text(text)
    (root / ".gitignore").write_text("ignored\n")
    _git(root, "init", "-q")
    _git(root, "add", ".")
    _git(root, "commit", "-qm", "first")
    return root


def test_a_clean_tree_has_no_patch(root):
    found = uncommitted(root)
    assert (found.patch, found.untracked) == (b"", ())


def test_the_patch_makes_the_same_tree_elsewhere(root, tmp_path):
    (root / "src" / "a.py").write_text("A = 2\n")
    (root / "note").write_text("changed\n")
    (root / "src" / "gone.py").unlink()
    (root / "src" / "new file.py").write_text("N = 1\n")
    (root / "src" / "bytes.bin").write_bytes(bytes(range(256)))
    (root / "src" / "staged.py").write_text("S = 1\n")
    _git(root, "add", "src/staged.py")
    _git(root, "config", "diff.noprefix", "true")
    found = uncommitted(root)
    assert found.untracked == ("src/bytes.bin", "src/new file.py")
    _git(tmp_path, "clone", "-q", str(root), "clone")
    _git(tmp_path / "clone", "apply", "-", said=found.patch)
    tree = {path.name: path.read_bytes() for path in (root / "src").iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "clone" / "src").iterdir()} == tree
    assert (tmp_path / "clone" / "note").read_text() == "changed\n"


def test_the_repository_stays_as_it_was(root):
    (root / "src" / "new.py").write_text("N = 1\n")
    before = (root / ".git" / "index").read_bytes()
    uncommitted(root)
    assert (root / ".git" / "index").read_bytes() == before
    assert _git(root, "status", "--porcelain") == b"?? src/new.py\n"


def test_what_is_recorded_by_value_is_no_difference_of_code(root):
    (root / "params.yaml").write_text("seed: 8\n")
    (root / "dvc.lock").write_text("schema: '2.0'\n")
    found = uncommitted(root)
    assert (found.patch, found.untracked) == (b"", ())


def test_other_new_files_are_listed_only(root):
    (root / "scratch.txt").write_text("x")
    (root / "ignored").write_text("x")
    (root / "src" / "large.bin").write_bytes(b"x" * (LARGEST + 1))
    (root / "src" / "left.py").write_text("x")
    found = uncommitted(root, leave_out=["src/left.py"])
    assert (found.patch, found.untracked) == (b"", ("scratch.txt", "src/large.bin", "src/left.py"))


def test_a_new_plugin_of_the_project_is_in_the_patch(root):
    (root / "own.py").write_text("GATE = 1\n")
    assert b"own.py" not in uncommitted(root).patch
    (root / "params.yaml").write_text("plugins: [own.py]\n")
    assert b"+GATE = 1" in uncommitted(root).patch


def test_outside_git_it_raises(tmp_path):
    with pytest.raises(subprocess.CalledProcessError):
        uncommitted(tmp_path)
