"""What a forecast is: the answers about each row, their baseline, and where all of it comes from; kept as JSON, read again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pitwall.domain import clock, renames
from pitwall.domain.files import write_atomically
from pitwall.domain.project import Project
from pitwall.domain.records.stored_forecasts import file_name, first_of, folder, text_of
from pitwall.ml.forecasting.explanations import GroupReason, Reason


@dataclass(frozen=True)
class AnswerRow:
    """What is said of one row.

    Attributes:
        keys: that tell it apart within its race: driver_id, lap or stop; compound_id; none for the race itself.
        names: of what it is about, as people know it: driver, code (None for old drivers) and team; compound and circuit; or race and
            circuit.
        answers: by template: a probability, or the mean of a number.
        baseline: the same of the baseline.
        detail: what the family says beside: P(place 1), P(place 2), ... and the expected place; or quantiles; and what the model
            saw of the row that people ask for (`grid`, None before it is known).
        full: `ours` and `baseline`, each with the family's own columns, where scores need more than the answers; else empty.
        why: the strongest reasons for its score, empty where the model cannot tell features apart.
        why_groups: the feature groups that add most to it.
    """

    keys: Mapping[str, int]
    names: Mapping[str, str | None]
    answers: Mapping[str, float]
    baseline: Mapping[str, float]
    detail: Mapping[str, Any] = field(default_factory=dict)
    full: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    why: tuple[Reason, ...] = ()
    why_groups: tuple[GroupReason, ...] = ()

    @property
    def titles(self) -> tuple[str, str]:
        """What label and side are called."""
        if "driver" in self.names:
            return "driver", "team"
        return "compound" if "compound" in self.names else "race", "circuit"

    @property
    def label(self) -> str:
        """What the row is about, in a word or two."""
        numbers = [f"{name} {number}" for name, number in self.keys.items() if not name.endswith("_id")]
        return ", ".join([str(self.names[self.titles[0]]), *numbers])

    @property
    def side(self) -> str:
        """What stands beside the label: the team, the circuit."""
        return str(self.names[self.titles[1]] or "")


@dataclass(frozen=True)
class Forecast:
    """A forecast of one race, the row that matters most first: the most probable winner.

    `model`, `stage` and `cutoff` are of the model that answers, `asked` is the one that was asked for (empty in forecasts of earlier
    versions).
    """

    race: str
    race_name: str
    stage: str
    cutoff: str
    model: str
    version: int
    role: str
    estimator: str
    baseline: str
    labels: tuple[str, ...]
    rows: tuple[AnswerRow, ...]
    provenance: Mapping[str, str] = field(default_factory=dict)
    asked: str = ""

    def to_json(self) -> str:
        """Return the forecast as JSON; the same forecast gives the same text."""
        content = asdict(self)
        rows = [{name: value for name, value in row.items() if name != "full" or value} for row in content["rows"]]
        return text_of({**content, "rows": rows})


def store(project: Project, made: Forecast, now: datetime | None = None) -> Path:
    """Write a forecast below `reports/forecasts` with the instant at which it was made, now when None; the same one only once."""
    content = json.loads(made.to_json())
    if earlier := first_of(project, content):
        return earlier  # a stored forecast is never written again: its first date is what counts
    content = {"made_at": (now or clock.now()).isoformat(timespec="seconds"), **content}
    path = folder(project) / file_name(content)
    write_atomically(path, text_of(content) + "\n")
    return path


def read(path: Path) -> Forecast:
    """Return a stored forecast."""
    return parsed(json.loads(path.read_text(encoding="utf-8")))


def parsed(content: Mapping[str, Any]) -> Forecast:
    """Return the forecast that the content of a stored one says."""
    facts = {name: value for name, value in content.items() if name != "made_at"}
    rows = tuple(_read_row(row) for row in content["rows"])
    return Forecast(**{**facts, "labels": tuple(content["labels"]), "rows": rows})


def _read_row(row: Mapping[str, Any]) -> AnswerRow:
    why = tuple(Reason(**reason) for reason in row.get("why", ()))  # forecasts of earlier versions gave no reasons
    groups = tuple(GroupReason(**reason) for reason in row.get("why_groups", ()))
    return AnswerRow(**{**renames.forecast_row(row), "why": why, "why_groups": groups})


def only(made: Forecast, templates: Sequence[str]) -> Forecast:
    """Return the forecast with the answers to some questions, the baseline's too; all of them when none is named."""
    rows = [
        replace(
            row,
            answers={name: row.answers[name] for name in templates or row.answers},
            baseline={name: row.baseline[name] for name in templates or row.baseline},
        )
        for row in made.rows
    ]
    return replace(made, rows=tuple(rows))
