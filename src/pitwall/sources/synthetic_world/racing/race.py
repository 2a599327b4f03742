"""A race of the synthetic world, lap by lap, for many draws at once.

Arrays are draws x cars; the only loop is over laps. The race that is published is one draw, the truth about it thousands of
draws of the same code. Cars advance lap by lap together, each with its own clock: a car's place is the rank of its clock at
the end of a lap, and a lapped car is one whose clock is more than a lap behind the winner's.
"""

from __future__ import annotations

import numpy as np

from pitwall.sources.synthetic_world.racing import traffic
from pitwall.sources.synthetic_world.racing.course import Course, LapLog, Runners, Start
from pitwall.sources.synthetic_world.racing.events import (
    BROKEN,
    CRASHED,
    DISQUALIFIED_LATER,
    FIRST_LAP,
    RAIN_HAZARD,
    RUNNING,
    SLOW_HAZARD,
    Control,
    Fates,
    fates,
)
from pitwall.sources.synthetic_world.racing.strategy import PIT_ROAD, SAVED, PitWall, Tyres
from pitwall.sources.synthetic_world.racing.tyre import CLIFF, FUEL, REFERENCE_LAPS, water
from pitwall.sources.synthetic_world.racing.weather import showers, wetness
from pitwall.sources.synthetic_world.state.circuit import Circuit

TEAM_DAY_SD = 0.07  # how a team's race day differs from its weekend, percent of a lap
CAR_DAY = (
    4,
    0.065,
)  # the same of a car: degrees of freedom and scale of a t distribution, for days on which nothing works
LAP_SD = 0.3  # percent
SLOT_SECONDS, FIRST_LAP_SECONDS = 0.32, 6.0
LAUNCH_SD = (0.6, 2.4, 8)  # at the front, in the crowd, and from which slot on; seconds
FIRST_LAP_EASE = 0.25  # of the usual difficulty to pass
PIT_LANE_START = 12.0
SLOW = {"safety_car": 1.42, "virtual": 1.36}  # lap times against a fast lap
CATCH_UP = 0.3  # of a lap that cars gain on the safety car until they have caught it
OUT = 1e7  # the clock of a car that has stopped
CLASSIFIED = 0.9  # share of the distance


def run_race(
    runners: Runners,
    circuit: Circuit,
    start: Start,
    rng: np.random.Generator,
    *,
    stops: bool = True,
    record: bool = False,
) -> Course:
    """Simulate a race.

    Args:
        runners: the cars.
        circuit: with the laps to go.
        start: the grid and the weather.
        rng: of this race.
        stops: False for a sprint, in which nobody plans to stop.
        record: keep the laps of the first draw.

    Returns:
        The course of every draw.
    """
    race = _Race(runners, circuit, start, rng, stops)
    log = LapLog() if record else None
    for lap in range(1, circuit.laps + 1):
        race.drive(lap, log)
    return race.finish(log)


