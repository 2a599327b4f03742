"""When to stop: what the advice costs a car beside the best stop lap of a world whose laws are known, and what two simple rules cost.

    python studies/strategy.py [--races 200] [--draws 150] [--small] [--json FILE] [--docs docs/strategy.md] [--picture FILE]

Races are of synthetic worlds. A car between the second and the tenth place is chosen by chance at 15 % of the distance, on its first set, on
a dry track without a safety car. The advice sees the published laps up to there, and has learned from the races before; the rules are
*fixed share* (of the distance at which cars stopped first in earlier races, the median), *usual age* (at which they took such a set off) and
*leader* (the lap after the leader of now has stopped). In truth the race then goes on many times by the world's own laws, safety cars and retirements of others included, with every
third lap as the car's next stop; afterwards its own pit wall decides. *Regret* is what a decision takes longer to the flag, beside the
median of the other cars, than the best lap on average; that lap is found on one half of the draws, and all are held against it on the
other half. *Covered* is how often the true difference between the rule's lap and the advised one lies in the advice's 80 % interval.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _forced import Told, after_car, on_lap, seconds_to_flag, told
from _report import markdown, options, report
from green_laps import world_tables

from pitwall.domain.tables import Tables
from pitwall.live.strategy.choices import LAST, Choice, best_of, choices
from pitwall.live.strategy.learned import Learned, learned, seen_laps
from pitwall.live.strategy.situation import situation_of
from pitwall.ml.evaluation.bootstrap import Interval, mean_interval
from pitwall.report.figures.canvas import canvas, write_png
from pitwall.sources.synthetic import SyntheticSettings
from pitwall.sources.synthetic_world import World

AT = 0.15  # of the distance
STEP = 3  # laps between two stops that are tried in truth
FIRST, LAST_PLACE = 2, 10
MEMORY = 20  # races that are learned from
SETTINGS = SyntheticSettings(seasons=8, races=21, teams=10, laps_seasons=8, rounds_run=21)
SMALL = SyntheticSettings(seasons=2, races=4, teams=5, laps_seasons=2, rounds_run=4)
ADVICE, SHARE, AGE, LEADER = "advice", "fixed share of the distance", "usual age of the set", "when the leader stops"


@dataclass(frozen=True)
class Case:
    """One decision: the laps that each way stops on (None: it depends), the true seconds, draws by lap and way, and the advice."""

    stops: dict[str, int | None]
    seconds: dict[str, np.ndarray]
    by_lap: dict[int, np.ndarray]
    said: list[Choice]

    @property
    def best(self) -> int:
        """The lap that is best in truth, by the first half of the draws, neighbours smoothing each other."""
        laps = list(self.by_lap)
        means = np.array([half(self.by_lap[lap], 0) for lap in laps])
        smooth = np.convolve(np.pad(means, 1, mode="edge"), np.ones(3) / 3, mode="valid")
        return laps[int(smooth.argmin())]

    def regret(self, way: str) -> float:
        """Return what a way takes longer than the best lap, by the second half of the draws."""
        return half(self.seconds[way], 1) - half(self.by_lap[self.best], 1)


def half(draws: np.ndarray, which: int) -> float:
    """Return the mean of one half of the draws: every other one."""
    return float(draws[which::2].mean())


def main() -> None:
    """Measure and report."""
    parser = options(__doc__, "four races of a small world", seed=21)
    parser.add_argument("--races", type=int, default=200)
    parser.add_argument("--draws", type=int, default=60)
    chosen = parser.parse_args()
    most, draws = (4, 30) if chosen.small else (chosen.races, chosen.draws)
    cases = list(_cases(most, draws, chosen.seed, SMALL if chosen.small else SETTINGS))
    rows = table(cases)
    text = f"Regret (s) over {len(cases)} decisions of synthetic races, mean with 95 % interval; {covered(cases)}\n\n{markdown(rows)}"
    report("strategy", text, {"rows": rows}, chosen)
    if chosen.picture:
        picture(cases[0], chosen.picture)


def _cases(most: int, draws: int, seed: int, settings: SyntheticSettings) -> Iterator[Case]:
    """Return decisions of world after world, until there are as many as asked for."""
    found = 0
    while found < most:
        world = settings.model_copy(update={"seed": seed})
        for case in of_world(World(world), world_tables(world), draws):
            yield case
            found += 1
            if found == most:
                return
        seed += 1


def of_world(world: World, tables: Tables, draws: int) -> Iterator[Case]:
    """Return a decision of each race from the second season on in which somebody had to make one."""
    laps, races = seen_laps(tables), tables["races"].sort_values("starts_at")
    circuits = dict(zip(races["race_id"], races["circuit_id"], strict=True))
    driven = set(laps["race_id"].unique())
    order = [race for race in races["race_id"] if race in driven]
    begun = set(races.loc[races["season"] > races["season"].min(), "race_id"])
    for race in [each for each in order if each in begun]:
        before = order[: order.index(race)]
        here = {each for each in before if circuits[each] == circuits[race]}
        past = laps[laps["race_id"].isin(set(before[-MEMORY:]) | here)]
        case = decision(
            told(world, race, round(AT * world.round(race).circuit.laps)),
            laps[laps["race_id"] == race],
            learned(past, here),
            draws,
        )
        if case is not None:
            yield case


def decision(before: Told, laps: pd.DataFrame, known: Learned, draws: int) -> Case | None:
    """Return what was advised and what is true; None where the race does not ask for it, or the car has no stop to make."""
    order = before.places()
    fit = [car for car in order[FIRST - 1 : LAST_PLACE] if before.race.tyres.stint[0, car] == 1]
    if not before.plain or not fit:
        return None
    car = int(fit[np.random.default_rng(before.each.number).integers(len(fit))])
    distance = before.each.circuit.laps
    now = situation_of(laps, int(before.each.field.driver[car]) + 1, before.lap, distance, known)
    if now is None:
        return None
    said = choices(now, known.wear, known.road)
    advised, first, latest = best_of(said).stop, before.lap + 1, distance - LAST
    share, age = (
        int(np.clip(round(of * distance), first, latest)) for of in (known.first, known.shares.get(now.compound, 0.5))
    )
    assert advised is not None, "on its first set a car must stop"
    leader = after_car(int(order[0]), 1, latest)
    tried = list(range(first, latest, STEP))
    ways = {ADVICE: on_lap(advised), SHARE: on_lap(share), AGE: on_lap(age), LEADER: leader}
    found = seconds_to_flag(before, car, [*map(on_lap, tried), *ways.values()], draws, before.each.number)
    by_lap = dict(zip(tried, found, strict=False))
    seconds = dict(zip(ways, found[len(tried) :], strict=True))
    return Case({ADVICE: advised, SHARE: share, AGE: age, LEADER: None}, seconds, by_lap, said)


def table(cases: list[Case]) -> list[dict[str, Any]]:
    """Return a row per way to decide."""
    regrets = {way: np.array([case.regret(way) for case in cases]) for way in (ADVICE, SHARE, AGE, LEADER)}
    rows = []
    for way, regret in regrets.items():
        gain = None if way == ADVICE else mean_interval(regret - regrets[ADVICE])
        off = [abs(case.stops[way] - case.best) for case in cases if case.stops[way] is not None]  # type: ignore[operator]
        rows.append(
            {
                "stops": way,
                "regret": _text(mean_interval(regret)),
                "median": round(float(np.median(regret)), 2),
                "laps off": round(float(np.median(off)), 1) if off else None,
                "advice is better by": "" if gain is None else _text(gain, "+"),
            }
        )
    return rows


def covered(cases: list[Case]) -> str:
    """Say how often the advice's interval holds the true difference between the fixed share's lap and its own."""
    held = []
    for case in cases:
        of_lap = {each.stop: each for each in case.said}
        other = of_lap.get(case.stops[SHARE])
        if other is None or other.lost == 0:
            continue
        true = float((case.seconds[SHARE] - case.seconds[ADVICE]).mean())
        held.append(other.low <= true <= other.high)
    return (
        f"the 80 % interval of the advice holds the true difference to the fixed share in {np.mean(held):.0%} of {len(held)} cases."
        if held
        else ""
    )


def picture(case: Case, path: Path) -> None:
    """Draw what is said of each lap beside what is true."""
    figure = canvas(7.0, 3.6)
    axes = figure.subplots()
    laps = [each.stop for each in case.said if each.stop is not None]
    said = [each for each in case.said if each.stop is not None]
    true = {lap: draws.mean() for lap, draws in case.by_lap.items()}
    axes.fill_between(
        laps, [each.low for each in said], [each.high for each in said], alpha=0.25, label="80 % interval"
    )
    axes.plot(laps, [each.lost for each in said], label="advice")
    axes.plot(list(true), np.array(list(true.values())) - min(true.values()), "k.", label="true, mean of the draws")
    axes.set(xlabel="lap of the stop", ylabel="seconds lost to the flag")
    axes.legend(frameon=False)
    write_png(figure, path)


def _text(found: Interval, sign: str = "") -> str:
    return f"{found.value:{sign}.2f} ({found.low:{sign}.2f} to {found.high:{sign}.2f})"


if __name__ == "__main__":
    main()
