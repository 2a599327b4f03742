"""After the four steps a model is trained again: what came out is the bundle's badge, kept and shown wherever it is listed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pitwall.domain.project import Project
from pitwall.testing.bundles.honest import Signer, honest_bundle, honest_files
from pitwall.testing.fakes.repetition import FakeScratch, artifacts, manifest
from pitwall.tracking.manifest import FILE, FOLDER
from pitwall.workflows.hub import receiving
from pitwall.workflows.hub.market import download, standing
from pitwall.workflows.hub.opening.refusal import BundleRefused
from pitwall.workflows.hub.receiving import ZIP, Received
from pitwall.workflows.hub.verifying import verify as verifying
from pitwall.workflows.hub.verifying.verify import verify
from pitwall.workflows.workspace import Workspace

BASELINE = "models/order-pre_race/baseline"


@pytest.fixture
def workspace(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setattr(receiving, "see_loadable", lambda *_: None)  # its own tests: test_receiving.py
    who = ("-c", "user.name=t", "-c", "user.email=t@localhost")
    for words in (("init", "--quiet"), (*who, "commit", "--quiet", "--allow-empty", "-m", "state")):
        subprocess.run(["git", *words], cwd=project.root, check=True)
    with Workspace(project) as made:
        yield made


def test_the_same_bytes_are_a_badge_that_says_what_was_compared(
    workspace: Workspace, ada: Signer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=workspace.project.root, capture_output=True, text=True, check=True
    ).stdout.strip()
    bundle = _bundle(workspace, tmp_path, ada, commit=head)
    copy = _rerun_writes(monkeypatch, tmp_path, bundle)
    badge = verify(workspace, bundle).badge
    assert badge is not None
    assert (badge.outcome, badge.ours, badge.code) == ("bit-equal", bundle.about.content, head)
    assert badge.theirs == badge.ours and len(badge.data) == 64
    assert "all 2 files" in badge.said and "not that of its owner" not in badge.said
    assert copy.said[0] == f"checkout {head}"
    assert not copy.project.root.exists()
    kept = standing(workspace, bundle).badge
    assert kept is not None and kept.outcome == "bit-equal" and kept.at


def test_other_bytes_take_the_badge_away_and_name_the_first_cause(
    workspace: Workspace, ada: Signer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = _bundle(workspace, tmp_path, ada)
    _rerun_writes(monkeypatch, tmp_path, bundle)
    assert verify(workspace, bundle).badge.outcome == "bit-equal"
    _rerun_writes(monkeypatch, tmp_path, bundle, slots=b'{"table": []}\n')
    badge = verify(workspace, bundle).badge
    assert badge.outcome == "different" and badge.ours != badge.theirs
    assert "first cause code: commit was" in badge.said and "not that of its owner" in badge.said
    assert standing(workspace, bundle).badge.outcome == "different"


def test_what_is_missing_is_said_and_is_no_badge_of_equality(workspace: Workspace, ada: Signer, tmp_path: Path) -> None:
    file = tmp_path / "given.zip"
    file.write_bytes(honest_bundle(ada))
    bundle = download(workspace, file)
    badge = verify(workspace, bundle).badge
    assert (badge.outcome, badge.ours) == ("not repeated", "")
    assert "no manifest/manifest.json" in badge.said
    assert verify(workspace, bundle, reproduce=False).badge is None


def test_a_bundle_that_was_changed_is_not_trained(
    workspace: Workspace, ada: Signer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = _bundle(workspace, tmp_path, ada)
    monkeypatch.setattr(verifying.wiring, "scratch", lambda *_: pytest.fail("it was trained"))
    with (bundle.folder / ZIP).open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(BundleRefused, match="changed_file"):
        verify(workspace, bundle)


def _bundle(workspace: Workspace, folder: Path, by: Signer, commit: str = "c" * 40) -> Received:
    kept = artifacts(manifest({"code.commit": commit}))
    file = folder / "given.zip"
    file.write_bytes(honest_bundle(by, extra={**kept, f"{FOLDER}/params.yaml": honest_files()["manifest/params.yaml"]}))
    return download(workspace, file)


def _rerun_writes(
    monkeypatch: pytest.MonkeyPatch, folder: Path, bundle: Received, slots: bytes | None = None
) -> FakeScratch:
    """Let a repetition make the model of the bundle, or one with other slots."""

    def rerun(project: Project) -> None:
        made = project.root / BASELINE
        shutil.copytree(bundle.files / "model", made)
        if slots is not None:
            (made / "slots.json").write_bytes(slots)
        path = project.mlruns / "artifacts" / "run" / FOLDER / FILE
        path.parent.mkdir(parents=True)
        path.write_text(manifest({"code.commit": "d" * 40}).to_json())

    copy = FakeScratch(folder / "scratch", rerun)
    monkeypatch.setattr(verifying.wiring, "scratch", lambda *_: copy)
    return copy
