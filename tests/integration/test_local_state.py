"""The local state of a project that has been through the whole chain: every entry is known, and it comes back from an archive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pitwall.adapters.accounts.store import SqlAccounts
from pitwall.adapters.backup.restoring import restore
from pitwall.domain.project import Project
from pitwall.domain.records.local_state import entry, is_kept
from pitwall.testing.worlds.project import TinyProject

pytestmark = pytest.mark.slow


def test_every_entry_of_a_real_project_is_known_and_what_is_kept_comes_back(
    tiny_project: TinyProject, tmp_path: Path
) -> None:
    tiny_project.pitwall("token", "create", "ada")
    state = tiny_project.root / ".pitwall"
    assert {each.name: entry(each.name) for each in state.iterdir() if entry(each.name) is None} == {}
    archive = tmp_path / "state.tar.gz"
    made = json.loads(tiny_project.pitwall("backup", str(archive), "--json", "-").stdout)
    held = {path.relative_to(state).as_posix() for path in state.rglob("*") if path.is_file()}
    assert set(made["files"]) == {path for path in held if is_kept(path)}
    assert "pitwall.db" in made["files"]
    assert made["unknown"] == made["skipped"] == []

    other = Project(tmp_path / "other")
    other.root.mkdir()
    restore(other, archive, force=False)
    for path in set(made["files"]) - {"pitwall.db"}:
        assert (other.state / path).read_bytes() == (state / path).read_bytes()
    assert [each.owner for each in SqlAccounts(other).tokens()] == ["ada"]
