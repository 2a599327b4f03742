"""What is in the folder stays: others' files stop it before anything is written, lists are extended, the rest is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.adapters.new_project.lay import lay, plan
from pitwall.domain.errors import UsageError

FILES = {
    "params.yaml": b"seed: 7\n",
    "flows/train.py": b"",
    ".gitignore": b"mlruns/*\ndata/*\n",
    ".dvc/config": b"[core]\n",
}


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_an_empty_or_new_folder_gets_all_files(tmp_path: Path) -> None:
    made = plan(FILES, tmp_path / "new")
    lay(FILES, tmp_path / "new", made)
    assert tree(tmp_path / "new") == FILES
    assert made.kept == made.extended == ()


def test_other_files_in_the_way_are_all_named_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("seed: 8\n")
    (tmp_path / "flows").write_text("a file where a folder would go")
    before = tree(tmp_path)
    with pytest.raises(UsageError, match=r"flows/train\.py, params\.yaml\. Nothing was written"):
        plan(FILES, tmp_path)
    assert tree(tmp_path) == before


def test_what_is_the_same_already_is_kept_and_lists_are_extended(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_bytes(FILES["params.yaml"])
    (tmp_path / "notes.md").write_text("mine")
    (tmp_path / ".gitignore").write_text("*.swp\ndata/*")
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc" / "config").write_text("[core]\n    remote = mine\n")
    made = plan(FILES, tmp_path)
    lay(FILES, tmp_path, made)
    assert (made.written, made.kept, made.extended) == (
        ("flows/train.py",),
        (".dvc/config", "params.yaml"),
        (".gitignore",),
    )
    assert (tmp_path / ".gitignore").read_text() == "*.swp\ndata/*\nmlruns/*\n"
    assert "mine" in (tmp_path / ".dvc" / "config").read_text()
    assert (tmp_path / "notes.md").read_text() == "mine"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(UsageError, match="taken is a file"):
        plan(FILES, tmp_path / "taken" / "below")