class _Race:
    """The state of a race between two laps."""

    def __init__(self, runners: Runners, circuit: Circuit, start: Start, rng: np.random.Generator, stops: bool) -> None:
        slot, pit_lane, rain = start.slot, start.pit_lane, start.rain
        shape = slot.shape
        self.runners, self.circuit, self.rng = runners, circuit, rng
        self.percent, self.slot = circuit.lap / 100, slot
        self.falls = showers(rain, circuit.laps, rng)
        self.wetness = wetness(self.falls)
        self.wall = PitWall(circuit, runners.wear, runners.crew, shape[0], rng)
        self.tyres: Tyres = self.wall.start(self.wetness[:, 0], stops)
        self.fates: Fates = fates(runners.breaks, runners.crashes, slot, circuit, rng)
        self.control = Control.clear(shape[0])
        teams, index = np.unique(runners.team, return_inverse=True)
        day = rng.normal(0, TEAM_DAY_SD, (shape[0], len(teams)))[:, index] + CAR_DAY[1] * rng.standard_t(
            CAR_DAY[0], shape
        )
        self.pace = circuit.lap - (runners.speed + day) * self.percent
        self.clock = SLOT_SECONDS * slot + np.where(pit_lane, PIT_LANE_START, 0.0)
        self.order = traffic.running_order(self.clock)
        self.line = self.clock.take(self.order)  # the clocks in running order
        self.owed = np.zeros(shape)  # seconds that the next lap will take longer: a stop
        self.pitted = np.zeros(shape, dtype=bool)
        self.hazard = np.zeros(shape)
        self.fate = np.full(shape, RUNNING)
        self.runs = np.ones(shape, dtype=bool)
        self.laps = np.zeros(shape, dtype=int)
        self.total = np.zeros(shape)

    def drive(self, lap: int, log: LapLog | None) -> None:
        """Run one lap of all cars."""
        wet = self.wetness[:, lap - 1]
        slow = (self.control.safety_car > 0) | (self.control.virtual > 0)
        status = _status(self.control)
        if log is not None:
            log.began.append(self.clock[0].copy())
        took = self._lap_seconds(lap, wet, slow) + self.owed
        incident = self.fates.incident_on == lap
        took += incident * self.fates.incident_seconds
        took *= self.runs
        self._race_each_other(lap, took, slow, self.pitted | incident | ~self.runs)
        self.tyres.age += 1
        self._events(lap, wet, slow)
        if log is not None:
            self._write(log, lap, status + "5" * bool(self.control.red[0]))
        self._pit_stops(lap, wet)
        if self.control.red.any():
            self._red_flag(lap, wet)
        if log is not None:
            log.stopped.append(self.pitted[0].copy())
            log.pit_seconds.append(self.lost[0].copy())

    def _lap_seconds(self, lap: int, wet: np.ndarray, slow: np.ndarray) -> np.ndarray:
        """Return what the lap would take each car alone."""
        tyres, shape = self.tyres, self.clock.shape
        worn = np.maximum(tyres.age - tyres.life, 0)
        percent = tyres.offset + tyres.slope * tyres.age + CLIFF * worn * worn
        percent += FUEL * REFERENCE_LAPS / self.circuit.laps * (self.circuit.laps - lap)
        percent += LAP_SD * self.rng.standard_normal(shape, dtype=np.float32)
        if wet.any() or tyres.kind.any():
            cost = np.take_along_axis(water(wet), tyres.kind, axis=1)
            percent += cost - np.minimum(wet, 0.5)[:, None] * self.runners.wet
        took: np.ndarray = self.pace + percent * self.percent
        if slow.any():
            factor = np.where(self.control.safety_car > 0, SLOW["safety_car"], SLOW["virtual"])[:, None]
            took = np.where(slow[:, None], self.circuit.lap * factor + 0.02 * percent, took)
        if lap == 1:
            front, crowd, full = LAUNCH_SD
            spread = front + (crowd - front) * np.minimum((self.slot - 1) / full, 1)
            took = took + FIRST_LAP_SECONDS + spread * self.rng.standard_normal(shape, dtype=np.float32)
        return took

    def _race_each_other(self, lap: int, took: np.ndarray, slow: np.ndarray, free: np.ndarray) -> None:
        """Advance the clocks: cars that are held up wait, pass, or bunch up behind the safety car."""
        alone = (self.clock + took).take(self.order)
        pack = traffic.Pack(self.line, alone, free.take(self.order), self.order)
        traffic.pass_or_wait(pack, self.circuit.overtaking * (FIRST_LAP_EASE if lap == 1 else 1.0), slow, self.rng)
        self.clock.reshape(-1)[pack.order] = pack.after
        self.clock[~self.runs] = OUT
        self.order = traffic.running_order(self.clock)
        bunched = np.flatnonzero(self.control.safety_car > 0)
        if len(bunched):
            traffic.bunch_up(self.clock, self.order, bunched, OUT, CATCH_UP * self.circuit.lap)

    def _events(self, lap: int, wet: np.ndarray, slow: np.ndarray) -> None:
        """Take out the cars that break down or crash on this lap; let race control answer."""
        factor = (FIRST_LAP if lap == 1 else 1.0) + RAIN_HAZARD * wet
        self.hazard += self.fates.hazard * np.where(slow, SLOW_HAZARD, factor)[:, None]
        broke = self.runs & (self.fates.breaks_on <= lap)
        crashed = self.runs & (self.hazard > self.fates.threshold) & ~broke
        out = broke | crashed
        if out.any():
            self.fate[broke], self.fate[crashed] = BROKEN, CRASHED
            self.runs = self.runs & ~out
            self.total[out], self.laps[out], self.clock[out] = self.clock[out], lap - 1, OUT
            self.order = traffic.running_order(self.clock)
        happened = np.any(crashed, axis=1), np.any(broke, axis=1)
        self.control.react(*happened, self.circuit.danger, self.rng)
        self.line = self.clock.take(self.order)

    def _pit_stops(self, lap: int, wet: np.ndarray) -> None:
        """Let cars stop at the end of the lap; what it costs is owed on the next one."""
        self.owed = self.lost = np.zeros(self.clock.shape)
        self.pitted = np.zeros(self.clock.shape, dtype=bool)
        if lap == self.circuit.laps:
            return
        close = traffic.within_reach(self.line, self.order)
        safety_car, virtual = self.control.safety_car > 0, self.control.virtual > 0
        who = self.wall.calls(self.tyres, lap, wet, safety_car | virtual, close) & self.runs
        if not who.any():
            return
        self.lost = self.wall.serve(self.tyres, who, lap, wet)
        saved = np.where(safety_car, SAVED["safety_car"], np.where(virtual, SAVED["virtual"], 0.0))
        road = (self.circuit.pit_lane - PIT_ROAD) * (1 - saved)
        self.owed = np.where(who, road[:, None] + self.lost, 0.0)
        self.pitted = who
        self.wall.cover(self.tyres, traffic.ahead_of(who, self.order) & ~who, lap)

    def _red_flag(self, lap: int, wet: np.ndarray) -> None:
        """Stop the race: everyone takes new tyres, and it starts again from the grid in the order of now."""
        if lap == self.circuit.laps:
            return
        red = np.flatnonzero(self.control.red)
        self.wall.serve(self.tyres, self.runs & self.control.red[:, None] & ~self.pitted, lap, wet)
        self.owed[red], self.pitted[red] = 0.0, False
        traffic.bunch_up(self.clock, self.order, red, OUT, np.inf)
        self.line = self.clock.take(self.order)

    def _write(self, log: LapLog, lap: int, status: str) -> None:
        log.clock.append(np.where(self.runs[0], self.clock[0], np.nan))
        log.compound.append(self.tyres.compound[0].copy())
        log.age.append(self.tyres.age[0].copy())
        log.stint.append(self.tyres.stint[0].copy())
        log.status.append(status)
        log.wetness.append(float(self.wetness[0, lap - 1]))
        log.falls.append(float(self.falls[0, lap - 1]))

    def finish(self, log: LapLog | None) -> Course:
        """Count laps, add penalties, rank."""
        fate, laps, running = self.fate, self.circuit.laps, self.runs
        total = np.where(running, self.clock + self.fates.penalty, self.total)
        first = np.where(running, total, OUT).min(axis=1, keepdims=True)
        behind = np.clip(np.floor((total - first) / (1.03 * self.circuit.lap)), 0, max(0, laps // 8))
        done = np.where(running, laps - behind, self.laps).astype(int)
        on_track = np.where(running, total, OUT - 1e3 * self.laps + 1e-3 * np.arange(len(self.runners.team)))
        late = np.where(running, self.fates.late_penalty, 0.0)
        out = running & self.fates.disqualified
        return Course(
            place=_ranks(np.where(out, 2 * OUT, on_track + late)),
            first_place=_ranks(on_track),
            laps=done,
            seconds=total,
            late_penalty=late,
            fate=np.where(out, DISQUALIFIED_LATER, fate),
            log=log,
        )


def _status(control: Control) -> str:
    """Return the track status of the first draw's lap."""
    return "4" if control.safety_car[0] > 0 else "6" if control.virtual[0] > 0 else "1"


def _ranks(key: np.ndarray) -> np.ndarray:
    order = np.argsort(key, axis=1, kind="stable")
    ranks = np.empty(key.shape, dtype=int)
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(1, key.shape[1] + 1), key.shape), axis=1)
    return ranks
