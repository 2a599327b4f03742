"""The static export: pages without a script, links that stay within the folder, and nothing of a stranger's that is markup."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pitwall.domain.errors import UsageError
from pitwall.domain.project import Project
from pitwall.testing.bundles.honest import Signer, honest_bundle
from pitwall.workflows.hub import receiving
from pitwall.workflows.hub.exporting import export
from pitwall.workflows.hub.market import download
from pitwall.workflows.hub.withdrawing import withdraw
from pitwall.workflows.workspace import Workspace

INDEX = "index.html"
EVIL = "<script>alert(1)</script>"
SCORE = {"template": EVIL, "metric": "log_loss", "value": 1.25, "low": 1.0, "high": 1.5, "baseline": "grid"}


def test_pages_have_no_script_and_link_to_files_of_the_folder(
    project: Project, ada: Signer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "see_loadable", lambda *_: None)  # its own tests: test_receiving.py
    target, file = tmp_path / "pages", tmp_path / "given.zip"
    with Workspace(project) as workspace:
        for version in (1, 2):
            file.write_bytes(honest_bundle(ada, version=version, scores=[SCORE], estimator=EVIL))
            newest = download(workspace, file)
        index, page = export(workspace, target)
        text = page.read_text()
        assert "alert(1)" in text and "<script" not in text + index.read_text()
        assert "It knows the grid; p &lt; 0.05" in text and "1.0000 to 1.5000" in text
        links = [each for made in (index, page) for each in re.findall(r'(?:href|src)="([^"]*)"', made.read_text())]
        files = [each for each in links if not each.startswith("#")]
        assert len(files) == 4 and all((target / each).is_file() for each in files)
        (kept,) = target.glob("bundles/fast-2-*.zip")
        assert kept.read_bytes() == file.read_bytes()
        withdraw(workspace, newest)
        export(workspace, target)
        assert [each.name[:6] for each in target.glob("bundles/*")] == ["fast-1"]
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / INDEX).write_text("mine")
        with pytest.raises(UsageError, match="something else"):
            export(workspace, tmp_path / "mine")
        assert (tmp_path / "mine" / INDEX).read_text() == "mine"
