"""Runs beside each other: what they reached, on the same races too, and the parameters in which they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pitwall.domain.errors import PitwallError, UsageError
from pitwall.domain.numbers import Interval
from pitwall.domain.ports import RunRecord
from pitwall.ml.families import metric
from pitwall.ml.families.predictions import by_estimator
from pitwall.ml.registry.compare import Difference, Judged, differences, judged
from pitwall.ml.templates import templates
from pitwall.ml.training.training_job import TrainingJob
from pitwall.report.content.blocks import Block, Picture, Table, Text
from pitwall.report.content.intervals import number
from pitwall.report.figures.canvas import png
from pitwall.report.figures.forest import forest
from pitwall.tracking.comparison.columns import labels
from pitwall.tracking.comparison.table import Comparison, Question, compare
from pitwall.tracking.experiments.run import short
from pitwall.workflows.experiments.headline import plain
from pitwall.workflows.experiments.kept import job_of, predictions
from pitwall.workflows.experiments.results import own_of
from pitwall.workflows.runs import find
from pitwall.workflows.versions.told import difference_table
from pitwall.workflows.workspace import Workspace

MOST = 8  # runs: more columns nobody reads
PAIRED = (
    "Race by race on those that both were judged on, {level:g} % intervals, whole races resampled; a run is called better where the interval "
    "leaves out 0. `could see` is the smallest true difference that these races would show four times out of five."
)


@dataclass(frozen=True)
class Paired:
    """A run held against the first one on the same races: what differs, or why nothing can be said."""

    name: str
    found: tuple[Difference, ...]
    why_not: str = ""


def records_of(workspace: Workspace, runs: Sequence[str]) -> list[RunRecord]:
    """Return the runs of some ids or names, each once.

    Raises:
        UnknownName: nothing is called so.
        UsageError: there are too many.
    """
    found = {each.run_id: each for each in (find(workspace, run) for run in runs if run)}
    if len(found) > MOST:
        raise UsageError(
            f"{len(found)} runs are too many for one page; compare at most {MOST}, or `pitwall exp compare`."
        )
    return list(found.values())


def compared(workspace: Workspace, records: Sequence[RunRecord], metrics: Sequence[str]) -> Comparison:
    """Return what the runs reached; see `pitwall.tracking.comparison.table.compare`."""
    return compare(workspace.runs, records, Question(tuple(metrics)))


def parameter_table(found: Comparison) -> Table | None:
    """Return the parameters in which runs differ, a column for each run; None where they are alike."""
    records = [each.record for each in found.rows]
    if not found.differing:
        return None
    rows = tuple((name, *(short(each.params.get(name, "")) for each in records)) for name in found.differing)
    return Table(("parameter", *labels(records)), rows)


def paired(workspace: Workspace, records: Sequence[RunRecord]) -> list[Paired]:
    """Return how each run differs from the first one, on the races that both were judged on."""
    (first, *others), names = records, labels(records)
    job = job_of(workspace, first)
    try:
        ours = _judged(workspace, first)
    except PitwallError as error:
        return [Paired(name, (), str(error)) for name in names[1:]]
    assert job is not None  # it was judged
    return [_paired(workspace, job, ours, other, name) for other, name in zip(others, names[1:], strict=True)]


def paired_blocks(workspace: Workspace, found: Sequence[Paired], first: str) -> list[Block]:
    """Return the differences as tables."""
    blocks: list[Block] = [Text(PAIRED.format(level=100 * workspace.params.gates.confidence))]
    for each in found:
        if each.why_not:
            blocks.append(Text(f"Nothing can be said of {each.name}: {each.why_not}"))
            continue
        table = difference_table(each.found, ("first", "other"), {1: "first", 2: "other"})
        blocks += [Text(f"{each.name} (other) against {first} (first)"), table]
    return blocks


def gains(found: Sequence[Paired], first: str) -> tuple[Picture, Table] | None:
    """Return how much less than the first run each loses in the main loss of each question; None where nothing is paired."""
    panels: dict[str, dict[str, Interval]] = {}
    for each in found:
        for one in each.found:
            if _is_main(one) and one.delta is not None and one.low is not None and one.high is not None:
                gained = Interval(-one.delta, -one.high, -one.low, one.n, one.detectable or 0.0)
                panels.setdefault(f"{one.question}, {plain(one.metric)}", {})[each.name] = gained
    if not panels:
        return None
    rows = tuple(
        (title, name, *map(number, (value.value, value.low, value.high)), str(value.n))
        for title, held in panels.items()
        for name, value in held.items()
    )
    caption = f"how much less each run loses than {first}, with intervals; right of 0 is better"
    table = Table(("question", "run", "gain", "from", "to", "races"), rows, ("gain", "from", "to", "races"))
    return Picture("gains.png", caption, png(forest(panels)), wide=True), table


def _judged(workspace: Workspace, record: RunRecord) -> Judged:
    job, told = job_of(workspace, record), predictions(workspace, record)
    if job is None or told is None:
        raise UsageError(f"{record.name} kept no predictions of races.")
    return judged(job.model, by_estimator(told)[own_of(record, told)], job.tables())


def _paired(workspace: Workspace, job: TrainingJob, ours: Judged, other: RunRecord, name: str) -> Paired:
    try:
        found = differences(job, (ours, _judged(workspace, other)))
    except PitwallError as error:
        return Paired(name, (), str(error))
    return Paired(name, tuple(found), "" if found else "it answers none of the first run's questions.")


def _is_main(one: Difference) -> bool:
    asked = templates().get(one.question)
    return asked is not None and asked.loss == one.metric and metric(one.metric).better == "lower"
