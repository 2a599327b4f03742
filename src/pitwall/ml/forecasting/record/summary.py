"""The track record as people read it: a line per forecast and question, what was missed, and sums per model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from statistics import fmean
from typing import Any

from pitwall.domain.records.aliases import CHALLENGER, CHAMPION
from pitwall.domain.records.live_rows import LIVE, SCORED_AS, question_at
from pitwall.domain.records.track_record import FORECAST, MISSED, REPLAYED, SCORE, TITLE, TITLES, scores, standing
from pitwall.ml.templates import template, templates

COUNTS, WHAT_IF, LATE, REPLACED = "in time", "what-if", "late", "replaced"
TITLE_LOSS = "log_loss"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """A forecast, or a missed one, with its main loss about one question.

    Attributes:
        state: `in time` (counts), `replaced` by a later one in time, `what-if`, `late` or `missed`.
        question: empty of a missed one.
        metric: the question's main loss; lower is better.
        score: None before the result is known, and of what is never scored.
        scored: how often it was scored: more than once after corrected results.
        replayed: whether its instants are those of a replay.
        role: of the version: `champion`, or `challenger` of one that ran beside it.
    """

    row: int
    race: str
    model: str
    version: int | None
    at: str
    starts_at: str
    state: str
    question: str = ""
    metric: str = ""
    score: float | None = None
    baseline: float | None = None
    scored: int = 0
    replayed: bool = False
    role: str = CHAMPION


@dataclass(frozen=True)
class Sum:
    """What the forecasts of a model's champions, or of its challengers, that count are worth beside the baseline's, about one question."""

    model: str
    question: str
    metric: str
    races: int
    score: float | None
    baseline: float | None
    better: int
    waiting: int
    late: int
    missed: int
    role: str = CHAMPION


def lines(rows: Sequence[Row], season: int | None = None) -> list[Line]:
    """Return a line for each forecast and question, and for each missed forecast, as they were recorded.

    Args:
        rows: of the record.
        season: only its races; all when None.
    """
    roles = (standing(rows, role).values() for role in (CHAMPION, CHALLENGER))
    known, counted = scores(rows), {row["content"] for own in [*roles, _titles(rows), _live(rows)] for row in own}
    questions = templates()
    loss_of = cache(lambda name: (questions.get(name) or template(name)).loss)
    times = [row["content"] for row in rows if row["kind"] == SCORE]
    found: list[Line] = []
    for row in rows:
        if row["kind"] not in {FORECAST, TITLE, LIVE, MISSED} or (
            season is not None and not row["race"].startswith(f"{season}-")
        ):
            continue
        about = {name: row[name] for name in ("race", "model", "at", "starts_at")} | {
            "row": row["seq"],
            "replayed": bool(row.get(REPLAYED)),
            "role": row.get("role", CHAMPION),
        }
        if row["kind"] == MISSED:
            found.append(Line(**about, version=None, state=MISSED))
            continue
        scored = known.get(row["content"], {}).get("scores", {})
        for name, shown, loss in _asked(row, loss_of):
            ours, theirs = (scored.get(name, {}).get(side, {}).get(loss) for side in ("ours", "baseline"))
            found.append(
                Line(
                    **about,
                    version=row["version"],
                    state=_state(row, counted),
                    question=shown,
                    metric=loss,
                    score=ours,
                    baseline=theirs,
                    scored=times.count(row["content"]),
                )
            )
    return found


def sums(found: Iterable[Line]) -> list[Sum]:
    """Return the sums of lines per model and question; only forecasts that count are in the means."""
    every = list(found)
    keys = dict.fromkeys((line.model, line.question, line.metric, line.role) for line in every if line.question)
    without = {line.model for line in every} - {model for model, *_ in keys}
    return [_sum(every, *key) for key in [*keys, *((model, "", "", CHAMPION) for model in sorted(without))]]


def as_json(found: Sequence[Line]) -> dict[str, Any]:
    """Return lines and their sums."""
    return {"forecasts": [asdict(line) for line in found], "sums": [asdict(each) for each in sums(found)]}


def _sum(every: Sequence[Line], model: str, question: str, metric: str, role: str) -> Sum:
    own = [line for line in every if (line.model, line.question, line.role) == (model, question, role)]
    counted = [line for line in own if line.state == COUNTS]
    pairs = [(line.score, line.baseline) for line in counted if line.score is not None and line.baseline is not None]
    return Sum(
        model,
        question,
        metric,
        races=len(pairs),
        score=fmean(ours for ours, _ in pairs) if pairs else None,
        baseline=fmean(theirs for _, theirs in pairs) if pairs else None,
        better=sum(ours < theirs for ours, theirs in pairs),
        waiting=len(counted) - len(pairs),
        late=sum(line.state == LATE for line in own),
        missed=sum((line.state, line.model, line.role) == (MISSED, model, role) for line in every),
        role=role,
    )


def _asked(row: Row, loss_of: Callable[[str], str]) -> list[tuple[str, str, str]]:
    """Return the questions that a forecast answers: name, what it is called in tables, main loss."""
    if row["kind"] == TITLE:
        return [(name, name, TITLE_LOSS) for name in TITLES]
    if row["kind"] == LIVE:
        return [(name, question_at(name, row["share"]), loss_of(SCORED_AS[name])) for name in row["said"]]
    return [(name, name, loss_of(name)) for name in row["templates"]]


def _live(rows: Iterable[Row]) -> list[Row]:
    """Return the forecasts within races that count: all that are in time, since there is one a share of the distance."""
    return [row for row in rows if row["kind"] == LIVE and row["in_time"]]


def _titles(rows: Iterable[Row]) -> list[Row]:
    """Return the title forecasts that count: the newest one in time before each weekend."""
    return list({row["race"]: row for row in rows if row["kind"] == TITLE and row["in_time"]}.values())


def _state(row: Row, counted: set[str]) -> str:
    if not row["in_time"]:
        return LATE
    if row.get("what_if"):
        return WHAT_IF
    return COUNTS if row["content"] in counted else REPLACED
