"""One race of the synthetic world, lap by lap: who ran where, who stopped when, and what race control did.

    python studies/lap_chart.py [--race ID] [--seed N] [--small] [--json FILE] [--picture FILE] [--docs FILE]

The picture shows the place of every car at the end of each lap; dots are stops, grey is the safety car or a virtual one, blue is
rain on the track, a cross is a car that stopped for good.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from _report import markdown, options, report

from pitwall.report.figures.canvas import canvas, write_png
from pitwall.sources.synthetic import SyntheticSettings
from pitwall.sources.synthetic_world import World
from pitwall.sources.synthetic_world.racing.course import Course, LapLog

WET = 0.18  # from here on intermediates are faster


def places(log: LapLog) -> np.ndarray:
    """Return the place of each car at the end of each lap, laps x cars, NaN after it stopped."""
    clock = np.array(log.clock)
    ranks = np.argsort(np.argsort(np.where(np.isnan(clock), np.inf, clock), axis=1, kind="stable"), axis=1) + 1.0
    return np.where(np.isnan(clock), np.nan, ranks)


def facts(course: Course, log: LapLog) -> list[dict[str, object]]:
    """Return what happened in the race, one row per fact."""
    status = "".join(log.status)
    return [
        {"fact": "laps", "value": len(log.clock)},
        {"fact": "stops", "value": int(np.array(log.stopped).sum())},
        {"fact": "laps behind the safety car", "value": status.count("4")},
        {"fact": "laps under a virtual safety car", "value": status.count("6")},
        {"fact": "red flags", "value": status.count("5")},
        {"fact": "laps on a wet track", "value": int((np.array(log.wetness) > WET).sum())},
        {"fact": "cars that did not finish", "value": int(np.isnan(log.clock[-1]).sum())},
    ]


def draw(title: str, slot: np.ndarray, log: LapLog, path: Path) -> None:
    """Draw the lap chart."""
    chart = np.vstack([slot, places(log)])
    made = canvas(9, 5)
    axes = made.add_subplot(title=title, xlabel="lap", ylabel="place")
    for lap, (status, wet) in enumerate(zip(log.status, log.wetness, strict=True), start=1):
        if status != "1" or wet > WET:
            axes.axvspan(lap - 1, lap, color="0.85" if status != "1" else "lightblue", linewidth=0)
    for car, line in enumerate(chart.T):
        axes.plot(line, linewidth=1)
        stops = 1 + np.flatnonzero(np.array(log.stopped)[:, car])
        axes.plot(stops, line[stops], "o", markersize=3, color="black")
        if np.isnan(line[-1]):
            last = int(np.flatnonzero(~np.isnan(line))[-1])
            axes.plot(last, line[last], "x", color="black")
    axes.set_ylim(chart.shape[1] + 0.5, 0.5)
    write_png(made, path)


def main() -> None:
    """Print the facts of the race and write what was asked for."""
    parser = options(__doc__, "a world of two seasons", SyntheticSettings().seed)
    parser.add_argument(
        "--race", type=int, help="its id; default: the first one with a safety car and a car that stopped"
    )
    chosen = parser.parse_args()
    size = {"seasons": 2, "races": 4} if chosen.small else {}
    world = World(SyntheticSettings(seed=chosen.seed, **size))
    for race in [chosen.race] if chosen.race else world.races:
        course, each = world.run(race), world.round(race)
        assert course.log is not None
        if "4" in "".join(course.log.status) and np.isnan(course.log.clock[-1]).any():
            break
    rows = facts(course, course.log)
    report("lap_chart", f"{each.circuit.name} {each.season}\n\n{markdown(rows)}", {"race": race, "rows": rows}, chosen)
    if chosen.picture:
        draw(f"{each.circuit.name} Grand Prix {each.season}, seed {chosen.seed}", each.slot, course.log, chosen.picture)


if __name__ == "__main__":
    main()
