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

STUDIES = Path(__file__).resolve().parents[2] / "studies"
sys.path.insert(0, str(STUDIES))

import unchanged  # noqa: E402
from _unchanged.compare import compare  # noqa: E402
from _unchanged.identity import Side  # noqa: E402
from _unchanged.parts import PARTS  # noqa: E402

from pitwall.domain.refs import folder_hash  # noqa: E402

NAME = "order-pre_race"
TREES = "plackett_luce_trees"


class Run:
    """A small run on disk, as the version before or this one leaves it."""

    def __init__(self, root: Path, *, new: bool) -> None:
        self.root, self.new = root, new
        self.day, self.run = ("2026-12-02", "b" * 32) if new else ("2026-11-29", "a" * 32)
        self.trees, self.gate = (TREES, "holdout_reuse") if new else ("xgboost", "openings")
        self._data()
        self._model()
        self._reports()
        self._state()

    def write(self, name: str, content: Any) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))

    def change(self, name: str, change: Callable[[Any], Any]) -> None:
        """Change a JSON document in place."""
        content = json.loads((self.root / name).read_text())
        self.write(name, change(content) or content)

    def _table(self, name: str, table: pd.DataFrame) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(path, index=False)

    def _data(self) -> None:
        self.snapshot = f"{self.day.replace('-', '')}T051115-5d83baa4"
        (self.root / "data" / "raw" / "synthetic" / self.snapshot).mkdir(parents=True)
        for name in ("tables/races", "features/driver_form", f"frames/{NAME}"):
            self._table(f"data/{name}.parquet", pd.DataFrame({"race_id": [1, 2], "value": [0.5, np.nan]}))
        aside = {"table": ["results"], "reason": ["twice"], "row": ["{}"], "snapshot": [self.snapshot]}
        self._table("data/tables/quarantine.parquet", pd.DataFrame(aside))

    def _model(self) -> None:
        folder = f"models/{NAME}/model"
        self.write(f"{folder}/estimator.json", {"weights": [0.1]})
        self.write(f"{folder}/{self.trees}/booster.json", {"trees": [1]})
        recipe = {"estimator": self.trees, "features": ["grid"], "seed": 7, "facts": {"races": 2}, "format": 1}
        self.write(f"{folder}/recipe.json", {**recipe, "format": 2, "model": "order"} if self.new else recipe)
        own = pd.DataFrame({"role": "model", "race_id": [1, 2], "place_1": [0.25, 0.75]})
        tables = [own.assign(who=self.trees), own.assign(who="stack", place_1=[0.5, 0.5])]
        both = pd.concat(tables).sort_values("who", kind="stable").reset_index(drop=True)
        self._table(f"{folder}/predictions.parquet", both.rename(columns={"who": "estimator" if self.new else "model"}))

    @property
    def content(self) -> str:
        return folder_hash(self.root / "models" / NAME / "model")

    def _reports(self) -> None:
        self.write(f"reports/{NAME}.json", {"podium": {"brier": {self.trees: {"value": 0.1, "n": 2}}}})
        rows = [
            {"template": "podium", "model": each, "metric": "brier", "season": "all", "value": value, "n": 2}
            for each, value in sorted({self.trees: 0.1, "stack": 0.2}.items())
        ]
        self.write("reports/backtest.json", rows)
        lists = {name: [] for name in ("paired", "slices", "importance", "calibration", "regret")}
        durations = {"wall_s": 3.0 + self.new}
        self.write("reports/bt.json", {"rows": rows, **lists, "facts": {"seed": 7, "durations": durations}})
        points = pd.DataFrame({"template": "podium", "model": [self.trees], "forecast": [0.123456], "n": [3]})
        (self.root / "reports" / "plots").mkdir()
        points.to_csv(self.root / "reports" / "plots" / "calibration.csv", index=False)
        gates = sorted(
            [[self.gate, "podium", "passed", "0.1", "0"], ["latency", "", "passed", f"{3 + self.new}.1", "50"]]
        )
        whose = "their" if self.new else "his"
        sections = [
            {
                "name": "Lineage",
                "blocks": [{"kind": "facts", "facts": [["estimator", self.trees], ["branch", self.day]]}],
            },
            {"name": "Gates", "blocks": [{"kind": "table", "columns": ["gate", "a", "b", "c", "d"], "rows": gates}]},
            {"name": "Limits", "blocks": [{"kind": "text", "text": "The held-out seasons were opened once."}]},
            {"name": "Purpose", "blocks": [{"kind": "text", "text": f"the results of {whose} cars"}]},
        ]
        card = {"model": NAME, "version": 1, "content": self.content, "sections": sections}
        self.write(f"mlruns/artifacts/pitwall-order/{self.run}/artifacts/card/v1/card.json", card)
        places = [0.25, 0.75]
        row = (
            {"names": {"driver": "A"}, "detail": {"places": places}} if self.new else {"driver": "A", "places": places}
        )
        forecast = {
            "made_at": f"{self.day}T06:00:00+00:00",
            "race": "2026-15",
            "model": NAME,
            "estimator": self.trees,
            "cutoff": "2026-09-13T12:00:00+00:00",
            "provenance": {"model.run": self.run, "model.content": self.content, "git.branch": self.day},
            "rows": [row],
        }
        self.write("reports/forecasts/f.json", forecast)

    def _state(self) -> None:
        served = {
            "served_at": f"{self.day}T06:00:00+00:00",
            "race": "2026-15",
            "model": NAME,
            "features": {"grid": ["0x1.8p+0"]},
        }
        self.write(f".pitwall/{'input_log' if self.new else 'served'}/202612/a.json", served)
        log = {"at": f"{self.day}T06:00:00+00:00", "model": NAME, "predictions": "cafe", "seasons": ["2025-1"]}
        self.write(f"mlruns/{'holdout_log' if self.new else 'openings'}.jsonl", json.dumps(log) + "\n")
        verdicts = [
            {"gate": self.gate, "measured": 0.1, "limit": 0.0, "passed": True, "template": "podium", "reason": "gains"},
            {
                "gate": "latency",
                "measured": 3.1 + self.new,
                "limit": 50.0,
                "passed": True,
                "template": None,
                "reason": self.day,
            },
        ]
        row = {
            "at": f"{self.day}T06:00:00+00:00",
            "model": NAME,
            "seq": 2,
            "hash": self.run,
            "prev": self.day,
            "kind": "promoted",
        }
        row["verdicts"] = sorted(verdicts, key=lambda each: str(each["gate"]))
        self.write("mlruns/promotions.jsonl", json.dumps(row) + "\n")


