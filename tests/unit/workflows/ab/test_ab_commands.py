"""`pitwall ab` and `pitwall shadow` from the command line: what they print, write and refuse."""

from __future__ import annotations

import json
import sys

import pytest

from pitwall import wiring
from pitwall.cli import main
from pitwall.testing.worlds.forecasts import NAME
from pitwall.workflows.verdicts import score_and_tell

from .conftest import RACES

pytestmark = pytest.mark.slow


@pytest.fixture
def line(duel, workspace, monkeypatch, capsys):
    """Return what a command printed and the JSON that it wrote; the project is found from anywhere, its tools are in memory."""
    (duel.project.root / "params.yaml").write_text("models: {order: {estimator: grid_frequency, first_season: 2021}}\n")
    (duel.project.root / "dvc.yaml").write_text("stages: {}\n")
    monkeypatch.setenv("PITWALL_HOME", str(duel.project.root))
    for tool in ("registry", "tracker", "runs"):
        monkeypatch.setattr(wiring, tool, lambda _, tool=tool: getattr(workspace, tool))
    out = duel.project.root / "out.json"

    def run(*words, code=0):
        monkeypatch.setattr(sys, "argv", ["pitwall", *words, "--json", str(out)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert (ended.value.code or 0) == code, printed.err
        return printed.out + printed.err, json.loads(out.read_text()) if code == 0 else None

    return run


def test_a_test_from_its_start_to_its_end(duel, workspace, line, tmp_path):
    told, made = line("ab", "status")
    assert "no test was declared" in told and made == {"tests": [], "marked": []}
    begun = (
        "ab",
        "start",
        "race_winner",
        "--challenger",
        str(duel.other),
        "--split",
        ".5",
        "--now",
        duel.before(days=1).isoformat(),
    )
    told, made = line(*begun)
    assert (
        f"version {duel.champion} (champion) beside version {duel.other} (challenger), the challenger answers 50% of the races"
        in told
    )
    assert (made["challenger"], made["split"], made["ended"]) == (duel.other, 0.5, "")
    told, _ = line(*begun, code=2)
    assert "End it first: `pitwall ab stop order-pre_race`" in told
    for race in RACES[:2]:
        duel.ask(workspace, race)
    score_and_tell(workspace, duel.over(workspace))
    told, made = line("ab", "status", "race_winner", "--picture", str(tmp_path / "ab.png"))
    assert "2 races count" in told and "the challenger: " in told and (tmp_path / "ab.png").is_file()
    assert [race["race"] for race in made["tests"][0]["races"]] == list(RACES[:2])
    told, made = line("record", "show")
    assert f"row 1: a test of {NAME}" in told and "challenger" in told.partition("sums of forecasts")[2]
    assert [each["split"] for each in made["tests"]] == [0.5]
    told, made = line("ab", "stop", "race_winner", "--note", "enough")
    assert "it is in staging" in told and made["test"]["why"] == "enough"
    line("ab", "stop", "race_winner", code=2)


def test_a_shadow_and_its_end(duel, line):
    told, made = line("shadow", "race_winner", str(duel.other))
    assert "the challenger answers nobody" in told and made["split"] == 0
    assert line("shadow", "race_winner", "--stop")[1]["version"] == duel.other


def test_a_rehearsal_is_no_verdict(duel, line, tmp_path):
    told, made = line(
        "ab", "rehearse", "race_winner", str(duel.champion), str(duel.other), "--split", ".5", "--picture", str(tmp_path / "r.png")
    )  # fmt: skip
    assert (
        "this is no verdict" in told
        and len(made["looks"]) == len(made["races"]) == 6
        and (tmp_path / "r.png").is_file()
    )
    told, _ = line("ab", "rehearse", "race_winner", "99", str(duel.other), code=2)
    assert "99" in told
