"""The courses of a run: its loss season by season, what a search tried, how it learned; and whether its chances come true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pitwall.domain.errors import PitwallError
from pitwall.domain.ports import RunReader, RunRecord
from pitwall.ml.evaluation.scoring import scored
from pitwall.ml.families.predictions import by_estimator
from pitwall.ml.templates import answered_by
from pitwall.report.content.blocks import Picture, Table
from pitwall.report.content.intervals import number
from pitwall.report.figures.calibration import calibration_figure
from pitwall.report.figures.canvas import png
from pitwall.report.figures.palette import SERIES
from pitwall.report.figures.runs.learning import Curve, learning_figure
from pitwall.workflows.experiments.headline import headline, plain
from pitwall.workflows.experiments.kept import MODEL, job_of, predictions
from pitwall.workflows.experiments.results import own_of
from pitwall.workflows.workspace import Workspace

FEW = 2  # configurations below which nothing was searched
SEASON, VALIDATION, FIT = "season.", "validation_", "fit."


@dataclass(frozen=True)
class Shown:
    """A picture and the table of what it shows, with a heading."""

    title: str
    picture: Picture
    table: Table


def curves(workspace: Workspace, record: RunRecord) -> list[Shown]:
    """Return the courses that a run kept."""
    runs = workspace.runs
    return [*_by_season(runs, record), *_search(runs, record), *_by_step(runs, record)]


def calibration(workspace: Workspace, record: RunRecord) -> list[Shown]:
    """Return what was forecast against what came true, question by question; none where nothing can be scored."""
    job, told = job_of(workspace, record), predictions(workspace, record)
    if job is None or told is None:
        return []
    how, found = job.definition.answers.calibration, []
    try:
        tables = job.tables()
    except PitwallError:
        return []
    own = by_estimator(told)[own_of(record, told)]
    for asked in answered_by(job.model):
        known = scored(asked, own, tables)
        if known.empty:
            continue
        bins = how.table(known)
        caption = f"{asked.name}: {how.shows}"
        picture = Picture(
            f"calibration_{asked.name}.png", caption, png(calibration_figure(bins, asked.question, names=how.axes))
        )
        columns = (*how.axes, "rows", "band from", "to")
        rows = tuple(
            (number(row.forecast), number(row.observed), f"{row.n:,}", number(row.band_low), number(row.band_high))
            for row in bins.itertuples()
        )
        found.append(Shown(asked.question, picture, Table(columns, rows, columns)))
    return found


def _by_season(runs: RunReader, record: RunRecord) -> Iterator[Shown]:
    """Yield the main metric by held-out season, the run's first and then the baselines'."""
    known = headline(record)
    if known is None:
        return
    own = f"{SEASON}{known.metric}"
    names = sorted(name for name in record.metrics if name == own or name.startswith(f"{own}."))
    held = {name.removeprefix(own).removeprefix(".") or "this run": runs.history(record.run_id, name) for name in names}
    if any(held.values()):
        yield _lines("Season by season", held, plain(known.metric.rpartition(".")[2]), "season")


def _search(runs: RunReader, record: RunRecord) -> Iterator[Shown]:
    """Yield what a search tried: the loss of each configuration, and the best one so far."""
    trials = runs.nested(record.run_id)
    losses = sorted({name for trial in trials for name in trial.metrics if name.startswith(VALIDATION)})
    if not losses:
        return
    found = [(number, trial) for number, trial in enumerate(trials, 1) if losses[0] in trial.metrics]
    if len(found) < FEW:
        return
    values = [(at, trial.metrics[losses[0]]) for at, trial in found]
    best = [(at, min(value for _, value in values[: place + 1])) for place, (at, _) in enumerate(values)]
    label = plain(losses[0].removeprefix(VALIDATION))
    drawn = learning_figure({"tried": values, "the best so far": best}, (), f"{label}, validation seasons")
    names = sorted({name for _, trial in found for name in trial.params})
    rows = tuple(
        (str(at), number(trial.metrics[losses[0]]), *(_short(trial.params.get(name, "")) for name in names))
        for at, trial in found
    )
    caption = f"{len(found)} configurations, {label} on the validation seasons; lower is better"
    table = Table(("configuration", label, *names), rows, ("configuration", label))
    yield Shown("What the search tried", Picture("search.png", caption, png(drawn), wide=True), table)


def _by_step(runs: RunReader, record: RunRecord) -> Iterator[Shown]:
    """Yield each metric that was logged step by step: rounds of a fit, and of a run by hand any."""
    ours = MODEL in record.tags  # of all that such a run logs, these alone have a course
    for name in sorted(name for name in record.metrics if name.startswith(FIT if ours else "")):
        history = runs.history(record.run_id, name)
        if len(history) > 1:
            yield _lines(f"{plain(name)} by step", {record.name: history}, plain(name), "step")


def _lines(title: str, held: Mapping[str, Curve], label: str, axis: str) -> Shown:
    first = dict(list(held.items())[: len(SERIES)])
    drawn = learning_figure(first, list(held.values())[len(SERIES) :], label)
    steps = sorted({step for curve in held.values() for step, _ in curve})
    by_step = {name: dict(curve) for name, curve in held.items()}
    rows = tuple((str(step), *(number(by_step[name].get(step)) for name in held)) for step in thinned(steps))
    table = Table((axis, *held), rows, (axis, *held))
    return Shown(title, Picture(f"{axis}.png", f"{label} by {axis}", png(drawn), wide=True), table)


def thinned(steps: Sequence[int], most: int = 100) -> list[int]:
    """Return at most about so many of some steps, spread evenly, the last one among them."""
    every = max(1, len(steps) // most)
    return [step for place, step in enumerate(steps) if place % every == 0 or place == len(steps) - 1]


def _short(text: str) -> str:
    try:
        return number(float(text))
    except ValueError:
        return text
