"""The champions' answers for a range of races, as one tidy table: a row per race, row of the race and question.

Each answer is the one that `pitwall forecast --race` gives. Nothing is entered into the track record: a table is no forecast that was handed in
before a session.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pitwall.domain import clock
from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.files import write_atomically
from pitwall.domain.tables import Tables, load_tables
from pitwall.domain.when import CUTOFF_COLUMN, UTC_US
from pitwall.ml.data.calendar import Race, find_race, races_between
from pitwall.ml.forecasting.answers import Forecast
from pitwall.ml.forecasting.forecast import forecast
from pitwall.ml.models.machinery.names import model_of, resolve_model, trained_at
from pitwall.ml.registry import recover
from pitwall.ml.templates import template
from pitwall.workflows.forecast import DEFAULT_MODEL
from pitwall.workflows.judge import registered
from pitwall.workflows.workspace import Workspace

ABOUT = ("race", "race_name", "stage", "cutoff", "model", "version", "content", "template")
CALENDAR = ["races", "results"]
SUFFIXES = (".parquet", ".csv")


def predict_races(
    workspace: Workspace,
    races: str,
    templates: Sequence[str] = (),
    stage: str = "",
    *,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Return the standing champions' answers for a range of races.

    Args:
        workspace: of the project.
        races: one race, or the first and the last one of a range, e.g. 2024-01:2024-24.
        templates: questions, of one model or of several; all that the default model answers when empty.
        stage: at which it is asked; the first that params.yaml trains of each question when empty.
        progress: is told how many of how many forecasts are made.

    Returns:
        Columns race, race_name, stage, cutoff, model, version, content, template, what tells the rows of a race apart (ids, then names),
        answer, baseline, labels. Sorted as a forecast is, the race's first row first.

    Raises:
        UsageError: the range has another form or runs backwards, or a model answers within races.
        UnknownName: there is no such race, question or stage.
        ForecastError: a model has no champion.
        StageError: nothing is trained.
    """
    asked = _asked(workspace, templates, stage)
    chosen = _range(load_tables(workspace.project.tables, CALENDAR).known(clock.replayed()), races)
    made: list[dict[str, Any]] = []
    with workspace.exclusive("pitwall predict"):
        origin = workspace.provenance()
        recover(workspace.registry, workspace.history)
        for name in asked:
            registered(workspace, name, origin)
        for number, (name, race) in enumerate(((name, race) for race in chosen for name in asked), start=1):
            made += _rows(_answer(workspace, name, race), asked[name])
            if progress is not None:
                progress(number, len(chosen) * len(asked))
    return _table(made)


def write_table(table: pd.DataFrame, path: Path) -> Path:
    """Write a table as Parquet or, where the name ends in .csv, as CSV, in one step; the same table gives the same bytes."""
    check_name(path)
    if path.suffix == ".csv":
        return write_atomically(path, table.to_csv(index=False, lineterminator="\n"))
    content = io.BytesIO()
    table.to_parquet(content, index=False)
    return write_atomically(path, content.getvalue())


def check_name(path: Path) -> None:
    """Raise UsageError unless a file's name says how a table is written."""
    if path.suffix not in SUFFIXES:
        raise UsageError(f"{path} says no format: a table is written to a file that ends in .parquet or in .csv.")


def _asked(workspace: Workspace, templates: Sequence[str], stage: str) -> dict[str, list[str]]:
    """Return {registered name: its questions, all when none}, in the order in which they were named."""
    params = workspace.params
    asked: dict[str, list[str]] = {}
    for question in map(template, templates):
        asked.setdefault(resolve_model(question.name, params), []).append(question.name)
    asked = asked or {resolve_model(DEFAULT_MODEL, params): []}
    if stage:
        asked = {_at(name, stage, trained_at(model_of(name), params)): own for name, own in asked.items()}
    for name in asked:
        if name.rpartition("-")[2] not in CUTOFF_COLUMN:
            raise UsageError(
                f"{name} answers within races, row by row; ask for one of them: `pitwall forecast --race`."
            )
    return asked


def _at(name: str, stage: str, known: Sequence[str]) -> str:
    if stage not in known:
        raise UnknownName(f"stage of {model_of(name)}", stage, known)
    return f"{model_of(name)}-{stage}"


def _range(tables: Tables, races: str) -> list[Race]:
    first, _, last = races.partition(":")
    found = [find_race(tables, label, "pre_race") for label in (first, last or first)]
    ends = [(race.season, race.round) for race in found]
    if ends[0] > ends[1]:
        raise UsageError(f"{races} runs backwards; name the earlier race first: {found[1].label}:{found[0].label}.")
    return races_between(tables, *ends)


def _answer(workspace: Workspace, name: str, race: Race) -> Forecast:
    job, registry, reader = workspace.job(name), workspace.registry, workspace.features
    return forecast(job, registry, reader, {}, race=race.label, now=clock.replayed())


def _rows(made: Forecast, questions: Iterable[str]) -> list[dict[str, Any]]:
    about = {name: getattr(made, name) for name in ("race", "race_name", "stage", "cutoff", "model", "version")}
    about["content"] = made.provenance["model.content"]
    return [
        {
            **about,
            "template": question,
            **row.keys,
            **{name: value for name, value in row.names.items() if name not in ABOUT},
            "answer": row.answers[question],
            "baseline": row.baseline[question],
            "labels": "; ".join(made.labels),
        }
        for row in made.rows
        for question in (questions or row.answers)
    ]


def _table(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as a table; ids that only some of the questions have are whole numbers too."""
    last = ("answer", "baseline", "labels")
    own = dict.fromkeys(name for row in rows for name in row if name not in {*ABOUT, *last})
    keys = [name for name in own if any(isinstance(row.get(name), int) for row in rows)]
    names = [name for name in own if name not in keys]
    table = pd.DataFrame(rows, columns=[*ABOUT, *keys, *names, *last])
    types = {**dict.fromkeys(keys, "Int64"), **dict.fromkeys([*names, "labels"], "string"), "cutoff": UTC_US}
    return table.assign(cutoff=pd.to_datetime(table["cutoff"], utc=True)).astype(types)
