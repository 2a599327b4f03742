"""What is said of a season's titles: a line per driver and constructor, with what is decided, and where all of it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from pitwall.domain.racing.championship.decisions import DECISIONS
from pitwall.domain.records.stored_forecasts import text_of
from pitwall.ml.championship.clinch import Decided, decided
from pitwall.ml.championship.competition import Field, Outlook, Rest
from pitwall.ml.championship.drift import DRIFT, Drift
from pitwall.ml.championship.scores import Scores
from pitwall.ml.championship.season import Season
from pitwall.ml.championship.simulate import simulate
from pitwall.ml.championship.standings import table, title_shares, totals

DIGITS = 4


@dataclass(frozen=True)
class Chance:
    """What is said of one competitor.

    Attributes:
        who: id of the driver or constructor.
        name: as people know it.
        place: in the table now; None without a result so far.
        points: now.
        title: P(champion); a title that two share counts half for each.
        error: standard error of it from the number of draws.
        expected: mean points at the end, `low` and `high` the ends of their 80 % interval.
        certain: of the title, whatever happens.
        out: of it, whatever happens.
    """

    who: int
    name: str
    place: int | None
    points: float
    title: float
    error: float
    expected: float
    low: float
    high: float
    certain: bool
    out: bool


@dataclass(frozen=True)
class Point:
    """The chances of the titles after a round, by name."""

    after: int
    drivers: Mapping[str, float]
    teams: Mapping[str, float]


@dataclass(frozen=True)
class ChampionshipForecast:
    """A forecast of a season's titles, the likeliest champion first.

    Attributes:
        season: the year.
        after: the last round that counts; `rounds` has the season.
        cutoff: instant up to which results are known; empty where all are.
        labels: what a reader must know.
        seed, draws, drift: of the simulation; 0 and empty where no race is left.
        model, version, estimator: of the champion that answers; likewise.
        history: chances after earlier rounds, where they were asked for.
    """

    season: int
    after: int
    rounds: int
    cutoff: str
    drivers: tuple[Chance, ...]
    teams: tuple[Chance, ...]
    labels: tuple[str, ...]
    seed: int
    draws: int = 0
    model: str = ""
    version: int = 0
    estimator: str = ""
    drift: Mapping[str, float] = field(default_factory=dict)
    provenance: Mapping[str, str] = field(default_factory=dict)
    history: tuple[Point, ...] = ()

    def to_json(self) -> str:
        """Return the forecast as JSON; the same forecast gives the same text."""
        return text_of(asdict(self))


def chances(
    state: Season, cars: Field | None, rest: Rest, *, draws: int, seed: int, drift: Drift = DRIFT
) -> tuple[tuple[Chance, ...], tuple[Chance, ...]]:
    """Return what is said of drivers and of constructors.

    Args:
        state: the season as it is known.
        cars: who drives the races to come; None where there are none.
        rest: what is left of it.
        draws: how many seasons.
        seed: of them.
        drift: how skill moves between races.
    """
    drivers, teams = state.drivers(), state.teams()
    if cars is None:
        outlooks = _at_the_end(drivers), _at_the_end(teams)
        most = 1
    else:
        outlooks = simulate(cars, rest, state.rules, drivers, teams, draws=draws, seed=seed, drift=drift)
        most = int(np.bincount(np.unique(cars.teams, return_inverse=True)[1]).max())
    settled = decided(drivers, rest, state.rules), decided(teams, rest, state.rules, cars=most, team=True)
    made = [
        _lines(*each, draws=draws if rest.rounds else 0)
        for each in zip((drivers, teams), outlooks, settled, state.names, strict=True)
    ]
    return made[0], made[1]


def _at_the_end(scores: Scores) -> Outlook:
    """Return the outlook of a season with no race left."""
    total = totals(scores)
    title = title_shares(total[None], scores.finishes[None], scores.excluded)[0]
    points = np.array([line.points for line in sorted(table(scores), key=lambda line: line.who)])
    return Outlook(scores.who, title, points, points, points)


def _lines(
    scores: Scores, outlook: Outlook, settled: Decided, names: Mapping[int, str], *, draws: int
) -> tuple[Chance, ...]:
    now = {line.who: line for line in table(scores)}
    rows = []
    for row, who in enumerate(outlook.who):
        title = float(outlook.title[row])
        rows.append(
            Chance(
                who=who,
                name=names.get(who, str(who)),
                place=now[who].place if who in now else None,
                points=now[who].points if who in now else 0.0,
                title=round(title, DIGITS),
                error=round(float(np.sqrt(title * (1 - title) / draws)), DIGITS) if draws else 0.0,
                expected=round(float(outlook.points[row]), 1),
                low=float(outlook.low[row]),
                high=float(outlook.high[row]),
                certain=who in settled.certain,
                out=who in settled.out,
            )
        )
    return tuple(sorted(rows, key=lambda each: (-each.title, -each.expected, each.place or len(rows), each.who)))


def titles(made: Sequence[Chance]) -> dict[str, float]:
    """Return P(champion) by name."""
    return {each.name: each.title for each in made}


def decisions_told(state: Season) -> list[str]:
    """Return what tables hold beside results, in words."""
    told = []
    for each in DECISIONS:
        refs = state.refs[0] if each.table == "drivers" else state.refs[1]
        names = state.names[0] if each.table == "drivers" else state.names[1]
        who = [names[key] for key, ref in refs.items() if ref == each.ref]
        if each.season == state.season and each.since <= state.after and who:
            told.append(f"{who[0]}: {each.why}")
    return told
