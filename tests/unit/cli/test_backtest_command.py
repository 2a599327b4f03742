"""`pitwall backtest`: where numbers and words go, exit codes, near names."""

import json
import sys

import pytest

from pitwall.cli import main
from pitwall.testing.worlds.backtest import tiny_project

QUICK = ["--seasons", "2024", "--workers", "0", "--estimator", "championship_order"]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    root = tmp_path_factory.mktemp("home")
    tiny_project(root)
    return root


@pytest.fixture
def pitwall(home, monkeypatch, capsys):
    """Run the command line; return exit code, standard output, standard error."""
    monkeypatch.setenv("PITWALL_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "120")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["pitwall", "backtest", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return (ended.value.code or 0, *capsys.readouterr())

    return run


def test_json_has_standard_output_for_itself(pitwall):
    code, out, err = pitwall(*QUICK, "--template", "race_winner", "--json", "-")
    assert code == 0
    result = json.loads(out)
    assert {row["template"] for row in result["rows"]} == {"race_winner", "order"}
    assert {row["season"] for row in result["rows"]} == {"all", 2024}
    assert "grid_frequency (ours)" in err
    assert "race_winner at pre_race, 2024, 6 races" in err
    assert "nothing was tuned" in err


def test_page_and_picture_are_written_where_asked(pitwall, tmp_path):
    page, picture, numbers = tmp_path / "new" / "a.html", tmp_path / "b.png", tmp_path / "c.json"
    table = tmp_path / "d" / "table.md"
    outputs = ["--html", page, "--picture", picture, "--json", numbers, "--markdown", table]
    code, out, _ = pitwall(*QUICK, *map(str, outputs))
    assert code == 0
    head, _, ours, other = table.read_text().splitlines()
    rows = json.loads(numbers.read_text())["rows"]
    [loss] = [
        row["value"]
        for row in rows
        if (row["model"], row["metric"], row["season"]) == ("grid_frequency", "log_loss", "all")
    ]
    assert head.startswith("| stage | | winner log loss |")
    assert ours.startswith(f"| pre_race | **grid_frequency** | {loss:.3f} (")
    assert other.startswith("| pre_race | championship_order | ")
    assert page.read_text().startswith("<!doctype html>")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert json.loads(numbers.read_text())["facts"]["seasons"] == [2024]
    assert "podium at pre_race" in out


def test_a_missed_floor_ends_with_one_and_the_numbers(pitwall):
    code, out, err = pitwall(*QUICK, "--floor", "race_winner.log_loss=0.1", "--floor", "order.spearman=-1")
    assert code == 1
    assert "above the floor 0.1" in err
    assert "spearman of" not in err
    assert "race_winner at pre_race" in out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--template", "podum"], 2, "did you mean 'podium'"),
        (["--template", "podium", "--template", "dnf"], 2, "a backtest is of one model"),
        (["--template", "safety_car", "--stage", "pre_weekend"], 2, "stage of the model safety_car"),
        (["--stage", "pre_rac"], 2, "did you mean 'pre_race'"),
        (["--estimator", "championship_ordr"], 2, "did you mean 'championship_order'"),
        (["--floor", "podium.brir=1"], 2, "did you mean 'brier'"),
        (["--seasons", "2024-2023"], 2, "seasons are given as"),
        (["--seasons", "2030"], 1, "cannot score 2030"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_fitted(pitwall, arguments, code, message):
    found, out, err = pitwall(*arguments)
    assert (found, out) == (code, "")
    assert message in err
    assert "fits" not in err


def test_help_shows_an_example(pitwall):
    code, out, _ = pitwall("--help")
    assert code == 0
    assert "Example: pitwall backtest" in out
