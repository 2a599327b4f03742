"""What a feed tells of a race, one event at a time: which row of which table it is about, and what it says of it.

An event has three times: when it happened (seconds of the race clock), when its source said it, and its place in the order of
the source. It says some columns of one canonical row; several events make a row (a lap ends, its sectors follow, a deletion comes
minutes later), and of two that say the same column the one with the higher place in the source's order holds. So what is known
does not depend on the order, or the number of times, in which events arrive.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pitwall.domain.errors import UnknownName
from pitwall.domain.tables import SPECS
from pitwall.live.answer import LiveError

DRIVER, LAP = "driver_id", "lap"
WITHDRAWN = "withdrawn"
TABLES = ("laps", "weather", "track_status", "session_status", "start_tyres")  # whose rows are told live


@dataclass(frozen=True)
class EventKind:
    """What one kind of event is about.

    Attributes:
        name: of the kind.
        table: canonical table whose row it tells of.
        key: columns that name the row within the race.
        columns: that it may say; any of the table but the key when empty.
        needed: that it must say.
    """

    name: str
    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()

    @property
    def allowed(self) -> frozenset[str]:
        """The columns that it may say."""
        own = set(SPECS[self.table].columns) - {"race_id", *self.key}
        return frozenset(self.columns or own)


_SECTORS = ("sector_1", "sector_2", "sector_3")
_TYRES = ("stint", "compound", "tyre_laps", "new_tyre")
KINDS: dict[str, EventKind] = {
    kind.name: kind
    for kind in (
        EventKind("lap", "laps", (DRIVER, LAP), needed=("end_seconds",)),
        EventKind("sector", "laps", (DRIVER, LAP), _SECTORS),
        EventKind("pit_in", "laps", (DRIVER, LAP), ("pit_in_seconds",), ("pit_in_seconds",)),
        EventKind("pit_out", "laps", (DRIVER, LAP), ("pit_out_seconds",), ("pit_out_seconds",)),
        EventKind("tyres", "laps", (DRIVER, LAP), _TYRES),
        EventKind("deleted", "laps", (DRIVER, LAP), ("deleted", "deleted_reason"), ("deleted",)),
        EventKind("withdrawn", "laps", (DRIVER, LAP), (WITHDRAWN,), (WITHDRAWN,)),
        EventKind("start_tyres", "start_tyres", (DRIVER,), needed=("compound",)),
        EventKind("weather", "weather", ("sample",), needed=("seconds",)),
        EventKind("track_status", "track_status", ("message",), needed=("seconds", "status")),
        EventKind("session_status", "session_status", ("message",), needed=("seconds", "status")),
    )
}


@dataclass(frozen=True)
class Event:
    """One thing that a feed tells.

    Attributes:
        kind: one of `KINDS`.
        at_s: when it happened, in seconds of the race clock.
        published_s: when the source said it, on the same clock.
        sequence: its place in the order of the source; of two events about one column the higher one holds.
        key: names the row within the race.
        values: what it says of the row, by column; None where that is not known.
    """

    kind: str
    at_s: float
    published_s: float
    sequence: int
    key: Mapping[str, int]
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def about(self) -> EventKind:
        """What its kind is about."""
        return KINDS[self.kind]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        facts = {"kind": self.kind, "at": self.at_s, "published": self.published_s, "sequence": self.sequence}
        return {**facts, "key": dict(self.key), "values": dict(self.values)}


@dataclass(frozen=True)
class Tick:
    """The feed's clock went on and nothing happened, in seconds of the race clock."""

    now_s: float


@dataclass(frozen=True)
class End:
    """The feed has nothing more to tell of this race."""


Item = Event | Tick | End


def event(
    kind: str,
    at_s: float,
    sequence: int,
    key: Mapping[str, int],
    values: Mapping[str, Any],
    *,
    published_s: float | None = None,
) -> Event:
    """Return an event whose form has been checked.

    Args:
        kind: one of `KINDS`.
        at_s: when it happened, seconds of the race clock.
        sequence: its place in the order of the source.
        key: names the row within the race.
        values: what it says of the row.
        published_s: when the source said it; as it happened when None.

    Raises:
        UnknownName: there is no such kind.
        LiveError: it names no row, says no instant, or a column that is not its kind's.
    """
    if kind not in KINDS:
        raise UnknownName("kind of event", kind, KINDS)
    about = KINDS[kind]
    if set(key) != set(about.key):
        raise LiveError(f"an event of kind {kind} names its row by {', '.join(about.key)}; found {sorted(key)}.")
    if foreign := sorted(set(values) - about.allowed):
        raise LiveError(
            f"an event of kind {kind} says {foreign[0]!r}; it may say {', '.join(sorted(about.allowed))}. Use another kind."
        )
    if lacking := [name for name in about.needed if values.get(name) is None]:
        raise LiveError(f"an event of kind {kind} must say {', '.join(lacking)}; found {sorted(values)}.")
    said = at_s if published_s is None else published_s
    if not (math.isfinite(at_s) and math.isfinite(said)):
        raise LiveError(
            f"an event of kind {kind} has no instant: found {at_s} and {said}; give seconds of the race clock."
        )
    return Event(
        kind, float(at_s), float(said), int(sequence), dict(key), {name: plain(value) for name, value in values.items()}
    )


def event_from_json(content: Mapping[str, Any]) -> Event:
    """Return the event that `Event.to_json` gave; see `event` for the errors."""
    try:
        return event(
            content["kind"],
            content["at"],
            content["sequence"],
            content["key"],
            content["values"],
            published_s=content["published"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise LiveError(f"no event: {type(error).__name__}: {error} (found {str(content)[:80]}).") from error


def plain(value: Any) -> Any:
    """Return a value of a table as JSON has it: a null of any kind is None."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    found = value.item() if hasattr(value, "item") else value
    return None if isinstance(found, float) and math.isnan(found) else found
