"""`pitwall data truth`: counts, keeps, says its error; refuses where nobody knows."""

import json
import sys

import pytest

from pitwall.cli import main


@pytest.fixture
def pitwall(tmp_path, monkeypatch, capsys):
    """Run the command line in a project; return exit code, standard output, standard error."""
    (tmp_path / "dvc.yaml").write_text("stages: {}\n")
    monkeypatch.setenv("PITWALL_HOME", str(tmp_path))

    def run(sources, *arguments):
        (tmp_path / "params.yaml").write_text(f"sources: {sources}\n")
        monkeypatch.setattr(sys, "argv", ["pitwall", "data", "truth", "--workers", "0", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return (ended.value.code or 0, *capsys.readouterr())

    return run


SMALL = "{synthetic: {seasons: 2, races: 3, teams: 5, first_season: 2020}}"


def test_a_season_is_counted_and_kept(pitwall, tmp_path):
    asked = ["--seasons", "2020", "--stage", "pre_race", "--draws", "20", "--json", "-"]
    code, out, err = pitwall(SMALL, *asked)
    found = json.loads(out)
    assert code == 0
    assert [(row["stage"], row["races"]) for row in found["stages"]] == [("pre_race", 3)]
    assert 0 < found["stages"][0]["error"] <= (0.25 / 20) ** 0.5
    assert len(list((tmp_path / found["folder"] / "pre_race-20").glob("*.parquet"))) == 3
    assert "true chances, pre_race: 3 of 3" in err
    again = pitwall(SMALL, *asked)
    assert json.loads(again[1]) == found
    assert "of 3" not in again[2]


def test_a_season_that_is_not_there_is_told(pitwall):
    code, _, err = pitwall(SMALL, "--seasons", "1990")
    assert code == 2
    assert "its seasons are 2020 to 2021" in err


def test_nobody_knows_the_truth_of_a_real_source(pitwall):
    code, _, err = pitwall("{ergast: {location: x}}")
    assert code == 2
    assert "nobody knows the true chances of ergast" in err
