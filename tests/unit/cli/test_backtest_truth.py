"""A backtest of the synthetic world shows the truth and what each model loses beyond it; one of real data does not."""

import json
import sys
from datetime import UTC, datetime
from functools import partial

import pytest

from pitwall.cli import main
from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.ml.backtest import regret
from pitwall.ml.evaluation.synthetic_truth import truth_of
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.machinery.snapshots.store import take_snapshot
from pitwall.sources.synthetic import SOURCE, SyntheticSettings
from pitwall.testing.worlds.backtest import tiny_project
from pitwall.testing.worlds.tiny import FIRST_SEASON

SIZE = {"seasons": 3, "races": 3, "teams": 7, "first_season": FIRST_SEASON, "laps_seasons": 0}
SYNTHETIC = f"sources: {{synthetic: {json.dumps(SIZE)}}}"
OTHER = "sources: {ergast: {location: nowhere}}"
DRAWS = 60


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    root = tmp_path_factory.mktemp("home")
    snapshot = take_snapshot(
        SOURCE, None, SyntheticSettings(**SIZE), root / "raw", now=datetime.now(UTC), previous=None
    )
    tiny_project(root, Tables(build_tables([snapshot], TimeParams()).tables))
    return root


@pytest.fixture
def backtest(home, tmp_path, monkeypatch, capsys):
    """Run `pitwall backtest` on the world's tables with a source named in params.yaml."""
    monkeypatch.setenv("PITWALL_HOME", str(home))
    monkeypatch.setattr(regret, "truth_of", partial(truth_of, draws=DRAWS))
    original = (home / "params.yaml").read_text()

    def run(source, *arguments):
        (home / "params.yaml").write_text(original.replace(OTHER, source))
        quick = ["--seasons", str(FIRST_SEASON + 1), "--workers", "0", "--estimator", "championship_order"]
        monkeypatch.setattr(
            sys, "argv", ["pitwall", "backtest", *quick, "--json", str(tmp_path / "b.json"), *arguments]
        )
        with pytest.raises(SystemExit) as ended:
            main()
        assert (ended.value.code or 0) == 0
        return json.loads((tmp_path / "b.json").read_text()), capsys.readouterr().out

    yield run
    (home / "params.yaml").write_text(original)


def test_the_truth_is_a_row_and_everybody_has_a_regret(backtest, tmp_path):
    result, said = backtest(SYNTHETIC, "--markdown", str(tmp_path / "b.md"))
    assert {row["model"] for row in result["rows"] if row["role"] == "truth"} == {"truth"}
    found = {(row["template"], row["model"]): row for row in result["regret"]}
    assert {question for question, _ in found} == {"race_winner", "podium", "points"}
    assert {model for _, model in found} == {"grid_frequency", "championship_order"}
    winner = found["race_winner", "championship_order"]
    assert winner["against"] == "grid_frequency"
    assert winner["low"] <= winner["value"] <= winner["high"]
    assert winner["expected"] > winner["value"] > 0
    assert "truth (truth)" in said
    assert "race_winner at pre_race under the true chances" in said
    assert "| pre_race | truth |" in (tmp_path / "b.md").read_text()


def test_nobody_knows_the_truth_of_other_data(backtest):
    result, said = backtest(OTHER)
    assert "truth" not in {row["role"] for row in result["rows"]}
    assert result["regret"] == []
    assert "truth" not in said
