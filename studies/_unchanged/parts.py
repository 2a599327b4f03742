"""What is compared: every part of a run as {name: thing}, and to which registered model or question each belongs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import Any

import pandas as pd

from _unchanged.documents import flat, rows_by_name
from _unchanged.identity import Side, renamed
from pitwall.domain import renames

RECIPE, PREDICTIONS, QUARANTINE = "recipe.json", "predictions.parquet", "quarantine"
# Facts of a backtest by the name of a library, of an estimator, of a kind of race.
NAMED = ("facts.libraries.", "facts.skipped.", "facts.slice_definitions.")
LISTS = ("rows", "paired", "slices", "importance", "calibration", "regret")


@dataclass(frozen=True)
class Thing:
    """One thing of a run.

    Attributes:
        value: comparable: a hash, a flat document or a table.
        owner: a registered model or a question; what only the version after knows is new, not different.
    """

    value: Any
    owner: str = ""


Things = Iterator[tuple[str, Thing]]


def data(side: Side, folder: str) -> Things:
    """Yield the md5 of every file of a data folder; the quarantine, which names its snapshot's instant, as a table."""
    for path in sorted((side.root / "data" / folder).rglob("*.parquet")):
        value: Any = _md5(path)
        if path.stem == QUARANTINE:
            value = pd.read_parquet(path)
            value["snapshot"] = value["snapshot"].map(side.text, na_action="ignore")
        own = folder != "tables" or path.stem in renames.renames().parts["tables"]
        yield path.relative_to(side.root).as_posix(), Thing(value, path.stem if own else "")


def native(side: Side) -> Things:
    """Yield the md5 of every native file of the models; their folders by the estimators' names of today."""
    for path in _model_files(side):
        if path.name not in (RECIPE, PREDICTIONS):
            own = path.relative_to(side.root / "models")
            yield "/".join(renamed(part) for part in own.parts), Thing(_md5(path), own.parts[0])


def recipes(side: Side) -> Things:
    """Yield the recipes as recipe.json of today says them."""
    for path in _model_files(side, RECIPE):
        own = path.relative_to(side.root / "models")
        yield own.as_posix(), Thing(flat(renames.recipe(json.loads(path.read_text())), side), own.parts[0])


def predictions(side: Side) -> Things:
    """Yield the predictions tables with the columns of today, rows in one order."""
    for path in _model_files(side, PREDICTIONS):
        own = path.relative_to(side.root / "models")
        table = renames.predictions(pd.read_parquet(path))
        keys = [name for name in table.columns if not name.startswith("place_")]
        yield own.as_posix(), Thing(table.sort_values(keys, kind="stable").reset_index(drop=True), own.parts[0])


def reports(side: Side) -> Things:
    """Yield the metrics of every model; those that there were none of before each apart."""
    apart = renames.renames().parts["metrics"]
    for name in side.models:
        path = side.root / "reports" / f"{name}.json"
        if not path.is_file():
            continue
        told = flat(json.loads(path.read_text()), side)
        of = {field: next((each for each in apart if f".{each}." in field), "") for field in told}
        yield path.name, Thing({field: value for field, value in told.items() if not of[field]}, name)
        for each in sorted({*of.values()} - {""}):
            own = {field: value for field, value in told.items() if of[field] == each}
            yield f"{path.name}: {each}", Thing(own, f"metric {each}")


def backtests(side: Side) -> Things:
    """Yield the rows of the published backtest and of one that was asked for, and the points of the plots."""
    for path in (side.root / "reports" / name for name in ("backtest.json", "bt.json")):
        if not path.is_file():
            continue
        content = json.loads(path.read_text())
        lists = {"rows": content} if isinstance(content, list) else {name: content[name] for name in LISTS}
        for part, rows in lists.items():
            for name, row in rows_by_name(rows, side).items():
                yield f"{path.name} {part}: {name}", Thing(row, _question(row))
        if isinstance(content, dict):
            rest = {key: value for key, value in content.items() if key not in LISTS}
            yield from _facts(path.name, flat(rest, side))
    for path in sorted((side.root / "reports" / "plots").glob("*.csv")):
        points = json.loads(pd.read_csv(path).to_json(orient="records", double_precision=15))
        for name, row in rows_by_name(points, side).items():
            yield f"{path.name}: {name}", Thing(row, _question(row))


def _facts(name: str, told: dict[str, Any]) -> Things:
    """Yield what a backtest says of itself; what goes by a name each apart, as there may be new ones."""
    apart = {field for field in told if field.startswith(NAMED)}
    yield f"{name}: facts", Thing({field: value for field, value in told.items() if field not in apart})
    for field in sorted(apart):
        yield f"{name}: {field}", Thing(told[field], field)


