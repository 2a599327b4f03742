"""The declared tests of a track record, and the races of each: what both versions said before their sessions, and what it was worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from pitwall.domain.records.ab_rows import AB, FAILED, START, STOP, DeclaredTest, declared_by
from pitwall.domain.records.aliases import CHALLENGER, CHAMPION
from pitwall.domain.records.chain import Break

Row = Mapping[str, Any]
FORECAST, SCORE = "forecast", "score"  # kinds, as `track_record` has them


@dataclass(frozen=True)
class RaceOfTest:
    """A race of a test.

    Attributes:
        race: its label.
        starts_at: of its session, as the later of both forecasts had it.
        served: the role that answered it.
        losses: {role: main loss}, of roles whose forecast was scored.
        forecast: roles with a forecast in time.
        failed: {role: why it did not answer}.
    """

    race: str
    starts_at: str
    served: str
    losses: Mapping[str, float]
    forecast: tuple[str, ...]
    failed: Mapping[str, str]

    @property
    def state(self) -> str:
        """`counts`, `waits` for a result, or `one arm`: only one of both forecast it, so that there is no pair."""
        if len(self.losses) == 2:
            return "counts"
        return "waits" if len(self.forecast) == 2 else "one arm"

    @property
    def difference(self) -> float:
        """The champion's loss less the challenger's: above zero the challenger was better."""
        return self.losses[CHAMPION] - self.losses[CHALLENGER]


def declared(rows: Iterable[Row], model: str | None = None) -> list[DeclaredTest]:
    """Return the tests of a record, oldest first, of one model or of all."""
    found: dict[str, DeclaredTest] = {}
    for row in rows:
        if row["kind"] != AB or model not in {None, row["model"]}:
            continue
        if row["event"] == START:
            found[row["hash"]] = declared_by(row)
        elif row["event"] == STOP and row["test"] in found and not found[row["test"]].ended:
            found[row["test"]] = replace(found[row["test"]], ended=row["at"], why=row["why"])
    return list(found.values())


def running(rows: Iterable[Row], model: str) -> DeclaredTest | None:
    """Return the test of a model that runs; None where none does."""
    return next((test for test in reversed(declared(rows, model)) if not test.ended), None)


def overlaps(rows: Iterable[Row]) -> list[Break]:
    """Return tests that were started while another one of the same model ran: nobody can say which of them a race counts for."""
    found = []
    tests = declared(rows)
    for model in {test.model for test in tests}:
        for earlier, test in pairwise(each for each in tests if each.model == model):
            if not earlier.ended or earlier.ended > test.at:
                reason = f"row {test.row} starts a test of {model} while that of row {earlier.row} runs"
                found.append(Break(test.row, reason))
    return found


def races_of(rows: Sequence[Row], test: DeclaredTest) -> list[RaceOfTest]:
    """Return the races of a test in the order of their sessions: those of which a forecast in time of either version is there."""
    said: dict[str, dict[str, Row]] = {}
    for row in rows:
        if _counts(row, test):
            said.setdefault(row["race"], {})[row["role"]] = row
    failed: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["kind"] == AB and row["event"] == FAILED and row["test"] == test.hash:
            failed.setdefault(row["race"], {})[row["role"]] = row["why"]
    scored = {row["content"]: row["scores"] for row in rows if row["kind"] == SCORE}
    found = [_race(race, both, scored, failed.get(race, {}), test) for race, both in said.items()]
    return sorted(found, key=lambda each: (each.starts_at, each.race))


def _counts(row: Row, test: DeclaredTest) -> bool:
    if row["kind"] != FORECAST or row["model"] != test.model or row["role"] not in {CHAMPION, CHALLENGER}:
        return False
    own = row["version"] == test.version(row["role"])
    return own and bool(row["in_time"]) and not row["what_if"] and test.takes_part(row["starts_at"])


def _race(
    race: str,
    both: Mapping[str, Row],
    scored: Mapping[str, Mapping[str, Any]],
    failed: Mapping[str, str],
    test: DeclaredTest,
) -> RaceOfTest:
    losses = {
        role: float(scored[row["content"]][test.question]["ours"][test.metric])
        for role, row in both.items()
        if test.metric in scored.get(row["content"], {}).get(test.question, {}).get("ours", {})
    }
    starts_at = max(row["starts_at"] for row in both.values())
    missing = {role: why for role, why in failed.items() if role not in both}
    return RaceOfTest(race, starts_at, test.arm(race), losses, tuple(sorted(both)), missing)
