"""How often the held-out seasons were opened: every set of predictions that was ever scored on them, counted once.

Seasons that judge many candidates end up choosing the luckiest one, so what was scored is written down where it happens,
promoted or not. The same recipe trained again on newer races says the same of old seasons and opens nothing. A season is
known by its cars, so that the same year of another source is another season.

A look at a part of a season under way opens that season too. It is written down as a part, race by race: the same recipe scored
on a race more has said nothing new of the others, so it goes on with its earlier row instead of being counted again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock

from pitwall.domain import clock
from pitwall.domain.keys import BLOCK
from pitwall.domain.project import Project
from pitwall.ml.models import Model, model
from pitwall.ml.models.machinery.names import model_of

FILE = "holdout_log.jsonl"
DECIMALS = 6  # of an answer: what two machines may differ in is below
LOCK_SECONDS = 60.0
SHORT = 8  # letters of a hash that are kept


def record(
    project: Project,
    name: str,
    own: pd.DataFrame,
    parts: Mapping[int, str] | None = None,
    *,
    of: Model | None = None,
) -> None:
    """Write down that a model's out-of-sample predictions were scored, unless these very ones are written already.

    Args:
        project: that keeps the log.
        name: of the model, or of the question that users' models share.
        own: its predictions.
        parts: {season: "12 of 24"} where they are of parts of seasons.
        of: the model, where the name does not say it.
    """
    definition = of or model(model_of(name))
    digest, path = fingerprint(own, definition), _file(project)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(str(path.with_name(".holdout_log.lock")), timeout=LOCK_SECONDS):
        known = _rows(project, name)
        if any(row["predictions"] == digest for row in known):
            return
        seasons, said = sorted(_by_season(own, definition)), _by_race(own, definition)
        if any(said.items() <= _races(row).items() for row in known):
            return
        row: dict[str, Any] = {"model": name, "predictions": digest, "seasons": seasons, "at": _now()}
        if parts:
            row |= {"parts": {str(season): share for season, share in parts.items()}, "races": said}
        if goes_on := [each["predictions"] for each in known if _races(each) and _races(each).items() <= said.items()]:
            row["goes_on"] = goes_on
        with path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row, sort_keys=True) + "\n")


def count(project: Project, name: str, own: pd.DataFrame, *, of: Model | None = None) -> int:
    """Return how many different predictions were scored on the most often opened of a model's held-out seasons, or a part.

    Args:
        project: that keeps the log.
        name: as it was recorded.
        own: the predictions.
        of: the model, where the name does not say it.
    """
    logged = _rows(project, name)
    earlier = {digest for row in logged for digest in row.get("goes_on", [])}
    counted = [row for row in logged if row["predictions"] not in earlier]
    definition = of or model(model_of(name))
    opened = [
        _opened(counted, season, {_keys(race, definition) for _, race in rows.groupby(BLOCK)})
        for season, rows in _by_season(own, definition).items()
    ]
    return max(opened, default=0)


def _opened(rows: list[dict[str, Any]], season: str, races: set[str]) -> int:
    return sum(season in row["seasons"] or not races.isdisjoint(_races(row)) for row in rows)


def _races(row: Mapping[str, Any]) -> dict[str, str]:
    """Return what a row of parts of seasons says of each race; empty for complete seasons."""
    return dict(row.get("races", {}))


def _by_season(own: pd.DataFrame, definition: Model) -> dict[str, pd.DataFrame]:
    """Return the rows of each season; its name holds a hash of the rows that it has, e.g. `2024-1f3a5c7e`."""
    return {f"{season}-{_keys(rows, definition)}": rows for season, rows in own.groupby("season")}


def _by_race(own: pd.DataFrame, definition: Model) -> dict[str, str]:
    """Return {hash of a race's keys: hash of what is said of them}."""
    return {_keys(rows, definition): _said(rows, definition) for _, rows in own.groupby(BLOCK)}


def _keys(rows: pd.DataFrame, definition: Model) -> str:
    key = list(definition.kind.key)
    return hashlib.sha256(rows[key].sort_values(key).astype("int64").to_numpy().tobytes()).hexdigest()[:SHORT]


def _said(race: pd.DataFrame, definition: Model) -> str:
    """Return a hash of what is said of one race; columns that only larger races fill do not count."""
    fill = definition.answers.fill
    beyond = [] if fill is None else [name for name in definition.answers.columns(race) if (race[name] == fill).all()]
    return fingerprint(race.drop(columns=beyond), definition)[:SHORT]


def fingerprint(own: pd.DataFrame, definition: Model) -> str:
    """Return a hash of what one estimator says of every row, whatever their order."""
    said = list(definition.kind.said)
    rows = own.sort_values(said)
    digest = hashlib.sha256(rows[said].astype("int64").to_numpy().tobytes())
    digest.update((definition.answers.matrix(rows).round(DECIMALS) + 0.0).tobytes())
    return digest.hexdigest()


def _file(project: Project) -> Path:
    return project.mlruns / FILE


def _rows(project: Project, name: str) -> list[dict[str, Any]]:
    path = _file(project)
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [row for row in map(json.loads, lines) if row["model"] == name]


def _now() -> str:
    return clock.wall().isoformat(timespec="seconds")
