"""The running order at an instant of the race, as the feed tells it: places, gaps, tyres, stops, and who is out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pitwall.live.answer import LiveCar
from pitwall.live.race import LiveRace, Who
from pitwall.live.state.ledger import Ledger, Row

STATES = {"4": "safety car", "5": "stopped", "6": "virtual safety car", "7": "virtual safety car"}
FINISHED = ("Finished", "Finalised", "Ends")


@dataclass
class _Car:
    """A car's laps so far, in order, and whether its last one ended on the track."""

    laps: dict[int, Row] = field(default_factory=dict)
    stopped: bool = False

    @property
    def newest(self) -> int:
        return max(self.laps, default=0)

    @property
    def ended(self) -> float:
        return self.laps[self.newest].instant("laps") if self.laps else math.inf


def running_order(
    race: LiveRace, ledger: Ledger, until: float, answers: Mapping[int, Mapping[str, Any]], laps_behind: int
) -> tuple[LiveCar, ...]:
    """Return the cars in running order at an instant.

    Args:
        race: that is followed.
        ledger: what has been told.
        until: the instant, in seconds of the race clock.
        answers: by driver what the models say.
        laps_behind: a car that misses so many of the leader's laps is out.
    """
    cars: dict[int, _Car] = {driver: _Car() for driver in race.starters}
    for (driver, lap), row in ledger.known("laps", until):
        car = cars.setdefault(driver, _Car())
        if row.said.get("completed", True):
            car.laps[lap] = row
        else:
            car.stopped = True
    leader = max((car.newest for car in cars.values()), default=0)
    out = {driver: car.stopped or leader - car.newest >= laps_behind for driver, car in cars.items()}
    grid = {driver: place for place, driver in enumerate(race.starters)}
    ordered = sorted(cars, key=lambda each: (out[each], -cars[each].newest, cars[each].ended, grid.get(each, 99), each))
    crossed = {lap: sorted(at for at in ends.values() if at <= until) for lap, ends in ledger.crossings.items()}
    lines = (_line(driver, cars[driver], ledger, crossed, race.who) for driver in ordered)
    return tuple(
        replace(
            line,
            place=place if line.laps else None,
            out=out[line.driver_id],
            answers={} if out[line.driver_id] else dict(answers.get(line.driver_id, {})),
        )
        for place, line in enumerate(lines, start=1)
    )


def _line(
    driver: int, car: _Car, ledger: Ledger, crossed: Mapping[int, Sequence[float]], who: Mapping[int, Who]
) -> LiveCar:
    """Return a car as its own laps tell it."""
    lap, named = car.newest, who.get(driver, Who(str(driver), f"driver {driver}", ""))
    last: Mapping[str, Any] = car.laps[lap].said if lap else {}
    tyres = last or _start(ledger, driver)
    before = [at for at in crossed.get(lap, ()) if at < car.ended]
    return LiveCar(
        driver_id=driver,
        driver=named.driver,
        name=named.name,
        team=named.team,
        place=None,
        laps=lap,
        gap_s=round(car.ended - crossed[lap][0], 3) if lap else None,
        interval_s=round(car.ended - before[-1], 3) if before else None,
        last_lap_s=last.get("seconds"),
        compound=tyres.get("compound"),
        tyre_laps=tyres.get("tyre_laps"),
        stops=sum(row.said.get("pit_in_seconds") is not None for row in car.laps.values()),
        out=False,
    )


def _start(ledger: Ledger, driver: int) -> Mapping[str, Any]:
    row = ledger.rows["start_tyres"].get((driver,))
    return row.said if row else {}


def state_of(ledger: Ledger, until: float) -> str:
    """Return what the race is doing at an instant: one of `pitwall.live.answer.STATES`."""
    track = _newest(ledger, "track_status", until)
    session = _newest(ledger, "session_status", until)
    if session in FINISHED:
        return "finished"
    if session == "Aborted":
        return "stopped"
    if until < 0 or (session is None and not any(True for _ in ledger.known("laps", until))):
        return "waiting"
    return STATES.get(track or "", "racing")


def _newest(ledger: Ledger, table: str, until: float) -> str | None:
    told = [(row.instant(table), key, row.said["status"]) for key, row in ledger.known(table, until)]
    return str(max(told)[2]) if told else None
