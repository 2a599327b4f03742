"""A declared test of two versions of one model, as the track record holds it: what was fixed before the first race that counts.

A row of the kind `ab` starts a test, ends it, or says that an arm failed at a race. Who answers a race follows from the salt of the test, the
model and the race alone, so that everybody who asks about one race is answered by one version, wherever they ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from pitwall.domain.records.aliases import CHALLENGER, CHAMPION

AB = "ab"  # kind of a row
START, STOP, FAILED = "start", "stop", "failed"  # what it says
SERVED, SHADOW = "served", "shadow"
# In the provenance of a forecast: which of them it is, and the hash of the test's first row.
ARM, OF_TEST = "ab.arm", "ab.test"
DIGITS = 16  # of the hash that divides the races
_DESIGN = ("model", "champion", "challenger", "split", "question", "metric", "bound", "alpha", "salt")
_SAYS = {
    START: {*_DESIGN, "by", "why"},
    STOP: {"model", "test", "by", "why"},
    FAILED: {"model", "test", "race", "stage", "version", "role", "why"},
}

Row = dict[str, Any]


@dataclass(frozen=True)
class DeclaredTest:
    """A test of two versions.

    Attributes:
        model: registered name.
        champion: the version that was champion when it began.
        challenger: the version beside it.
        split: share of the races that the challenger answers; 0 for a shadow.
        question: whose loss is compared.
        metric: that loss.
        bound: a difference of one race is clipped to it, in the unit of the loss.
        alpha: chance of a wrong verdict in either direction, whenever one looks.
        salt: divides the races.
        at: when it was declared, ISO text in UTC.
        hash: of the row that declares it.
        row: the number of that row.
        ended: when it ended; empty while it runs.
        why: it ended.
    """

    model: str
    champion: int
    challenger: int
    split: float
    question: str
    metric: str
    bound: float
    alpha: float
    salt: str
    at: str
    hash: str = ""
    row: int = 0
    ended: str = ""
    why: str = ""

    @property
    def title(self) -> str:
        """What it is called in labels."""
        return "A/B test" if self.split else "shadow"

    def takes_part(self, starts_at: str | datetime) -> bool:
        """Return whether a race counts by the start of its session: it was still to come when the test began, and before it ended."""
        instant = _instant(starts_at)
        return _instant(self.at) < instant and not (self.ended and instant >= _instant(self.ended))

    def arm(self, race: str) -> str:
        """Return who answers a race: `champion` or `challenger`."""
        return arm_of(self.salt, self.model, race, self.split)

    def version(self, role: str) -> int:
        """Return the version of a role."""
        return self.champion if role == CHAMPION else self.challenger

    def facts(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


def arm_of(salt: str, model: str, race: str, split: float) -> str:
    """Return who answers a race, `champion` or `challenger`: the same at every call.

    Args:
        salt: of the test.
        model: registered name.
        race: label, e.g. 2024-08.
        split: share of the races that the challenger answers.

    Example:
        >>> arm_of("s", "order-pre_race", "2024-08", 0.0), arm_of("s", "order-pre_race", "2024-08", 1.0)
        ('champion', 'challenger')
    """
    drawn = int(sha256(f"{salt}\0{model}\0{race}".encode()).hexdigest()[:DIGITS], 16)
    return CHALLENGER if drawn / 16**DIGITS < split else CHAMPION


def label(title: str, role: str, version: int, other: int) -> str:
    """Return what a reader of an answer must know of the other arm.

    Args:
        title: of the test.
        role: of the version that answers.
        version: that answers.
        other: that is asked beside it.
    """
    beside = CHALLENGER if role == CHAMPION else CHAMPION
    return f"{title}: version {version} ({role}) answers this race; version {other} ({beside}) is shadowed"


def start_row(test: DeclaredTest, by: str, why: str) -> Row:
    """Return the row that declares a test, without its place in the chain."""
    return {"kind": AB, "event": START, **{name: getattr(test, name) for name in _DESIGN}, "by": by, "why": why}


def stop_row(test: DeclaredTest, by: str, why: str) -> Row:
    """Return the row that ends a test."""
    return {"kind": AB, "event": STOP, "model": test.model, "test": test.hash, "by": by, "why": why}


def failed_row(test: DeclaredTest | None, about: Mapping[str, Any], why: str) -> Row:
    """Return the row that says that an arm did not answer.

    Args:
        test: that it belongs to; None of a version that is a challenger without a test.
        about: model, race, stage, version and role.
        why: in words.
    """
    return {"kind": AB, "event": FAILED, "test": test.hash if test else "", **about, "why": why}


def lacking(row: Mapping[str, Any]) -> str:
    """Say what a row about a test lacks; empty if it lacks nothing."""
    if row["event"] not in _SAYS:
        return f"its event is {row['event']!r}"
    if missing := _SAYS[row["event"]] - set(row):
        return f"it lacks {', '.join(sorted(missing))}"
    if row["event"] == START and not (0 <= row["split"] <= 1 and 0 < row["alpha"] < 1 and row["bound"] > 0):
        return f"its split is {row['split']!r}, its alpha {row['alpha']!r}, its bound {row['bound']!r}"
    return ""


def declared_by(row: Mapping[str, Any]) -> DeclaredTest:
    """Return the test that a row declares."""
    return DeclaredTest(**{name: row[name] for name in _DESIGN}, at=row["at"], hash=row["hash"], row=row["seq"])


def _instant(text: str | datetime) -> datetime:
    return datetime.fromisoformat(text) if isinstance(text, str) else text
