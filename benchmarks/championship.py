"""Seasons drawn to the end: 20,000 of 24 races and 20 cars, beside a plain loop over seasons and races by the same rules.

Both draw a normal number per car and race for its luck and others for its skill's drift, read its place off the same chances, and
count points with sprints and the fastest lap; the loop does so race by race with NumPy, as one would write it first. They draw numbers of
their own, so their chances of the title must agree within what that many seasons can tell, or the run fails. Rows go to `--json FILE`:
{work, subject, value, unit, peer, ratio}. `--small` draws few seasons.
"""

from __future__ import annotations

import numpy as np
from _meter import Meter
from _report import Row, options, report

from pitwall.domain.racing.championship.rules import Rules, rules_of
from pitwall.ml.championship.competition import Field, Rest
from pitwall.ml.championship.drift import DRIFT
from pitwall.ml.championship.place_curves import drawn_from
from pitwall.ml.championship.scores import Scores
from pitwall.ml.championship.simulate import simulate
from pitwall.ml.families.order.elimination import survival_probabilities

SEASON, RACES, CARS, SPRINTS = 2024, 24, 20, frozenset({5, 6, 11, 19, 21, 23})
FASTEST = (0.35, 0.2, 0.12, *(0.03,) * 7)
SEASONS, LOOPED = 20_000, 4_000
SMALL = 400
APART = 4.5  # standard errors between two shares of titles: once in ten thousand runs over 20 drivers by chance


def world() -> tuple[Field, Rest, Scores, Scores]:
    """Return a field of ten teams whose strengths are spread as in recent seasons, and a season that has not begun."""
    scores = np.linspace(1.2, -1.2, CARS)
    places = survival_probabilities(scores, np.zeros(CARS, dtype=np.int64), np.full(CARS, 0.12))
    teams = tuple(np.arange(CARS) // 2)
    return (
        Field(tuple(range(CARS)), tuple(int(team) for team in teams), places),
        Rest(tuple(range(1, RACES + 1)), SPRINTS, FASTEST),
        nothing(CARS),
        nothing(CARS // 2),
    )


def nothing(count: int) -> Scores:
    """Return the scores of competitors before a season."""
    zero = np.zeros(count, dtype=np.int64)
    return Scores(
        tuple(range(count)),
        np.zeros((count, RACES), dtype=np.int64),
        np.zeros((count, CARS), dtype=np.int64),
        (),
        zero,
        zero > 0,
    )


def looped(field: Field, rest: Rest, rules: Rules, seasons: int, seed: int) -> np.ndarray:
    """Return each driver's share of titles, drawn season by season and race by race."""
    from scipy.special import ndtr

    rng, cars = np.random.default_rng(seed), len(field.drivers)
    edges = np.concatenate([np.zeros((cars, 1)), drawn_from(field.places).cumsum(axis=1)], axis=1)
    at, team, half = np.arange(cars + 1), np.array(field.teams), np.sqrt(0.5)
    titles = np.zeros(cars)
    for _ in range(seasons):
        skill = np.sqrt(DRIFT.lasting) * half * (rng.standard_normal(cars) + rng.standard_normal(cars)[team])
        points, finishes = np.zeros(cars), np.zeros((cars, cars))
        for number, each in enumerate(rest.rounds):
            if number:
                skill = skill + DRIFT.walk * half * (rng.standard_normal(cars) + rng.standard_normal(cars)[team])
            for system in (rules.sprint, rules.race) if each in rest.sprints else (rules.race,):
                luck = ndtr(-(skill + np.sqrt(1 - DRIFT.lasting) * rng.standard_normal(cars)))
                order = np.argsort([np.interp(u, row, at) for u, row in zip(luck, edges, strict=True)])
                points[order[: len(system)]] += system
            lap = np.searchsorted(np.cumsum(rest.fastest), rng.random(), side="right")
            if lap < 10:
                points[order[lap]] += 1
            finishes[order, np.arange(cars)] += 1
        titles[max(range(cars), key=lambda car: (points[car], *finishes[car]))] += 1
    return titles / seasons


def measure(seasons: int, compared: int) -> list[Row]:
    """Return what both cost a thousand seasons, and how far apart their chances are.

    Raises:
        SystemExit: they are further apart than chance allows.
    """
    field, rest, drivers, teams = world()
    rules = rules_of(SEASON)
    with Meter() as ours:
        outlook, _ = simulate(field, rest, rules, drivers, teams, draws=seasons, seed=1)
    with Meter() as theirs:
        peer = looped(field, rest, rules, compared, seed=2)
    pooled = (outlook.title * seasons + peer * compared) / (seasons + compared)
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 1 / compared) * (1 / seasons + 1 / compared))
    apart = float((np.abs(outlook.title - peer) / error).max())
    if apart > APART:
        raise SystemExit(
            f"the chances of the title are {apart:.1f} standard errors apart: these are not the same rules."
        )
    work = f"{seasons:,} seasons of {RACES} races, {CARS} cars"
    each, looped_each = ours.wall / seasons, theirs.wall / compared
    return [
        _row(
            work,
            "both titles, drawn together",
            ours.wall,
            "s",
            peer=f"a loop over seasons and races ({compared:,} of them)",
            ratio=looped_each / each,
        ),
        _row(work, "chances of the title, largest difference", apart, "standard errors"),
    ]


def _row(work: str, subject: str, value: float, unit: str, *, peer: str = "", ratio: float | None = None) -> Row:
    rounded = None if ratio is None else round(ratio, 1)
    return {"work": work, "subject": subject, "value": round(value, 3), "unit": unit, "peer": peer, "ratio": rounded}


def main() -> None:
    """Measure and print."""
    chosen = options(__doc__, f"{SMALL} seasons").parse_args()
    report(measure(*((SMALL, SMALL) if chosen.small else (SEASONS, LOOPED))), chosen.json)


if __name__ == "__main__":
    main()
