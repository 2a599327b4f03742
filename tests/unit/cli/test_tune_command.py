"""`pitwall tune` as a user meets it: a model is meant where no command is named, near names, the table of methods."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from pitwall.cli import main
from pitwall.ml.search.settings import METHODS, PRUNERS

REPO = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which nothing was run."""
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(REPO / name, tmp_path / name)
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["pitwall", "tune", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


@pytest.mark.parametrize("command", ["model", "compare", "explain"])
def test_every_command_shows_an_example(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, command, "--help") == 0
    assert "Example: pitwall tune" in capsys.readouterr().out


def test_the_help_of_the_group_names_its_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "--help") == 0
    said = capsys.readouterr().out
    assert all(name in said for name in ("compare", "explain"))


def test_the_table_tells_of_every_method_and_pruner(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "explain", "--json", "-") == 0
    said = capsys.readouterr()
    assert [row["method"] for row in json.loads(said.out)] == [*METHODS, *PRUNERS]
    assert "Q1, Q2, Q3" in said.err


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (("order-pre_rac",), "order-pre_race"),
        (("race_winer", "--trials", "3"), "race_winner"),
        (("order-pre_race", "--method", "tp"), "tpe"),
        (("--pruner", "mediam"), "median"),
        (("compare", "--methods", "random,grd"), "grid"),
        (("compare", "order-pre_rac", "--splits"), "order-pre_race"),
        (("dnf-pre_race", "--estimator", "xgbost"), "xgboost"),
    ],
)
def test_a_typo_is_a_usage_error_with_the_near_name(
    arguments: tuple[str, ...], near: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, *arguments) == 2
    assert f"did you mean '{near}'" in capsys.readouterr().err


def test_what_lacks_data_says_which_command_makes_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "order-pre_race") == 1
    assert "dvc repro frames" in capsys.readouterr().err
