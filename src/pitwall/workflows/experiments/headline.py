"""The one number by which a run is known: its main metric with its interval, beside the baseline that it has to beat."""

from __future__ import annotations

from dataclasses import dataclass

from pitwall.domain.ports import RunRecord
from pitwall.ml.templates import templates
from pitwall.report.content.intervals import interval, number
from pitwall.tracking.comparison.main_metrics import main_metrics

ENDS = ("low", "high")
WORDS = {
    "auc": "ROC AUC",
    "pr_auc": "PR AUC",
    "f1": "F1",
    "ece": "calibration error",
    "rps": "RPS",
    "crps": "CRPS",
    "mae": "mean absolute error",
    "brier": "Brier score",
}
STAGE = "pitwall.stage"


@dataclass(frozen=True)
class Headline:
    """A metric of a run.

    Attributes:
        metric: as the run keeps it, `race_winner.log_loss`.
        value: what the run reached.
        ends: of its interval; None where it is not known.
        baseline: the one to beat; empty where the run knows none.
        beside: what that one reached.
    """

    metric: str
    value: float
    ends: tuple[float, float] | None = None
    baseline: str = ""
    beside: float | None = None

    @property
    def text(self) -> str:
        """The value with its interval."""
        if self.ends is None:
            return number(self.value)
        return interval({"value": self.value, "low": self.ends[0], "high": self.ends[1]})

    @property
    def other(self) -> str:
        """What the baseline reached, and which one it is."""
        return "" if self.beside is None else f"{self.beside:.3f} {self.baseline}"


def headline(record: RunRecord) -> Headline | None:
    """Return what a run is known by; None where no metric of its says which way is better."""
    named = main_metrics([record], 1)
    if not named:
        return None
    metric = named[0]
    low, high = (record.metrics.get(f"{metric}.{end}") for end in ENDS)
    baseline = baseline_of(record, metric)
    return Headline(
        metric,
        record.metrics[metric],
        None if low is None or high is None else (low, high),
        baseline,
        record.metrics.get(f"{metric}.{baseline}") if baseline else None,
    )


def baseline_of(record: RunRecord, metric: str) -> str:
    """Return the baseline that a metric of a run is held against: the one to beat of its question, else the first that it kept."""
    beside = [name for name in beside_of(record, metric) if name not in ENDS]
    asked = templates().get(metric.partition(".")[0])
    beaten = asked.baseline.get(record.tags.get(STAGE, ""), "") if asked else ""
    return beaten if beaten in beside else next(iter(beside), "")


def beside_of(record: RunRecord, metric: str) -> list[str]:
    """Return what a run keeps below a metric, sorted: ends of its interval, and baselines."""
    return sorted(name.removeprefix(f"{metric}.") for name in record.metrics if name.startswith(f"{metric}."))


def plain(name: str) -> str:
    """Return the name of a metric as people read it."""
    return WORDS.get(name, name.replace("_", " "))


def named(name: str) -> str:
    """Return the name of a metric of a run as people read it.

    Example:
        >>> named("race_winner.log_loss"), named("podium.ece")
        ('race winner: log loss', 'podium: calibration error')
    """
    *above, last = name.split(".")
    return ": ".join([*(each.replace("_", " ") for each in above), plain(last)])
