"""What a run reached, question by question: how often it is right, how good its chances are, each beside the baselines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pitwall.domain.errors import PitwallError
from pitwall.domain.numbers import Interval
from pitwall.domain.ports import RunRecord
from pitwall.ml.evaluation.classes import counted, rule
from pitwall.ml.evaluation.scoring import labelled_once, metric_interval, scored
from pitwall.ml.families import family, metric
from pitwall.ml.families.predictions import WHO, by_estimator
from pitwall.ml.templates import Template, answered_by
from pitwall.ml.training.training_job import TrainingJob
from pitwall.report.content.blocks import Block, Table, Text
from pitwall.report.content.intervals import digits, interval, number
from pitwall.tracking.comparison.main_metrics import final_metrics
from pitwall.workflows.experiments.headline import ENDS, beside_of, named, plain
from pitwall.workflows.experiments.kept import job_of, predictions
from pitwall.workflows.workspace import Workspace

RIGHT = ("accuracy", "precision", "recall", "f1", "auc")
FIRST = (*RIGHT, "log_loss", "brier", "brier_skill", "rps", "crps", "mae", "ece", "calibration_slope")
SIGNED = digits(3, "+")
ROC = (
    "auc"  # of what is asked row by row, yes or no; in a family that counts it for its questions it is their own metric
)
HOW = "On the races that the run was judged on, each predicted by what was learned before it; {level:g} % intervals, whole races resampled."


@dataclass(frozen=True)
class Results:
    """The results of a run about one question.

    Attributes:
        question: in words.
        template: its name.
        table: metrics, the run's first and the baselines' beside it.
        rule: which answers count as right, in words.
    """

    question: str
    template: str
    table: Table
    rule: str


def results(workspace: Workspace, record: RunRecord) -> list[Results]:
    """Return the results of a run, question by question; none where it was not judged on races.

    What the run logged is shown as it stands. How often the baselines are right is counted again from what they said.
    """
    job = job_of(workspace, record)
    if job is None:
        return []
    told = predictions(workspace, record)
    shares = _shares(job, told) if told is not None else {}
    own = own_of(record, told)
    found = (_results(record, each, own, shares.get(each.name, {})) for each in answered_by(job.model))
    return [each for each in found if each is not None]


def level(workspace: Workspace) -> str:
    """Return how the numbers of `results` were come by, in words."""
    return HOW.format(level=100 * workspace.params.gates.confidence)


def whole(record: RunRecord, questions: list[str]) -> list[Block]:
    """Return the metrics of a run that belong to none of some questions: of the answer as a whole, or of a run by hand."""
    other = [name for name in final_metrics(record) if name.partition(".")[0] not in questions]
    if not other:
        return []
    beside = sorted({each for name in other for each in beside_of(record, name) if each not in ENDS})
    rows = tuple(
        (named(name), _logged(record, name), *(number(record.metrics.get(f"{name}.{each}")) for each in beside))
        for name in other
    )
    return [Table(("metric", "run", *beside), rows, ("run", *beside))]


def own_of(record: RunRecord, told: pd.DataFrame | None) -> str:
    """Return the estimator of a run."""
    if told is None:
        return record.params.get("model.estimator", "run")
    return str(told.loc[told["role"] == "model", WHO].iloc[0])


def _shares(job: TrainingJob, told: pd.DataFrame) -> dict[str, dict[str, dict[str, Interval]]]:
    """Return {question: {metric: {estimator: its value}}} of the metrics of `RIGHT`; nothing where the tables hold none of the races."""
    found: dict[str, dict[str, dict[str, Interval]]] = {}
    try:
        tables = job.tables()
    except PitwallError:  # the tables are not made yet, or no longer there: what the run logged is shown all the same
        return found
    for question in answered_by(job.model):
        asked = labelled_once(question, tables)
        for name, own in by_estimator(told).items():
            known = scored(asked, own, tables)
            for key, value in _right(asked, known, job).items() if len(known) else ():
                found.setdefault(question.name, {}).setdefault(key, {})[name] = value
    return found


def _right(asked: Template, known: pd.DataFrame, job: TrainingJob) -> dict[str, Interval]:
    gates, seed = job.params.gates, job.params.seed
    values = counted(asked, known, gates, seed)
    if ROC not in asked.metrics and {"probability", "label"} <= set(known) and len(set(known["label"])) > 1:
        values[ROC] = metric_interval(family("binary").metrics[ROC], known, gates, seed)
    return {name: values[name] for name in RIGHT if name in values}


def _results(
    record: RunRecord, asked: Template, own: str, shares: Mapping[str, Mapping[str, Interval]]
) -> Results | None:
    kept = [name for name in final_metrics(record) if name.startswith(f"{asked.name}.")]
    others = sorted({*asked.baselines} | {name for found in shares.values() for name in found} - {own})
    names = list(dict.fromkeys([*shares, *(name.partition(".")[2] for name in kept)]))
    ordered = sorted(names, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
    rows = tuple(_row(record, f"{asked.name}.{name}", (own, *others), shares.get(name, {})) for name in ordered)
    if not rows:
        return None
    gained = tuple(_gain(record, asked, each) for each in others)
    last = ((f"gain over it, {plain(asked.loss)}", "higher", "", *gained),) if any(gained) else ()
    return Results(
        asked.question, asked.name, Table(("metric", "better", own, *others), rows + last, (own, *others)), rule(asked)
    )


def _row(record: RunRecord, key: str, who: Sequence[str], shares: Mapping[str, Interval]) -> tuple[str, ...]:
    """Return one metric: of the run, and of each baseline."""
    (own, *others), name = who, key.partition(".")[2]
    said = interval(shares[own]) if own in shares else _logged(record, key)
    beside = (
        interval(shares[each]) if each in shares else number(record.metrics.get(f"{key}.{each}")) for each in others
    )
    return (plain(name), _better(name), said, *beside)


def _gain(record: RunRecord, asked: Template, over: str) -> str:
    key = f"{asked.name}.gain.{over}"
    return _logged(record, key, sign=True) if key in record.metrics else ""


def _logged(record: RunRecord, key: str, *, sign: bool = False) -> str:
    value = record.metrics.get(key)
    low, high = (record.metrics.get(f"{key}.{end}") for end in ENDS)
    if value is None or low is None or high is None:
        return number(value)
    found = {"value": value, "low": low, "high": high}
    return interval(found, SIGNED) if sign else interval(found)


def _better(name: str) -> str:
    try:
        return metric(name).better
    except PitwallError:
        return "near 1" if name == "calibration_slope" else "higher" if name in RIGHT else ""


def notes(found: list[Results]) -> Iterator[Text]:
    """Yield by which rules answers count as right, each once."""
    for each in dict.fromkeys(one.rule for one in found):
        yield Text(each, "Counted")
