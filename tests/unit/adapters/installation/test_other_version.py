"""The version that a run was made with is installed beside the one at hand, or refused with both named; never something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.adapters.installation import other_version
from pitwall.adapters.installation.other_version import provide
from pitwall.adapters.installation.package import NAME, installed
from pitwall.domain.errors import NotRepeatable
from pitwall.testing.fakes.wheels import unpack, write_wheel


class Index:
    """A folder of wheels as the only index, and an environment with version 2.0."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.wheels, self.target = root, root / "wheels", root / "scratch"
        self.folder = unpack(write_wheel(root / "own", "2.0", {"a.py": "A = 2\n"}), root / "site")
        monkeypatch.setattr(other_version, "installed", lambda: installed(self.folder))
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(self.wheels))

    def offer(self, version: str, text: str) -> str:
        """Put a version into the index and return the sha256 of its files."""
        wheel = write_wheel(self.wheels, version, {"a.py": text})
        return installed(unpack(wheel, self.root / f"unpacked-{version}")).sha256


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    return Index(tmp_path, monkeypatch)


def test_the_installed_one_is_taken_where_it_is_the_runs(index: Index) -> None:
    assert provide(NAME, "2.0", installed(index.folder).sha256, index.target) is None
    assert not index.target.exists()


def test_another_version_is_installed_into_the_scratch_copy(index: Index) -> None:
    sha256 = index.offer("1.0", "A = 1\n")
    assert provide(NAME, "1.0", sha256, index.target) == index.target
    assert (index.target / "pitwall" / "a.py").read_text() == "A = 1\n"
    assert (index.folder / "a.py").read_text() == "A = 2\n"


def test_the_same_files_under_another_version_are_not_taken_for_it(index: Index) -> None:
    sha256 = index.offer("1.9", "A = 2\n")
    assert sha256 == installed(index.folder).sha256
    assert provide(NAME, "1.9", sha256, index.target) == index.target


def test_edited_files_of_the_same_version_are_not_taken_for_it(index: Index) -> None:
    sha256 = index.offer("2.0", "A = 2\n")
    (index.folder / "a.py").write_text("A = 3\n")
    assert provide(NAME, "2.0", sha256, index.target) == index.target
    assert (index.target / "pitwall" / "a.py").read_text() == "A = 2\n"


def test_a_version_that_cannot_be_had_is_refused_with_both_named(index: Index) -> None:
    index.offer("3.0", "")
    with pytest.raises(
        NotRepeatable, match=r"needs pitwall-ml 1\.0, and pitwall-ml 2\.0 is installed; it could not be"
    ):
        provide(NAME, "1.0", "0" * 64, index.target)


def test_another_wheel_under_the_same_version_is_refused(index: Index) -> None:
    index.offer("1.0", "A = 'something else'\n")
    with pytest.raises(NotRepeatable, match=r"what the index gives as pitwall-ml 1\.0 is another one"):
        provide(NAME, "1.0", "0" * 64, index.target)


def test_without_an_installer_that_is_said(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(other_version, "find_spec", lambda _: None)
    monkeypatch.setattr(other_version.shutil, "which", lambda *_, **__: None)
    with pytest.raises(NotRepeatable, match="neither pip nor uv is here"):
        provide(NAME, "1.0", "0" * 64, index.target)
