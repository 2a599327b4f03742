"""What a look at a project found, as plain data: per model its scores, drift and age; of the whole its data, skew, alarms and origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pitwall.ml.forecasting.skew import SkewReport
    from pitwall.monitoring.drift import DriftReport


@dataclass(frozen=True)
class Alarm:
    """One thing that somebody has to know.

    Attributes:
        kind: of alert, one of `pitwall.domain.records.alerts.KINDS`.
        subject: what it is about, e.g. `order-pre_race`.
        text: what is so, with the numbers.
        cause: what tells it from another alarm of the subject; no number that moves from look to look is in it.
        since: a race label or an instant; empty where nobody knows.
    """

    kind: str
    subject: str
    text: str
    cause: str
    since: str = ""


@dataclass(frozen=True)
class Pair:
    """Mean losses over some races: ours and the baseline's."""

    races: int
    ours: float
    baseline: float

    @property
    def gain(self) -> float:
        """How much less we lost."""
        return self.baseline - self.ours


@dataclass(frozen=True)
class Score:
    """What forecasts in time were worth beside their baseline, about one question.

    Attributes:
        metric: the question's main loss; lower is better.
        races: labels of this season's races with a score, in order.
        ours: per race.
        baseline: per race.
        season: means over these races.
        lately: over the last few races, an older season's too.
        interval: of the mean clipped difference, valid whenever one looks; None of a metric that no test is declared for.
        verdict: `ahead`, `behind` or `undecided`.
        said: the verdict as a sentence.
        decides: whether the model is judged by this question.
    """

    question: str
    metric: str
    unit: str
    races: tuple[str, ...]
    ours: tuple[float, ...]
    baseline: tuple[float, ...]
    season: Pair
    lately: Pair
    interval: tuple[float, float] | None
    verdict: str
    said: str
    decides: bool


@dataclass(frozen=True)
class Age:
    """From how many races a champion learned, and how many with results it has not seen; None where the recipe does not say."""

    learned: int | None
    unseen: int | None


@dataclass(frozen=True)
class ModelWatch:
    """One model with a champion.

    Attributes:
        version: of the champion.
        role: as the registry has it; `baseline` of a baseline.
        promoted: when it became champion, empty where the history does not say.
        drift: None where it could not be looked for; `undrifted` says why.
        served: the version that servers were given; None where none was exported.
        test: what is known of a running A/B test, a line each.
    """

    name: str
    version: int
    role: str
    estimator: str
    promoted: str
    scores: tuple[Score, ...]
    age: Age
    served: int | None
    drift: DriftReport | None = None
    undrifted: str = ""
    test: tuple[str, ...] = ()


@dataclass(frozen=True)
class Data:
    """How fresh the data are.

    Attributes:
        newest: label of the last race with results; empty without one.
        coming: of the next one; empty where the calendar ends.
        measured: the instant that they are held against, as ISO text, and `against` why that one.
        missing: label of the first race whose results are due; empty where none is.
        days: for how long they are due.
    """

    newest: str
    coming: str
    measured: str
    against: str
    missing: str = ""
    days: float = 0.0


@dataclass(frozen=True)
class Skew:
    """Vectors that were served beside what the offline store says of the same instant; a report is None where nothing was served.

    Attributes:
        forecasts: of the vectors that forecasts were made from.
        answers: of those that a server answered from.
        left_out: vectors of the server that cannot be replayed, by why.
        trouble: why nothing was compared.
    """

    since: str
    forecasts: SkewReport | None
    answers: SkewReport | None
    left_out: Mapping[str, int] = field(default_factory=dict)
    trouble: str = ""


@dataclass(frozen=True)
class Watch:
    """All that a look found.

    Attributes:
        at: the instant of the look.
        replayed: whether that was a replay's.
        since: the instant of the page of an earlier week; None without one.
        fresh: labels of the races whose results became known since.
        missed: (race, model) of forecasts that were found missing since.
        origin: commit, versions, data, head of the record.
    """

    at: datetime
    replayed: bool
    since: datetime | None
    fresh: tuple[str, ...]
    models: tuple[ModelWatch, ...]
    data: Data
    skew: Skew
    missed: tuple[tuple[str, str], ...]
    alarms: tuple[Alarm, ...]
    origin: Mapping[str, str]

    @property
    def week(self) -> str:
        """The week of the page, e.g. 2024-W19."""
        year, week, _ = self.at.isocalendar()
        return f"{year}-W{week:02d}"

    @property
    def verdict(self) -> str:
        """All in a line."""
        since = f"{_counted(len(self.fresh), 'race')} since the last page" if self.since else "the first page"
        return f"{_counted(len(self.alarms), 'alarm')}, {_counted(len(self.models), 'model')}, {since}"

    def row(self) -> dict[str, Any]:
        """Return it as JSON; what pictures alone show stays in them."""
        skew = {side: getattr(self.skew, side) for side in ("forecasts", "answers")}
        return {
            "week": self.week,
            "at": self.at.isoformat(timespec="seconds"),
            "replayed": self.replayed,
            "since": self.since.isoformat(timespec="seconds") if self.since else None,
            "verdict": self.verdict,
            "fresh": list(self.fresh),
            "alarms": [asdict(each) for each in self.alarms],
            "models": [_model_row(each) for each in self.models],
            "data": asdict(self.data),
            "skew": {
                **{side: None if found is None else _skew_row(found) for side, found in skew.items()},
                "since": self.skew.since,
                "left_out": dict(self.skew.left_out),
                "trouble": self.skew.trouble,
            },
            "missed": [{"race": race, "model": model} for race, model in self.missed],
            "origin": dict(self.origin),
        }


def _model_row(model: ModelWatch) -> dict[str, Any]:
    plain = ("name", "version", "role", "estimator", "promoted", "served", "undrifted")
    row = {name: getattr(model, name) for name in plain}
    row |= {"age": asdict(model.age), "scores": [asdict(each) for each in model.scores], "test": list(model.test)}
    return {**row, "drift": None if model.drift is None else model.drift.as_json()}


def _skew_row(report: SkewReport) -> dict[str, Any]:
    names = ("vectors", "rows", "compared", "differing", "foreign")
    return {name: getattr(report, name) for name in names} | {"gone": list(report.gone)}


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number or 'no'} {noun}s"