def _question(row: dict[str, Any]) -> str:
    """Return the question of a row, or the metric or the kind of race where there was none such before."""
    new = renames.renames().parts
    for name, known in (("metric", new["metrics"]), ("slice", new["slices"])):
        if (told := str(row.get(name, ""))) in known:
            return f"{name} {told}"
    return str(row.get("template", ""))


def cards(side: Side) -> Things:
    """Yield the card of every version, and the one that was asked for; sections that there were none of before each apart."""
    for path in sorted((side.root / "mlruns" / "artifacts").glob("*/*/artifacts/card/*/card.json")):
        content = json.loads(path.read_text())
        yield from _card(f"{content['model']} {path.parent.name}", content, side)
    asked = side.root / "reports" / "card.json"
    if asked.is_file():
        yield from _card(asked.name, json.loads(asked.read_text()), side)


def _card(name: str, content: dict[str, Any], side: Side) -> Things:
    apart = set(renames.renames().parts["cards"])
    sections = content["sections"]
    kept = {**content, "sections": [each for each in sections if each["name"] not in apart]}
    yield name, Thing(flat(kept, side), content["model"])
    for each in sections:
        if each["name"] in apart:
            yield f"{name}: {each['name']}", Thing(flat({"sections": [each]}, side), f"section {each['name']}")


def forecasts(side: Side) -> Things:
    """Yield the stored forecasts in the order in which they were made, and the one that was asked for; new fields of rows apart."""
    stored = [_forecast(path) for path in (side.root / "reports" / "forecasts").glob("*.json")]
    counted: dict[str, int] = {}
    for content in sorted(stored, key=lambda each: each["made_at"]):
        name = f"{content['race']} {content['model']}"
        counted[name] = counted.get(name, 0) + 1
        yield from _answers(f"{name} #{counted[name]}", content, side)
    asked = side.root / "reports" / "fc.json"
    if asked.is_file():
        yield from _answers(asked.name, _forecast(asked), side)


def _answers(name: str, content: dict[str, Any], side: Side) -> Things:
    apart = renames.renames().parts["forecasts"]
    rows = [{field: value for field, value in row.items() if field not in apart} for row in content["rows"]]
    yield name, Thing(flat({**content, "rows": rows}, side), content["model"])
    for field in apart:
        if any(field in row for row in content["rows"]):
            told = [row.get(field) for row in content["rows"]]
            yield f"{name}: {field}", Thing(flat({field: told}, side), f"field {field}")


def inputs(side: Side) -> Things:
    """Yield what forecasts were made from, to the last bit, whatever the folder is called."""
    counted: dict[str, int] = {}
    entries = [json.loads(path.read_text()) for path in sorted(_state(side, ".pitwall/input_log").glob("*/*.json"))]
    for content in sorted(entries, key=lambda each: each["served_at"]):
        name = f"{content['race']} {content['model']}"
        counted[name] = counted.get(name, 0) + 1
        yield f"{name} #{counted[name]}", Thing(flat(content, side), content["model"])


def ledgers(side: Side) -> Things:
    """Yield the rows of the holdout log and of the history, in their order by model."""
    for name in ("mlruns/holdout_log.jsonl", "mlruns/promotions.jsonl"):
        path = _state(side, name)
        counted: dict[str, int] = {}
        for row in map(json.loads, path.read_text().splitlines() if path.is_file() else ()):
            owner = str(row.get("model", ""))
            counted[owner] = counted.get(owner, 0) + 1
            row.pop("seq", None)  # other models' rows stand between
            yield f"{Path(name).stem} {owner} #{counted[owner]}", Thing(flat(row, side), owner)


PARTS: dict[str, Callable[[Side], Things]] = {
    "tables (md5)": lambda side: data(side, "tables"),
    "features (md5)": lambda side: data(side, "features"),
    "frames (md5)": lambda side: data(side, "frames"),
    "native model files (md5)": native,
    "recipes": recipes,
    "predictions (values)": predictions,
    "reports": reports,
    "backtest rows": backtests,
    "cards": cards,
    "forecasts": forecasts,
    "inputs of forecasts": inputs,
    "holdout log and history": ledgers,
}


def _model_files(side: Side, name: str = "*") -> list[Path]:
    return [path for path in sorted((side.root / "models").rglob(name)) if path.is_file()]


def _forecast(path: Path) -> dict[str, Any]:
    """Return a stored forecast, its rows with the fields of today."""
    content = json.loads(path.read_text())
    return {**content, "rows": [renames.forecast_row(row) for row in content["rows"]]}


def _state(side: Side, name: str) -> Path:
    """Return a state file or folder, by its name of today or else by its old one."""
    old = {new: old for old, new in renames.renames().files.items()}
    return next(
        (path for path in (side.root / name, side.root / old.get(name, name)) if path.exists()), side.root / name
    )


def _md5(path: Path) -> str:
    return md5(path.read_bytes(), usedforsecurity=False).hexdigest()
