"""The comparison of two runs: renames are no difference, what names a run is none, and every planted change is named."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import unchanged
from _unchanged.compare import compare
from _unchanged.identity import Side
from _unchanged.invented import CARD, NAME, TREES, Run, differences
from _unchanged.parts import PARTS


def test_two_runs_that_differ_by_the_map_alone_are_equal_in_every_part(before: Run, after: Run) -> None:
    parts = compare(Side(before.root), Side(after.root))
    assert [part.name for part in parts] == list(PARTS)
    assert {part.name: part.differences for part in parts if part.differences} == {}
    assert all(part.compared for part in parts)


def test_a_run_equals_itself_whatever_its_version(before: Run, after: Run) -> None:
    assert differences(before, before) == {}
    assert differences(after, after) == {}


def _last_bit(run: Run) -> None:
    path = run.root / "models" / NAME / "model" / "predictions.parquet"
    table = pd.read_parquet(path)
    table.loc[0, "place_1"] = np.nextafter(table.loc[0, "place_1"], 1)
    table.to_parquet(path, index=False)


def _lines(name: str, change: Callable[[Any], Any]) -> Callable[[Run], None]:
    def planted(run: Run) -> None:
        run.change(name, change)
        run.write(name, (run.root / name).read_text() + "\n")

    return planted


PLANTED: dict[str, tuple[Callable[[Run], Any], str, str]] = {
    "a byte of a table": (
        lambda run: run.table("data/tables/races.parquet", pd.DataFrame({"race_id": [1, 3]})),
        "tables (md5)",
        "data/tables/races.parquet: was",
    ),
    "why a row was set aside": (
        lambda run: run.table(
            "data/tables/quarantine.parquet",
            pd.DataFrame({"table": ["results"], "reason": ["torn"], "row": ["{}"], "snapshot": [run.snapshot]}),
        ),
        "tables (md5)",
        "column reason: 1 of 1 values differ",
    ),
    "a feature group that is gone": (
        lambda run: (run.root / "data/features/driver_form.parquet").unlink(),
        "features (md5)",
        "only before",
    ),
    "a frame": (
        lambda run: run.table(f"data/frames/{NAME}.parquet", pd.DataFrame({"race_id": [1]})),
        "frames (md5)",
        "was",
    ),
    "a native file": (
        lambda run: run.write(f"models/{NAME}/model/estimator.json", {"weights": [0.2]}),
        "native model files (md5)",
        "model/estimator.json: was",
    ),
    "a further native file": (
        lambda run: run.write(f"models/{NAME}/model/more.json", {}),
        "native model files (md5)",
        "only after",
    ),
    "a parameter of a recipe": (
        lambda run: run.change(f"models/{NAME}/model/recipe.json", lambda recipe: recipe.update(seed=8)),
        "recipes",
        "seed was 7, is 8",
    ),
    "a field of a recipe that the map does not add": (
        lambda run: run.change(f"models/{NAME}/model/recipe.json", lambda recipe: recipe.update(extra=1)),
        "recipes",
        "extra was absent, is 1",
    ),
    "the last bit of a prediction": (_last_bit, "predictions (values)", "column place_1: 1 of 4 values differ"),
    "a metric": (
        lambda run: run.change(f"reports/{NAME}.json", lambda all_: all_["podium"]["brier"][TREES].update(value=0.11)),
        "reports",
        "podium.brier.plackett_luce_trees.value was 0.1, is 0.11",
    ),
    "a backtest row": (
        lambda run: run.change("reports/backtest.json", lambda rows: rows[0].update(value=0.3)),
        "backtest rows",
        "value was 0.1, is 0.3",
    ),
    "a backtest row that is gone": (
        lambda run: run.change("reports/bt.json", lambda content: content["rows"].__delitem__(0)),
        "backtest rows",
        "only before",
    ),
    "a fact of a backtest": (
        lambda run: run.change("reports/bt.json", lambda content: content["facts"].update(seed=8)),
        "backtest rows",
        "facts.seed was 7, is 8",
    ),
    "a sentence of a card": (
        lambda run: run.change(CARD, lambda card: card["sections"][2]["blocks"][0].update(text="Opened twice.")),
        "cards",
        "Limits.blocks[0].text was",
    ),
    "a fact of a card": (
        lambda run: run.change(CARD, lambda card: card["sections"][0]["blocks"][0]["facts"][0].__setitem__(1, "stack")),
        "cards",
        "Lineage.facts.estimator was",
    ),
    "the content that a card is of": (lambda run: run.change(CARD, lambda card: card.update(content="c" * 64)), "cards", "content was"),
    "a section of a card that is gone": (
        lambda run: run.change(CARD, lambda card: card["sections"].__delitem__(2)),
        "cards",
        "is absent",
    ),
    "a chance of a forecast": (
        lambda run: run.change("reports/forecasts/f.json", lambda made: made["rows"][0]["detail"]["places"].__setitem__(0, 0.26)),
        "forecasts",
        "rows[0].detail.places[0] was 0.25, is 0.26",
    ),
    "a cut-off": (
        lambda run: run.change("reports/forecasts/f.json", lambda made: made.update(cutoff="2026-09-13T13:00:00+00:00")),
        "forecasts",
        "cutoff was",
    ),
    "an input of a forecast": (
        lambda run: run.change(".pitwall/input_log/202612/a.json", lambda all_: all_["features"].update(grid=["0x1.9p+0"])),
        "inputs of forecasts",
        "features.grid[0] was",
    ),
    "what the holdout log counts": (
        _lines("mlruns/holdout_log.jsonl", lambda row: row.update(predictions="beef")),
        "holdout log and history",
        "predictions was 'cafe'",
    ),
    "a verdict": (
        _lines("mlruns/promotions.jsonl", lambda row: row["verdicts"][0].update(measured=0.2)),
        "holdout log and history",
        "measured was 0.1, is 0.2",
    ),
    "a latency that passes no more": (
        _lines("mlruns/promotions.jsonl", lambda row: row["verdicts"][1].update(passed=False)),
        "holdout log and history",
        "passed was True, is False",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", PLANTED)
def test_every_planted_difference_is_named_and_nothing_else(fault: str, before: Run, after: Run) -> None:
    plant, part, words = PLANTED[fault]
    plant(after)
    found = differences(before, after)
    # a changed model is another content too, and documents that name it say so
    assert part in found, found
    assert any(words in each for each in found[part]), found[part]
    assert "models/" in fault or set(found) <= {part, "cards", "forecasts"}, found


def test_an_old_name_that_the_map_lacks_is_a_difference(before: Run, after: Run) -> None:
    path = after.root / "models" / NAME / "model" / "predictions.parquet"
    pd.read_parquet(path).rename(columns={"role": "kind"}).to_parquet(path, index=False)
    assert any("columns kind, role differ" in each for each in differences(before, after)["predictions (values)"])


def test_the_command_prints_the_differences_and_exits_with_1(
    before: Run, after: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page, target = tmp_path / "page.md", tmp_path / "rows.json"
    page.write_text("<!-- table: unchanged -->\n<!-- end of table -->\n")
    arguments = ["--before", str(before.root), "--after", str(after.root), "--json", str(target), "--docs", str(page)]
    monkeypatch.setattr(sys, "argv", ["unchanged.py", *arguments])
    assert unchanged.main() == 0
    assert "| recipes | 1 | 0 | none |" in page.read_text()
    assert "Differences beside the map: none" in capsys.readouterr().out
    after.change("reports/backtest.json", lambda rows: rows[0].update(value=0.3))
    assert unchanged.main() == 1
    assert "value was 0.1, is 0.3" in capsys.readouterr().out
    assert {"part", "new"} & set(json.loads(target.read_text())["parts"][0]) == {"new"}


def test_a_clone_without_the_commit_says_what_it_lacks(tmp_path: Path) -> None:
    from _unchanged.runs import clone

    with pytest.raises(SystemExit, match="shallow clone lacks it"):
        clone(unchanged.REPOSITORY, "0" * 40, tmp_path / "nowhere")
