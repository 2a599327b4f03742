"""Forecasts within a race on their way into the track record: a few of them, by the champion alone, and while the race is on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitwall.domain import clock
from pitwall.domain.records.chain import Row
from pitwall.domain.records.live_rows import BASELINE, MODEL, PROMPT_S, SCORED_AS, VERSION, live_row, share_of
from pitwall.domain.records.track_record import instant
from pitwall.domain.tables import load_tables
from pitwall.domain.when import Stage
from pitwall.live.answer import LiveAnswer
from pitwall.ml.data.calendar import find_race
from pitwall.workflows.live.course import chance
from pitwall.workflows.record.enter import CALENDAR
from pitwall.workflows.workspace import Workspace

REPLAY = "a replay: what is said was not said while the race was on, so nothing is entered into the track record"
NOBODY = "no champion answers within the race, so nothing is entered into the track record"


class Entering:
    """Enters what is said of one race.

    Attributes:
        rows: that were entered.
        why_not: why nothing is entered; empty as long as something may be.

    Args:
        workspace: of the project.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.rows: list[Row] = []
        self.why_not = ""
        self._workspace, self._shares, self._starts_at = workspace, set[float](), ""

    def see(self, answer: LiveAnswer) -> list[Row]:
        """Enter an answer where it is due: one a share of the distance, the first that was said. Return the rows that are new."""
        share = share_of(answer.lap, answer.distance)
        if share is None or share in self._shares or answer.withheld or answer.state in {"waiting", "finished"}:
            return []
        self.why_not = _why_not(answer)
        if self.why_not:
            return []
        self._shares.add(share)
        new = self._workspace.record.add([self._row(answer, share)])
        self.rows += new
        return new

    def told(self) -> str:
        """Say what was entered, or why nothing was; nothing where nothing was due."""
        if not self.rows:
            return self.why_not
        rows = ", ".join(f"{row['seq']} (lap {row['lap']}{'' if row['in_time'] else ', late'})" for row in self.rows)
        return f"track record: rows {rows}; head {self.rows[-1]['hash']}"

    def _row(self, answer: LiveAnswer, share: float) -> Row:
        questions = _answered(answer)
        said = {question: _chances(answer, question) for question in questions}
        beaten = {question: _chances(answer, question + BASELINE) for question in questions}
        about = {
            "race": answer.race,
            "model": MODEL,
            "version": _version(answer, questions[0]),
            "share": share,
            **{name: getattr(answer, name) for name in ("lap", "distance", "revision", "source")},
            "instant": instant(answer.instant),
            "starts_at": self._start(answer.race),
        }
        return live_row(about, said, {question: chances for question, chances in beaten.items() if chances})

    def _start(self, label: str) -> str:
        if not self._starts_at:
            calendar = load_tables(self._workspace.project.tables, CALENDAR).as_of()
            self._starts_at = instant(find_race(calendar, label, Stage.PRE_RACE).cutoff)
        return self._starts_at


def _why_not(answer: LiveAnswer) -> str:
    if abs((clock.now() - answer.instant).total_seconds()) > PROMPT_S:
        return REPLAY
    return "" if _answered(answer) else NOBODY


def _answered(answer: LiveAnswer) -> list[str]:
    """Return the questions that a champion answers."""
    told: Mapping[str, Any] = answer.provenance
    return [question for question in SCORED_AS if VERSION.match(told.get(question, "")) and _chances(answer, question)]


def _version(answer: LiveAnswer, question: str) -> int:
    found = VERSION.match(answer.provenance[question])
    return int(found[1]) if found else 0


def _chances(answer: LiveAnswer, question: str) -> dict[str, float]:
    known = {str(car.driver_id): chance(car.answers, question) for car in answer.cars}
    return {driver: value for driver, value in known.items() if value is not None}
