"""`pitwall audit` as a user meets it: exit code 3 when something is found, by name, by file, and for a trained model."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import pitwall as pw
from pitwall.cli import main
from pitwall.domain.project import Project
from pitwall.domain.tables import save_tables
from pitwall.features import FeatureEngineer
from pitwall.features.machinery.custom.engineer import _SESSION
from pitwall.testing import tiny_tables

LEAKY = """
from pitwall.features import HistoryFeature

GROUP = HistoryFeature("next_place", lambda rows: rows.groupby("driver_id")["place"].shift(-1), vectorised=True).group()
"""
HONEST = """
from pitwall.features import FeatureEngineer

@FeatureEngineer().register("mean_grid")
def mean_grid(history):
    return history["grid"].mean()
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("project")
    (root / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    (root / "params.yaml").write_text("{}\n", encoding="utf-8")
    save_tables(tiny_tables(seasons=1, races=5, cars=4), Project(root).tables)
    return Project(root)


@pytest.fixture
def call(project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def called(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setenv("PITWALL_HOME", str(project.root))
        monkeypatch.setattr(sys, "argv", ["pitwall", "audit", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    yield called
    _SESSION.clear()


def test_a_clean_group_passes_every_check(call):
    code, out, err = call("--group", "driver_qualifying", "--instants", "3", "--json", "-")
    assert code == 0
    said = json.loads(out)
    assert {row["verdict"] for row in said["rows"]} == {"passed"}
    assert said["races"] == 5 and said["instants"] == 3
    assert "1/1 driver_qualifying" in err and "0 leaks" in err


def test_a_leak_in_a_file_of_ones_own_ends_with_code_3(call, tmp_path: Path):
    path = tmp_path / "mine.py"
    path.write_text(LEAKY, encoding="utf-8")
    code, out, _ = call("--file", str(path), "--instants", "3")
    assert code == 3
    assert "! replay: next_place.next_place: " in out and "change when the future is taken away" in out


def test_registered_functions_of_a_file_are_audited_too(call, tmp_path: Path):
    path = tmp_path / "mine.py"
    path.write_text(HONEST, encoding="utf-8")
    code, out, _ = call("--file", str(path), "--instants", "2")
    assert code == 0
    assert "1/1 mean_grid" in out


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--feature", "gird"), 2, "did you mean 'grid'"),
        (("--group", "session", "--model", "order-pre_race"), 2, "exclude each other"),
        (("--model", "order-pre_race"), 1, "there is no trained order-pre_race"),
        (("--file", "nowhere.py"), 2, "there is no Python file nowhere.py"),
    ],
)
def test_what_cannot_be_audited_is_told(call, arguments, code, told):
    ended, out, err = call(*arguments)
    assert ended == code
    assert told in " ".join((out + err).split())


def test_a_notebook_audits_what_it_registered(project: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PITWALL_HOME", str(project.root))
    FeatureEngineer().register("best_place")(lambda history: history["place"].min())
    report = pw.audit("best_place")
    _SESSION.clear()
    assert report.findings == []
    assert {group for _, group in report.asked} == {"best_place"}
