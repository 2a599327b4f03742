"""The page of a week: the verdict, the alarms, every model with its scores and its drift, then data, skew and where all of it comes from."""

from __future__ import annotations

from collections.abc import Iterator

from pitwall.ml.forecasting.skew import SkewReport
from pitwall.report.content.blocks import Block, Facts, Note, Table, Text
from pitwall.report.content.document import Document, Section
from pitwall.report.content.intervals import interval, number
from pitwall.workflows.monitoring.found import Age, Alarm, ModelWatch, Score, Skew, Watch
from pitwall.workflows.monitoring.pages.drift import drift_blocks
from pitwall.workflows.monitoring.pages.pictures import gained

NONE = "none"
OVERVIEW = ("model", "champion", "races", "ours", "baseline", "what may be said", "drift alarms", "unseen races")
SCORES = ("question", "metric", "races", "ours", "baseline", "gain (anytime-valid)", "what may be said", "lately")
NUMBERS = ("races", "ours", "baseline", "gain (anytime-valid)")
ITSELF = (
    "The champion is a baseline: beside the one that was stored with its forecasts it has little to gain or to lose."
)


def page(found: Watch) -> Document:
    """Return the page."""
    models = tuple(Section(each.name, tuple(_model(each))) for each in found.models)
    return Document(
        f"Monitoring, {found.week}",
        _summary(found),
        (
            *_top(found),
            *models,
            Section("Data", (_data(found),)),
            Section("Skew", tuple(_skew(found.skew))),
            _origin(found),
        ),
        kind="monitoring",
    )


def summary(found: Watch) -> Document:
    """Return what stands at the top of the page, for those who see no page."""
    return Document(f"Monitoring, {found.week}", _summary(found), _top(found))


def _summary(found: Watch) -> str:
    replayed = ", replayed" if found.replayed else ""
    fresh = f" ({', '.join(found.fresh)})" if found.fresh else ""
    return f"{found.verdict}{fresh}. As of {found.at:%Y-%m-%d %H:%M} UTC{replayed}."


def _top(found: Watch) -> tuple[Section, ...]:
    rows = tuple(overview(each) for each in found.models)
    return (
        Section("Alarms", tuple(map(_alarm, found.alarms)) or (Text("None."),)),
        Section("Models", (Table(OVERVIEW, rows, ("races", "ours", "baseline", "drift alarms", "unseen races")),)),
    )


def _alarm(alarm: Alarm) -> Note:
    since = f", since {alarm.since}" if alarm.since else ""
    return Note(f"{alarm.kind}, {alarm.subject}{since}: {alarm.text}")


def overview(model: ModelWatch) -> tuple[str, ...]:
    """Return a line of the overview."""
    score = next((each for each in model.scores if each.decides), None)
    told = ("0", "", "", "no race yet") if score is None else (*_pair(score), score.said)
    drifts = "not watched" if model.drift is None else str(len(model.drift.alarms))
    return (model.name, _champion(model), *told, drifts, _count(model.age.unseen))


def _champion(model: ModelWatch) -> str:
    return f"version {model.version}, {'a baseline, ' if model.role == 'baseline' else ''}{model.estimator}"


def _pair(score: Score) -> tuple[str, str, str]:
    return str(score.season.races), number(score.season.ours), number(score.season.baseline)


def _model(model: ModelWatch) -> Iterator[Block]:
    yield Facts(
        (
            ("champion", _champion(model)),
            ("since", model.promoted or "unknown"),
            ("learned from", _learned(model.age)),
            ("servers were given", f"version {model.served}" if model.served else NONE),
            *((("A/B test", line)) for line in model.test),
        )
    )
    if not model.scores:
        yield Text("No forecast in time has a score yet.", "Scores")
    else:
        yield Table(SCORES, tuple(map(_score, model.scores)), NUMBERS)
        yield from [Note(ITSELF)] if model.role == "baseline" else []
        yield gained(model)
    yield from drift_blocks(model)


def _score(score: Score) -> tuple[str, ...]:
    low, high = score.interval or (float("nan"), float("nan"))
    gain = (
        interval({"value": score.season.gain, "low": low, "high": high})
        if score.interval
        else number(score.season.gain)
    )
    then = score.lately
    return (
        score.question,
        ", ".join(dict.fromkeys(filter(None, (score.metric, score.unit)))),
        *_pair(score),
        gain,
        score.said,
        f"last {then.races}: {number(then.ours)}, baseline {number(then.baseline)}",
    )


def _data(found: Watch) -> Facts:
    data = found.data
    due = f"{data.missing}, for {data.days:g} days" if data.missing else NONE
    missed = ", ".join(f"{race} by {model}" for race, model in found.missed) or NONE
    return Facts(
        (
            ("newest results", data.newest or NONE),
            ("next race", data.coming or "the calendar ends"),
            ("results that are due", f"{due}; held against {data.against}, {data.measured}"),
            ("forecasts missed since the last page", missed),
        )
    )


def _skew(found: Skew) -> Iterator[Block]:
    if found.trouble:
        yield Note(f"Nothing was compared: {found.trouble}")
        return
    sides = {"forecasts were made from": found.forecasts, "a server answered from": found.answers}
    rows = tuple(_compared(name, report) for name, report in sides.items())
    columns = ("what", "vector sets", "values compared", "values that differ", "of another source")
    yield Table(columns, rows, columns[1:])
    yield Text(f"Served since {found.since}, held against the offline store bit by bit, as of what was known then.")
    for why, count in found.left_out.items():
        yield Text(f"{count} vector sets of servers: {why}.", "Not compared")


def _compared(name: str, report: SkewReport | None) -> tuple[str, ...]:
    counts = (0, 0, 0, 0) if report is None else (report.vectors, report.compared, report.differing, report.foreign)
    return (f"what {name}", *(f"{count:,}" for count in counts))


def _origin(found: Watch) -> Section:
    return Section("Where this comes from", (Facts(tuple(sorted(found.origin.items()))),))


def _learned(age: Age) -> str:
    if age.learned is None:
        return "unknown: its recipe does not say"
    return f"{age.learned} races; {_count(age.unseen)} with results it has not seen"


def _count(value: int | None) -> str:
    return "unknown" if value is None else str(value)
