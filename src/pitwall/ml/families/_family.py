"""What a family of answers is: what its models say, what comes true, how one is held against the other.

Everything that training, judging, gates, cards and forecasts must know of a kind of answer stands in one `Family`, so that none
of them asks which model it has before it. An answer is a table with the rows that were asked and the family's columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.numbers import Interval
from pitwall.domain.tables import Tables
from pitwall.ml.rows.machinery.race_blocks import RaceBlocks

Matrix = np.ndarray
PerBlock = Callable[[pd.DataFrame, RaceBlocks], np.ndarray]
Sums = Callable[[pd.DataFrame, RaceBlocks], np.ndarray]
Statistic = Callable[[np.ndarray, int], np.ndarray]
Label = Callable[[Tables], pd.Series | pd.DataFrame]


@dataclass(frozen=True)
class Metric:
    """One number about answers whose outcome is known.

    Rows are those of one model with their scored columns (see `Family.scored`) and `label`. A metric is either a mean over races
    (`per_block`: rows -> one value per race) or a statistic of sums over races (`sums`: rows -> races x quantities, `statistic`:
    samples x quantities, number of races -> one value per sample), which has an interval but no value of one race.

    Attributes:
        name: as in rows of reports.
        unit: of its value.
        higher_is_better: which way it runs.
        margin_share: the share of `gates.margin`, which is in nats, that a loss in this metric may reach.
        target: the value that is right, where neither more nor less is better: nobody wins by such a metric.
    """

    name: str
    unit: str
    higher_is_better: bool = False
    per_block: PerBlock | None = None
    sums: Sums | None = None
    statistic: Statistic | None = None
    margin_share: float = 1.0
    target: float | None = None

    @property
    def better(self) -> str:
        """Which values are better: `lower`, `higher`, or those `near` a target."""
        if self.target is not None:
            return f"near {self.target:g}"
        return "higher" if self.higher_is_better else "lower"

    def worse(self, value: float, limit: float) -> bool:
        """Whether a value is worse than another one."""
        if self.target is not None:
            return abs(value - self.target) > abs(limit - self.target)
        return value < limit if self.higher_is_better else value > limit


@dataclass(frozen=True)
class Calibration:
    """How a family shows that its answers mean what they say.

    Attributes:
        error: the metric that is small for a calibrated model, judged where rows abound (`gates.ece_min_rows`).
        limit: name of its limit in `gates`.
        few: (rows, confidence) -> a number with its interval, judged where rows are few: it must be able to be `target`.
        few_name: of that number, in words.
        few_unit: of that number.
        target: its value for a calibrated model.
        table: rows -> one row per bin or level with low, high, n, forecast, observed, band_low, band_high, for pictures.
        meaning: what a calibrated model's answers do, and how the number tells, in words.
        column: the number's name in narrow tables; `few_name` where there is no shorter one.
        axes: names of what the table forecasts and observes.
        shows: what a picture of it shows.
    """

    error: str
    limit: str
    few: Callable[[pd.DataFrame, float], Interval]
    few_name: str
    few_unit: str
    target: float
    table: Callable[[pd.DataFrame], pd.DataFrame]
    meaning: str = "What is said with a chance of 30 % should come true in 30 % of cases."
    column: str = ""
    axes: tuple[str, str] = ("forecast probability", "observed share")
    shows: str = "forecast against observed share"

    @property
    def few_key(self) -> str:
        """The name of `few` in reports and metrics, where a percent sign is none."""
        return "_".join(re.findall("[a-z0-9]+", self.few_name.lower()))


@dataclass(frozen=True)
class Classes:
    """How answers are read as one class each, for what shows which class was said where which one came true.

    Attributes:
        names: scored rows -> the classes, in order.
        said: scored rows -> the number of the class that the answer is read as, one per row.
        true: scored rows -> the number of the class that came true.
        chances: scored rows -> {class: its chance per row}, of the classes whose curves are drawn.
        rule: how an answer is read as a class, in words.
    """

    names: Callable[[pd.DataFrame], tuple[str, ...]]
    said: Callable[[pd.DataFrame], np.ndarray]
    true: Callable[[pd.DataFrame], np.ndarray]
    chances: Callable[[pd.DataFrame], Mapping[str, np.ndarray]]
    rule: str


@dataclass(frozen=True)
class Counted:
    """How often answers are right, by the names that every textbook uses: accuracy, precision, recall, F1.

    Attributes:
        metrics: those of them that mean something; none of answers that are numbers.
        rule: which answers count as what, or why none does, in words.
    """

    metrics: Mapping[str, Metric]
    rule: str


NUMBERS = Counted({}, "The answers are numbers, which are right to a degree: no accuracy and no F1 is counted.")


@dataclass(frozen=True)
class Course:
    """How durations are shown against what was seen, step by step, over the rows that were watched so long.

    Attributes:
        steps: how many there are.
        sums: scored rows -> races x (3 steps): rows that ended with each step, rows watched at it, and ends that were forecast of these.
        axis: what is counted, with its unit.
    """

    steps: int
    sums: Sums
    axis: str


@dataclass(frozen=True)
class Faults:
    """Answers spoilt on purpose, rows x answer columns -> the same: gates must notice each.

    Attributes:
        flat: knows nothing.
        bold: claims to know more than it does.
        turned: says of some rows what it should say of others: wrong, and as sure as before.
    """

    flat: Callable[[Matrix], Matrix]
    bold: Callable[[Matrix], Matrix]
    turned: Callable[[Matrix], Matrix]


@dataclass(frozen=True)
class Family:
    """One family of answers.

    Attributes:
        name: of the family and its folder.
        says: what an answer is, in words.
        columns: names of a table -> those that are answers, in order.
        check: (answers, race of each row) -> None; raises AnswerError where they are no answer of this family.
        outcome: (tables, frame, key, label) -> what estimators learn from, aligned with the frame: the columns of
            `outcome_types`, null where it is not known. `label` finds what the model's first question tells (`Template.told`).
        outcome_types: of the outcome's columns once it is known; the first one says whether it is.
        label_type: of a question's label once it is known.
        scored: (a question's answer per row, the predictions) -> the columns that metrics read.
        metrics: by name.
        calibration: how calibration is judged.
        faults: planted in gates' tests.
        tuned_by: the loss that fits measure on validation races.
        tuned_by_words: the same, in words.
        detail: predictions of one race -> per row what a forecast shows beside its answers.
        first: (answers by template, detail, keys) -> what rows of a forecast are sorted by, the one that matters most first.
        shown: an answer as people read it, by its value and the unit of its template.
        read_as: what its readers must read as what it is, e.g. probabilities.
        fill: what a table of a larger set of columns holds for rows that lack one; None where columns are always the same.
        whole: metrics of the answer as a whole, beside those of each question; they read the predictions and the outcome's columns.
        constants: answers that know nothing, shown beside every model: {name: value of the scored column}.
        classes: how answers are read as classes; None where they are none.
        counted: how often answers are right, and by which rule.
        course: how answers about durations are shown against what was seen; None where they are none.
        table_order: the order of answer columns is that of the table; else their names tell it.
    """

    name: str
    says: str
    columns: Callable[[Iterable[str]], list[str]]
    check: Callable[[pd.DataFrame, pd.Series], None]
    outcome: Callable[[Tables, pd.DataFrame, tuple[str, ...], Label], pd.DataFrame]
    outcome_types: Mapping[str, str]
    label_type: str
    scored: Callable[[pd.Series, pd.DataFrame], pd.DataFrame]
    metrics: Mapping[str, Metric]
    calibration: Calibration
    faults: Faults
    detail: Callable[[pd.DataFrame], list[dict[str, Any]]]
    first: Callable[[Mapping[str, float], Mapping[str, Any], Mapping[str, int]], tuple[float, ...]]
    shown: Callable[[float, str], str]
    tuned_by: str
    tuned_by_words: str
    read_as: str = "probabilities"
    fill: float | None = None
    whole: Mapping[str, Metric] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    classes: Classes | None = None
    counted: Counted = NUMBERS
    course: Course | None = None
    table_order: bool = False

    @property
    def known_by(self) -> str:
        """The outcome's column that is null where the outcome is not known."""
        return next(iter(self.outcome_types))

    def matrix(self, predictions: pd.DataFrame) -> Matrix:
        """Return the answers of a predictions table, rows x answer columns."""
        return np.asarray(predictions[self.columns(predictions.columns)], dtype=np.float64)


def by_name(*metrics: Metric) -> dict[str, Metric]:
    """Return metrics by name."""
    return {metric.name: metric for metric in metrics}
