"""The measuring command counts what it says, breaks where a limit is broken, and reads a commit without a checkout."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

STUDIES = Path(__file__).resolve().parents[2] / "studies"
SOUND = {
    "src/pitwall/__init__.py": "",
    "src/pitwall/domain/__init__.py": "",
    "src/pitwall/domain/plugins.py": "def discover(package, constant):\n    return {}\n",
    "src/pitwall/ml/__init__.py": "",
    "src/pitwall/ml/rows/__init__.py": '"""Rows."""\n',
    "src/pitwall/ml/gates/__init__.py": 'from pitwall.domain.plugins import discover\n\nFOUND = discover(None, "GATE")\n',
    "src/pitwall/ml/gates/_shared.py": "from pitwall.ml import rows\n",
    **{
        f"src/pitwall/ml/gates/gate_{n}.py": "from pitwall.ml.gates._shared import rows\n\nGATE = rows\n"
        for n in range(14)
    },
}
FAULTS = {
    "lines of the longest module": {"src/pitwall/domain/long.py": "x = 1\n" * 301},
    "loose modules of the fullest folder": {f"src/pitwall/domain/part_{n}.py": "" for n in range(12)},
    "circles of modules": {
        "src/pitwall/ml/gates/_one.py": "import pitwall.ml.gates._two\n",
        "src/pitwall/ml/gates/_two.py": "def late():\n    from pitwall.ml.gates import _one\n    return _one\n",
    },
    "circles of neighbours": {"src/pitwall/ml/rows/spine.py": "from pitwall.ml.gates._shared import rows\n"},
    "arrows inside ml": {
        f"src/pitwall/ml/part_{a}.py": "".join(f"import pitwall.ml.part_{b}\n" for b in range(a)) for a in range(14)
    },
}


@pytest.fixture(scope="module")
def house():
    sys.path.insert(0, str(STUDIES))
    import house

    yield house
    sys.path.remove(str(STUDIES))


def built(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def broken(house, root: Path) -> set[str]:
    return {each.what for each in house.figures(house.read_tree(root)) if each.broken}


def test_a_sound_house_breaks_nothing_and_its_plugins_are_not_loose(house, tmp_path):
    read = house.read_tree(built(tmp_path, SOUND))
    assert [each for each in house.figures(read) if each.broken] == []
    assert read.loose("pitwall.ml.gates") == ["pitwall.ml.gates._shared"]
    assert read.arrows("pitwall.ml") == {("pitwall.ml.gates", "pitwall.ml.rows")}


@pytest.mark.parametrize("what", FAULTS)
def test_a_planted_fault_is_named(house, tmp_path, what):
    assert what in broken(house, built(tmp_path, {**SOUND, **FAULTS[what]}))


def test_an_import_for_type_hints_alone_makes_no_circle(house, tmp_path):
    hint = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from pitwall.ml.gates import _shared\n"
    assert broken(house, built(tmp_path, {**SOUND, "src/pitwall/ml/rows/spine.py": hint})) == set()


def test_a_commit_is_read_through_git(house, tmp_path):
    root = built(tmp_path, SOUND)
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one"],
    ):
        subprocess.run(["git", *command], cwd=root, check=True)
    built(root, FAULTS["lines of the longest module"])
    assert len(house.read_commit("HEAD", root).modules) == len(SOUND)
    assert len(house.read_tree(root).modules) == len(SOUND) + 1


def test_the_command_ends_with_1_and_says_which_limit(house, tmp_path, monkeypatch, capsys):
    sound = house.read_tree(built(tmp_path / "sound", SOUND))
    faulty = house.read_tree(built(tmp_path / "faulty", {**SOUND, **FAULTS["lines of the longest module"]}))
    monkeypatch.setattr(house, "read_tree", lambda: sound)
    assert house.main(["--before", "", "--json", "-"]) == 0
    assert {row["what"] for row in json.loads(capsys.readouterr().out)["rows"]} >= set(FAULTS)
    monkeypatch.setattr(house, "read_tree", lambda: faulty)
    assert house.main(["--before", ""]) == 1
    assert "over its limit: lines of the longest module: 301, at most 300" in capsys.readouterr().err
