"""What the version before did not have, and the map names, is counted as new and is no difference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from _unchanged.compare import compare
from _unchanged.identity import Side
from _unchanged.invented import CARD, NAME, TREES, Run, differences


def _section(name: str) -> Callable[[Any], Any]:
    return lambda card: card["sections"].insert(0, {"name": name, "blocks": [{"kind": "text", "text": "Yes."}]})


def test_parts_of_documents_that_the_map_names_are_new_and_all_others_differences(before: Run, after: Run) -> None:
    after.change(CARD, _section("Can it be trusted?"))
    forecast = "reports/forecasts/f.json"
    after.change(forecast, lambda made: made["rows"][0].update(why_groups=[{"group": "session", "contribution": 1.0}]))
    parts = {part.name: part for part in compare(Side(before.root), Side(after.root))}
    assert not any(part.differences for part in parts.values())
    assert (parts["cards"].new, parts["forecasts"].new) == (1, 1)
    after.change(CARD, _section("Praise"))
    after.change(forecast, lambda made: made["rows"][0].update(luck=1.0))
    found = differences(before, after)
    assert any("Praise.blocks[0].kind was absent" in each for each in found["cards"])
    assert found["forecasts"] == ["2026-15 order-pre_race #1: rows[0].luck was absent, is 1.0"]


def test_tables_and_metrics_that_the_map_names_are_new_and_all_others_differences(before: Run, after: Run) -> None:
    report, rows = f"reports/{NAME}.json", "reports/backtest.json"

    def scored(metric: str) -> None:
        row = {"template": "podium", "model": TREES, "metric": metric, "season": "all", "value": 0.5, "n": 2}
        after.change(report, lambda told: told["podium"].update({metric: {TREES: {"value": 0.5}}}))
        after.change(rows, lambda known: [*known, row])
        after.table(f"data/tables/{metric}.parquet", pd.DataFrame({"race_id": [1]}))

    scored("within_2")
    found = differences(before, after)
    assert found == {"tables (md5)": ["data/tables/within_2.parquet: only after"]}
    (after.root / "data/tables/within_2.parquet").rename(after.root / "data/tables/start_tyres.parquet")
    assert differences(before, after) == {}
    scored("luck")
    assert set(differences(before, after)) == {"tables (md5)", "reports", "backtest rows"}


def test_libraries_and_estimators_that_took_no_part_are_compared_one_by_one(before: Run, after: Run) -> None:
    for run in (before, after):
        run.change("reports/bt.json", lambda told: told["facts"].update(libraries={"optuna": "3.2.0"}, skipped={}))
    after.change("reports/bt.json", lambda told: told["facts"]["libraries"].update(catboost="1.2.10"))
    after.change(
        "reports/bt.json", lambda told: told["facts"]["skipped"].update({"pre_race/pace_logit": "another one"})
    )
    assert differences(before, after) == {}
    after.change("reports/bt.json", lambda told: told["facts"]["libraries"].update(optuna="3.3.0"))
    after.change("reports/bt.json", lambda told: told["facts"].update(luck=1))
    assert differences(before, after)["backtest rows"] == [
        "bt.json: facts: facts.luck was absent, is 1",
        "bt.json: facts.libraries.optuna: was 3.2.0, is 3.3.0",
    ]


def test_reasons_of_a_refusal_are_compared_by_the_gates_names_of_today(before: Run, after: Run) -> None:
    log = "mlruns/promotions.jsonl"
    before.change(log, lambda row: row.update(why="2 of 3 gates failed (latency: slow; late; openings: opened once)"))
    after.change(
        log, lambda row: row.update(why="2 of 3 gates failed (holdout_reuse: opened once; latency: slow; late)")
    )
    assert differences(before, after) == {}
    after.change(
        log, lambda row: row.update(why="2 of 3 gates failed (holdout_reuse: opened twice; latency: slow; late)")
    )
    assert set(differences(before, after)) == {"holdout log and history"}


def test_a_new_part_is_compared_where_both_have_it(before: Run, after: Run) -> None:
    for run, card in ((before, CARD.replace("b" * 32, "a" * 32)), (after, CARD)):
        run.change(card, _section("Can it be trusted?"))
    assert differences(before, after) == {}
    after.change(CARD, lambda card: card["sections"][0]["blocks"][0].update(text="No."))
    assert any("was 'Yes.', is 'No.'" in each for each in differences(before, after)["cards"])


def test_another_model_is_new_and_no_difference_but_another_file_of_a_known_one_is(before: Run, after: Run) -> None:
    after.write("models/dnf-pre_race/model/estimator.json", {})
    after.table("data/frames/dnf-pre_race.parquet", pd.DataFrame({"race_id": [1]}))
    after.change(
        "reports/backtest.json",
        lambda rows: [*rows, {"template": "dnf", "model": "xgboost", "metric": "auc", "season": "all", "value": 0.6}],
    )
    parts = {part.name: part for part in compare(Side(before.root), Side(after.root))}
    assert {name: part.differences for name, part in parts.items() if part.differences} == {}
    assert {name for name, part in parts.items() if part.new} == {
        "frames (md5)",
        "native model files (md5)",
        "backtest rows",
    }
