"""code.json is written where dvc.yaml asks for it, and a stage refuses code that DVC did not compare."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pitwall.adapters.installation import code_file
from pitwall.adapters.installation.code_file import check_code_file, write_code_file
from pitwall.adapters.installation.package import installed
from pitwall.domain.errors import StageError
from pitwall.domain.project import Project
from pitwall.testing.fakes.wheels import unpack, write_wheel


class Site:
    """A project by installed code, and a package that is installed for it."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.folder = root, root / "site" / "pitwall"
        self.project = Project(root / "project")
        self.project.root.mkdir()
        (self.project.root / "dvc.yaml").write_text("stages: {a: {params: [{.pitwall/code.json: [folders.ml]}]}}\n")
        monkeypatch.setattr(code_file, "installed", lambda: installed(self.folder))

    def install(self, version: str, **files: str) -> None:
        named = {f"{name}/a.py": text for name, text in files.items()}
        for old in self.folder.parent.glob("*.dist-info"):
            old.rename(self.root / "away")
        unpack(write_wheel(self.root / "dist", version, named), self.folder.parent)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    made = Site(tmp_path, monkeypatch)
    made.install("1.0", ml="A = 1\n", domain="B = 1\n")
    return made


def test_it_names_package_version_and_folders_and_is_left_alone_while_it_is_right(site: Site) -> None:
    write_code_file(site.project)
    content = json.loads(site.project.code.read_text())
    assert (content["package"], content["version"], sorted(content["folders"])) == (
        "pitwall-ml",
        "1.0",
        ["domain", "ml"],
    )
    before = site.project.code.stat().st_mtime_ns
    write_code_file(site.project)
    assert site.project.code.stat().st_mtime_ns == before
    check_code_file(site.project)
    assert [path.name for path in site.project.state.iterdir()] == ["code.json"]


def test_a_stage_refuses_code_that_dvc_did_not_compare_and_names_the_folders(site: Site) -> None:
    write_code_file(site.project)
    site.install("1.1", ml="A = 2\n")
    with pytest.raises(StageError, match=r"pitwall-ml 1\.0 .* pitwall-ml 1\.1 is installed; they differ in: ml\. "):
        check_code_file(site.project)
    write_code_file(site.project)
    check_code_file(site.project)


@pytest.mark.parametrize("damage", ["", "{", "[]"])
def test_a_damaged_file_is_refused_and_written_anew(site: Site, damage: str) -> None:
    site.project.state.mkdir()
    site.project.code.write_text(damage)
    with pytest.raises(
        StageError, match=r"compared nothing, as there is no whole .*code\.json, and pitwall-ml 1\.0 is installed"
    ):
        check_code_file(site.project)
    write_code_file(site.project)
    check_code_file(site.project)


def test_a_checkout_has_no_such_file(site: Site) -> None:
    (site.project.root / "dvc.yaml").write_text("stages: {a: {deps: [src/pitwall/ml]}}\n")
    write_code_file(site.project)
    check_code_file(site.project)
    assert not site.project.code.exists()
