"""A small run on disk, as the version before or this one leaves it: what the tests of the comparison compare."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from _unchanged.compare import compare
from _unchanged.identity import Side
from pitwall.domain.refs import folder_hash

NAME = "order-pre_race"
TREES = "plackett_luce_trees"
CARD = f"mlruns/artifacts/pitwall-order/{'b' * 32}/artifacts/card/v1/card.json"


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

    def table(self, name: str, table: pd.DataFrame) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(path, index=False)

    def _data(self) -> None:
        self.snapshot = f"{self.day.replace('-', '')}T051115-5d83baa4"
        (self.root / "data" / "raw" / "synthetic" / self.snapshot).mkdir(parents=True)
        for name in ("tables/races", "features/driver_form", f"frames/{NAME}"):
            self.table(f"data/{name}.parquet", pd.DataFrame({"race_id": [1, 2], "value": [0.5, np.nan]}))
        aside = {"table": ["results"], "reason": ["twice"], "row": ["{}"], "snapshot": [self.snapshot]}
        self.table("data/tables/quarantine.parquet", pd.DataFrame(aside))

    def _model(self) -> None:
        folder = f"models/{NAME}/model"
        self.write(f"{folder}/estimator.json", {"weights": [0.1]})
        self.write(f"{folder}/{self.trees}/booster.json", {"trees": [1]})
        recipe = {"estimator": self.trees, "features": ["grid"], "seed": 7, "facts": {"races": 2}, "format": 1}
        self.write(f"{folder}/recipe.json", {**recipe, "format": 2, "model": "order"} if self.new else recipe)
        own = pd.DataFrame({"role": "model", "race_id": [1, 2], "place_1": [0.25, 0.75]})
        tables = [own.assign(who=self.trees), own.assign(who="stack", place_1=[0.5, 0.5])]
        both = pd.concat(tables).sort_values("who", kind="stable").reset_index(drop=True)
        self.table(f"{folder}/predictions.parquet", both.rename(columns={"who": "estimator" if self.new else "model"}))

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


def differences(before: Run, after: Run) -> dict[str, list[str]]:
    return {part.name: part.differences for part in compare(Side(before.root), Side(after.root)) if part.differences}
