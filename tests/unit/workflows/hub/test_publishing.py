"""A version that was trained is published from one project and taken by another one; what no bundle may hold is not published."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from pitwall.domain.project import Project
from pitwall.testing.trained import NAME, TrainedWorld
from pitwall.workflows.hub import publishing, shelf
from pitwall.workflows.hub.opening.refusal import BundleRefused
from pitwall.workflows.hub.publishing import publish
from pitwall.workflows.hub.receiving import receive
from pitwall.workflows.hub.shelf import preview
from pitwall.workflows.hub.trust import own_key


def test_a_version_goes_from_one_project_to_another(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "trained"
    root.mkdir()
    monkeypatch.setenv("PITWALL_HOME", str(root))
    world = TrainedWorld(root)
    made = publish(world.workspace, f"{NAME}@1", tmp_path / "shared", "fast")
    assert made.name == "fast-1.pitwall.zip"
    assert publish(world.workspace, f"{NAME}@1", tmp_path / "shared", "fast").read_bytes() == made.read_bytes()
    (shared,) = world.workspace.market.shared_by("local")
    assert (shared.name, shared.version, shared.place) == ("fast", 1, str(made))
    assert [each.hash for each in shelf.taken(world.project)] == [shared.bundle]
    key, _ = own_key(world.project, "local")
    taken = receive(project, made, key)
    version = world.registry.get(NAME, 1)
    assert (taken.about.model, taken.about.content, taken.about.run) == (NAME, version.content, version.run_id)
    (winner,) = (each for each in taken.about.scores if each["template"] == "race_winner")
    assert winner["low"] <= winner["value"] <= winner["high"]
    assert winner["gain_low"] <= winner["gain_value"] <= winner["gain_high"]
    seen = preview(taken)
    assert seen.card.startswith(f"# {NAME} version 1")
    assert seen.sample["rows"]
    with zipfile.ZipFile(made) as packed:
        names = set(packed.namelist())
    assert {"model/recipe.json", "manifest/manifest.json", "manifest/params.yaml", "card.md"} <= names
    _refuses_code(world, tmp_path, monkeypatch)


def _refuses_code(world: TrainedWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = json.dumps({"own": {"source": "def f(): ..."}}).encode()
    monkeypatch.setattr(publishing, "_spec", lambda _: [("spec/spec.json", order)])
    with pytest.raises(BundleRefused, match="code"):
        publish(world.workspace, f"{NAME}@1", tmp_path / "shared", "other")
    assert not (tmp_path / "shared" / "other-1.pitwall.zip").exists()
