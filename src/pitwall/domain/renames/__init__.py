"""The one map of what was renamed: old modules, gates, estimators, columns, tags and files, and what they are called now.

`renames.toml` beside this file is the map; nothing else in the project knows an old name. Readers of what an earlier version
stored ask here for the name of today, so that a file whose bytes must not change (a hash chain, a registered model) is read
as if it had been written now. Names that were never renamed come back as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

MAP = Path(__file__).with_name("renames.toml")
ORDER = "order"  # the only family that the version before knew
Names = Mapping[str, str]


@dataclass(frozen=True)
class Renames:
    """The map, section by section; each is {old name: new name} unless said otherwise.

    Attributes:
        before: the last commit that knows the old names.
        gates: validation gates.
        estimators: {family: {old: new}}.
        columns: {table: {old: new}}.
        tags: of runs and model versions.
        manifest: {section of manifest.json: {old: new}}.
        files: state of a project, from its root.
        recipe: `format` as {old, new}, and `added`, fields with the one value that the version before could only mean.
        forecast_rows: fields of a stored forecast's rows; new ones by dotted path.
        phrases: of pages.
        names: functions and constants that left their module, by dotted name.
        modules: by dotted name.
    """

    before: str
    gates: Names
    estimators: Mapping[str, Names]
    columns: Mapping[str, Names]
    tags: Names
    manifest: Mapping[str, Names]
    files: Names
    recipe: Mapping[str, Any]
    forecast_rows: Names
    phrases: Names
    names: Names
    modules: Names


@cache
def renames() -> Renames:
    """Return the map; it is read once, and only by a process that meets something old."""
    import tomllib

    return Renames(**tomllib.loads(MAP.read_text(encoding="utf-8")))


def gate(name: str) -> str:
    """Return what a gate is called now.

    Example:
        >>> gate("openings"), gate("calibration")
        ('holdout_reuse', 'calibration')
    """
    return renames().gates.get(name, name)


def estimator(name: str, family: str = ORDER) -> str:
    """Return what an estimator of a family, as the version before named it, is called now.

    Example:
        >>> estimator("xgboost"), estimator("xgboost", "binary"), estimator("stack")
        ('plackett_luce_trees', 'xgboost', 'stack')
    """
    return renames().estimators.get(family, {}).get(name, name)


def phrase(text: str) -> str:
    """Return a text of a page as it is worded now.

    Example:
        >>> phrase("about the results of his cars.")
        'about the results of their cars.'
    """
    for old, new in renames().phrases.items():
        text = text.replace(old, new)
    return text


def verdict(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored verdict with its gate's name of today; a hash chain keeps the row as it was written."""
    return {**row, "gate": gate(str(row["gate"]))}


def tags(stored: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of a run with their names of today."""
    return {renames().tags.get(name, name): value for name, value in stored.items()}


def manifest_section(name: str, content: Any) -> Any:
    """Return a section of a stored manifest with the names of today; what is no mapping stays as it is."""
    new = renames().manifest.get(name)
    return (
        content if new is None or not isinstance(content, Mapping) else {new.get(k, k): v for k, v in content.items()}
    )


def recipe(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recipe as recipe.json of today says it, whichever version wrote it.

    Example:
        >>> recipe({"format": 1, "estimator": "xgboost"})
        {'model': 'order', 'format': 2, 'estimator': 'plackett_luce_trees'}
    """
    form = renames().recipe
    if content.get("format") != form["format"]["old"]:
        return dict(content)
    return {**form["added"], **content, "format": form["format"]["new"], "estimator": estimator(content["estimator"])}


def forecast_row(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of a stored forecast with the fields of today, whichever version wrote it.

    Example:
        >>> forecast_row({"driver": "A", "events": {"podium": 0.5}, "why": []})
        {'names': {'driver': 'A'}, 'answers': {'podium': 0.5}, 'why': []}
    """
    row: dict[str, Any] = {}
    for name, value in stored.items():
        part, _, field = renames().forecast_rows.get(name, name).partition(".")
        if field:
            row.setdefault(part, {})[field] = value
        else:
            row[part] = value
    return row


def predictions(table: pd.DataFrame) -> pd.DataFrame:
    """Return a predictions table with the columns and estimators of today, whichever version wrote it."""
    new = renames().columns["predictions"]
    old = [name for name in new if name in table.columns and new[name] not in table.columns]
    if not old:
        return table
    known = renames().estimators[ORDER]
    return table.assign(**{name: table[name].map(lambda text: known.get(text, text)) for name in old}).rename(
        columns={name: new[name] for name in old}
    )
