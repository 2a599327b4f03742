"""`pitwall init` says what it did and what to do next, to people and to programs."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from pitwall.adapters.new_project import template
from pitwall.cli import doctor, main
from pitwall.domain.project import CODE


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A template of two files, and a user of whom git knows nothing."""
    folder = tmp_path / "wheel"
    folder.mkdir()
    (folder / "dvc.yaml").write_text("stages:\n  a:\n    cmd: echo\n")
    (folder / "params.yaml").write_text("seed: 7\n")
    monkeypatch.setattr(template, "wheel_template", lambda: folder)
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    return folder


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["pitwall", "init", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def test_it_says_what_was_done_and_what_is_left_to_do(
    tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "my season"
    assert call(monkeypatch, str(root), "--json", "-") == 0
    out, said = capsys.readouterr()
    done = json.loads(out)
    assert (done["root"], done["git_made"], done["dvc_made"], done["commit"]) == (str(root), True, True, "")
    assert done["files"]["written"] == ["dvc.yaml", "params.yaml", "requirements.lock"]
    assert "no commit was made: git has no name and address for you" in said
    assert f"cd '{root}' && git config user.name NAME" in said
    assert "pitwall run race-weekend" in said


def test_what_is_in_the_way_ends_with_exit_code_2_and_its_name(
    tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "taken"
    root.mkdir()
    (root / "params.yaml").write_text("mine")
    assert call(monkeypatch, str(root)) == 2
    assert "params.yaml. Nothing was written" in capsys.readouterr().err
    assert [path.name for path in root.iterdir()] == ["params.yaml"]


def test_a_checkout_is_no_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, str(tmp_path / "new")) == 2
    assert "uv build --wheel" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_in_a_clone_of_the_project_doctor_writes_the_file_that_dvc_compares(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dvc.yaml").write_text(f"stages: {{a: {{params: [{{{CODE}: [folders.ml]}}]}}}}\n")
    shutil.copy(Path(__file__).resolve().parents[3] / "params.yaml", tmp_path)
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    monkeypatch.setattr(doctor, "examine", lambda *_: [])
    doctor.doctor()
    assert json.loads((tmp_path / CODE).read_text())["package"] == "pitwall-ml"