@pytest.fixture
def before(tmp_path: Path) -> Run:
    return Run(tmp_path / "before", new=False)


@pytest.fixture
def after(tmp_path: Path) -> Run:
    return Run(tmp_path / "after", new=True)


def differences(before: Run, after: Run) -> dict[str, list[str]]:
    return {part.name: part.differences for part in compare(Side(before.root), Side(after.root)) if part.differences}


def test_two_runs_that_differ_by_the_map_alone_are_equal_in_every_part(before: Run, after: Run) -> None:
    parts = compare(Side(before.root), Side(after.root))
    assert [part.name for part in parts] == list(PARTS)
    assert {part.name: part.differences for part in parts if part.differences} == {}
    assert all(part.compared for part in parts)


def test_a_run_equals_itself_whatever_its_version(before: Run, after: Run) -> None:
    assert differences(before, before) == {}
    assert differences(after, after) == {}


CARD = f"mlruns/artifacts/pitwall-order/{'b' * 32}/artifacts/card/v1/card.json"


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
        lambda run: run._table("data/tables/races.parquet", pd.DataFrame({"race_id": [1, 3]})),
        "tables (md5)",
        "data/tables/races.parquet: was",
    ),
    "why a row was set aside": (
        lambda run: run._table(
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
        lambda run: run._table(f"data/frames/{NAME}.parquet", pd.DataFrame({"race_id": [1]})),
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
        after._table(f"data/tables/{metric}.parquet", pd.DataFrame({"race_id": [1]}))

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
    after._table("data/frames/dnf-pre_race.parquet", pd.DataFrame({"race_id": [1]}))
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
        clone(STUDIES.parent, "0" * 40, tmp_path / "nowhere")
