"""What is installed is compared with its RECORD, file by file; where there is no RECORD, that is said and nothing is claimed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.adapters.installation.package import file_hashes, folder_hashes, installed
from pitwall.testing.fakes.wheels import unpack, write_wheel

FILES = {"__init__.py": "", "domain/when.py": "A = 1\n", "ml/rows/lap.py": "B = 2\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return unpack(write_wheel(tmp_path / "dist", "1.2.0", FILES), tmp_path / "site")


def test_a_package_as_released_has_no_changes(folder: Path) -> None:
    found = installed(folder)
    assert (str(found), found.changed, found.reason) == ("pitwall-ml 1.2.0", (), "")
    assert list(found.folders) == ["domain", "ml", "ml/rows"]


def test_edited_missing_and_added_files_are_named_and_compiled_ones_are_not(folder: Path) -> None:
    before = installed(folder)
    (folder / "domain" / "when.py").write_text("A = 2\n")
    (folder / "ml" / "rows" / "lap.py").unlink()
    (folder / "ml" / "rows" / "stop.py").write_text("")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "x.cpython-311.pyc").write_bytes(b"x")
    found = installed(folder)
    assert found.changed == (
        "pitwall/domain/when.py",
        "pitwall/ml/rows/lap.py (missing)",
        "pitwall/ml/rows/stop.py (added)",
    )
    assert found.sha256 != before.sha256


def test_a_folder_hash_changes_with_what_is_below_it_and_with_nothing_else(folder: Path) -> None:
    before = folder_hashes(file_hashes(folder))
    (folder / "ml" / "rows" / "lap.py").write_text("B = 3\n")
    after = folder_hashes(file_hashes(folder))
    assert [name for name in before if before[name] != after[name]] == ["ml", "ml/rows"]
    (folder / "ml" / "rows" / "lap.py").rename(folder / "ml" / "rows" / "laps.py")
    assert folder_hashes(file_hashes(folder))["ml/rows"] != after["ml/rows"]


def test_a_checkout_has_no_record_and_its_state_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "src" / "pitwall").mkdir(parents=True)
    assert "no RECORD" in installed(tmp_path / "src" / "pitwall").reason


def test_an_editable_install_beside_the_folder_says_nothing_of_its_files(folder: Path) -> None:
    record = next(folder.parent.glob("*.dist-info")) / "RECORD"
    record.write_text("_pitwall_ml.pth,sha256=AAAA,4\n")
    found = installed(folder)
    assert (found.version, found.changed, bool(found.reason)) == ("1.2.0", (), True)
