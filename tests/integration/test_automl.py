"""AutoML on a project: held-out seasons are not looked at, a search is repeated from its file."""

import json
import sys
from contextlib import nullcontext

import pytest

from pitwall.cli import main
from pitwall.domain.errors import UsageError
from pitwall.domain.params import Params, TrainingParams
from pitwall.testing.worlds.tiny import tiny_tables
from pitwall.workflows import automl

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def workspace(in_memory, tmp_path_factory):
    tables = tiny_tables(seasons=7, races=6, cars=8)
    params = Params(training=TrainingParams(held_out_seasons=2))
    return in_memory(tmp_path_factory.mktemp("automl"), tables, params)


def test_held_out_seasons_are_not_looked_at(workspace) -> None:
    problem = automl.problem_of(workspace, "dnf")
    seasons = sorted(set(map(int, workspace.job("dnf").frame()["season"])))
    assert problem.seasons == tuple(seasons[-4:-2])
    assert problem.frame["season"].max() == seasons[-3]


def test_the_command_shows_rules_and_its_file_is_enough_to_repeat_the_search(
    workspace, monkeypatch, tmp_path, capsys
) -> None:
    monkeypatch.setattr("pitwall.workflows.workspace.Workspace", lambda: nullcontext(workspace))
    file, picture = tmp_path / "found.json", tmp_path / "found.png"
    asked = ("--budget", "2", "--metric", "brier", "--estimator", "logistic", "--json", str(file))
    assert call(monkeypatch, "automl", "dnf", *asked, "--picture", str(picture)) == 0
    shown = capsys.readouterr()
    assert "always_no" in shown.out and "team_retirements" in shown.out and "chosen: " in shown.out
    assert "candidates, best" in shown.err
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert call(monkeypatch, "automl", "dnf", "--repeat", str(file), "--json", "-") == 0
    again, found = json.loads(capsys.readouterr().out), json.loads(file.read_text(encoding="utf-8"))
    assert again["recipe"] == found["recipe"]
    assert (again["budget"], again["stopped"]) == (None, "repeated by count")
    file.write_text(json.dumps({"recipe": {"facts": {}}}), encoding="utf-8")
    with pytest.raises(UsageError, match="holds no search"):
        automl.repeat(workspace, "dnf", file)


def call(monkeypatch, *arguments: str) -> int:
    """Run `pitwall ARGUMENTS` in this process and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["pitwall", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)
