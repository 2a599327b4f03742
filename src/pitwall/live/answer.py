"""What is said of a race at one instant of it: the race, its cars in running order, and what the models answer of each.

An answer is plain data: terminals, the API, the iterator and the record read the same one, and it survives JSON bit by bit. A number
that is not known is None, never NaN, which JSON does not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self

from pitwall.domain.errors import PitwallError

FORMAT = 1
STATES = ("waiting", "racing", "safety car", "virtual safety car", "stopped", "finished")


class LiveError(PitwallError):
    """A race cannot be followed live."""


@dataclass(frozen=True)
class LiveCar:
    """A car of the race at the instant of an answer.

    Attributes:
        driver_id: the project's id.
        driver: code, or reference of a driver without one.
        name: of the driver.
        team: that it drives for.
        place: in running order; None before the first lap has ended.
        laps: completed.
        gap_s: seconds behind the leader when it last crossed the line, on the lap that it then completed.
        interval_s: the same behind the car ahead.
        last_lap_s: its last lap time in seconds; None where that lap has none.
        compound: tyres that it is on.
        tyre_laps: laps on that set.
        stops: in the pit lane so far.
        out: it stopped for good, as far as the feed tells.
        answers: by template a chance, or the quantiles `p10`, `p50`, `p90` of a number.
    """

    driver_id: int
    driver: str
    name: str
    team: str
    place: int | None
    laps: int
    gap_s: float | None
    interval_s: float | None
    last_lap_s: float | None
    compound: str | None
    tyre_laps: float | None
    stops: int
    out: bool
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LiveAnswer:
    """What is known and said of a race at one instant.

    Attributes:
        race: label, as `2023-12`.
        race_name: its name.
        source: of the events.
        instant: UTC; everything that happened until then is taken into account (the watermark).
        clock_s: the same in seconds of the race clock.
        lap: completed by the leader.
        distance: laps that the race is expected to have; None where nothing tells.
        revision: 1, or higher where a late correction revised the answer of this lap.
        state: one of `STATES`.
        silent_s: for how many seconds the feed has been silent.
        withheld: nothing is answered, because what is known is too old; the notes say so.
        notes: what a reader must know, as "feed silent for 42 s".
        answers: of the race as a whole, by template.
        cars: in running order.
        provenance: by template who answers: "model version N, content HASH" or "baseline NAME".
    """

    race: str
    race_name: str
    source: str
    instant: datetime
    clock_s: float
    lap: int
    distance: int | None
    revision: int
    state: str
    silent_s: float
    withheld: bool
    notes: tuple[str, ...]
    answers: Mapping[str, Any]
    cars: tuple[LiveCar, ...]
    provenance: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON: lists and dictionaries, floats as they are, the instant as text."""
        return {"format": FORMAT, **asdict(self), "instant": self.instant.isoformat(), "notes": list(self.notes)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the answer that `to_json` gave.

        Raises:
            LiveError: the content is of another format.
        """
        if content.get("format") != FORMAT:
            raise LiveError(
                f"found a live answer of format {content.get('format')!r}; this version reads {FORMAT}. Follow the race again."
            )
        facts = {key: value for key, value in content.items() if key != "format"}
        return cls(
            **{
                **facts,
                "instant": datetime.fromisoformat(facts["instant"]),
                "notes": tuple(facts["notes"]),
                "cars": tuple(LiveCar(**car) for car in facts["cars"]),
            }
        )
