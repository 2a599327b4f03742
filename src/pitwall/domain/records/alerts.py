"""What is worth telling somebody: the kinds of alerts, one alert, and what is kept of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pitwall.domain import clock

KINDS = {
    "best_model": "a version is better than every earlier one of its model",
    "gate_refused": "a promotion was refused",
    "drift": "what a model sees or answers has moved away from what it learned",
    "verdict": "a test of two versions has come to a verdict",
    "stale": "results, a champion or what servers were given are old",
    "missed": "a forecast was not made before its session",
    "forecast": "a forecast of a race to come was stored",
}
NEWS = ("forecast",)  # kinds that are no alarm: told where a sink asks for them by name
ALARMS = tuple(kind for kind in KINDS if kind not in NEWS)
TEST = "test"  # no kind that anything raises: what `pitwall exp alert test` sends
SENT = "sent"


def _now() -> str:
    return clock.wall().isoformat(timespec="seconds")


@dataclass(frozen=True)
class Alert:
    """One thing to tell.

    Attributes:
        kind: one of `KINDS`.
        subject: what it is about, e.g. `order-pre_race version 3`.
        text: what happened, in sentences.
        cause: what makes a second one the same, beside kind and subject; numbers that vary from look to look are no part of it.
        at: when it was raised, as ISO text in UTC.
        facts: what programs read instead of the text, for kinds that have any.

    Example:
        >>> first, second = (Alert("drift", "order-pre_race", text, "grid") for text in ("by 0.31", "by 0.32"))
        >>> first.key == second.key
        True
    """

    kind: str
    subject: str
    text: str
    cause: str = ""
    at: str = field(default_factory=_now)
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def key(self) -> str:
        """The name of this alert: the same again is not sent twice."""
        return hashlib.sha256("\0".join((self.kind, self.subject, self.cause)).encode()).hexdigest()[:12]

    @property
    def line(self) -> str:
        """The alert as one line."""
        return " ".join(f"alert {self.kind}, {self.subject}: {self.text}".split())

    def row(self) -> dict[str, Any]:
        """Return the alert as JSON."""
        return {**asdict(self), "key": self.key}


@dataclass(frozen=True)
class KeptAlert:
    """An alert as it is kept, with its outcome at each sink: `sent`, or `failed: ` and why; empty before it was tried.

    Attributes:
        alert: itself.
        sinks: {sink: outcome}.
    """

    alert: Alert
    sinks: Mapping[str, str] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {**self.alert.row(), "sinks": dict(self.sinks)}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> KeptAlert:
        """Return the alert of a row."""
        said = {name: row[name] for name in ("kind", "subject", "text", "cause", "at")}
        return cls(Alert(**said, facts=row.get("facts", {})), row["sinks"])  # earlier versions kept no facts
