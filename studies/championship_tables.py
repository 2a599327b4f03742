"""Is our arithmetic of championships that of the real tables, after every round since 1950?

    python studies/championship_tables.py [--data ERGAST_FOLDER] [--small] [--json FILE] [--docs docs/championship.md]

Reads the files of the dump themselves, because shared drives of the fifties are several lines of one driver. Every line of the
drivers' and constructors' tables is held against ours: points, wins, and who stands before whom; every result against what its place is worth. A difference that has no reason below
ends the study with exit code 1. The small form holds the embedded world's tables against ours, at the instants at which they became public.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
from _place_points import point_differences
from _report import markdown, options, report
from realism import fetched
from season_moments import real_data

from pitwall.domain.params import TimeParams
from pitwall.domain.racing.championship.rules import rules_of
from pitwall.domain.tables import Tables
from pitwall.ml.championship.scores import LINE, Scores, driver_scores, team_scores
from pitwall.ml.championship.season import season_of
from pitwall.ml.championship.standings import Standing, table
from pitwall.sources.machinery.canonical.tables import build_tables
from pitwall.sources.synthetic import SyntheticSettings

IDS = {"year": "season", "driverId": "driver_id", "constructorId": "constructor_id"}
EQUAL = 0.011  # points: tables have two decimals
LEVEL = "level in points and in every place: the table gives each a place of its own"
KINDS = {
    "drivers": ("driver_standings", "drivers", "driverId", "driverRef", driver_scores),
    "constructors": ("constructor_standings", "constructors", "constructorId", "constructorRef", team_scores),
}


@dataclass(frozen=True)
class Known:
    """Differences with their reason: of which kind of table, seasons and competitors."""

    kind: str
    seasons: range
    refs: tuple[str, ...]
    what: str
    why: str

    def fits(self, kind: str, season: int, what: str, refs: tuple[str, ...]) -> bool:
        """Return whether a difference is one of these."""
        named = not self.refs or bool(set(refs) & set(self.refs))
        return (kind, what) == (self.kind, self.what) and season in self.seasons and named


REASONS = (
    Known("constructors", range(1961, 1962), (), "points", "the table gives 9 points for a win; constructors got 8"),
    Known(
        "constructors",
        range(1973, 1974),
        ("tyrrell", "team_lotus"),
        "points",
        "the table drops a result after rounds 6 and 7, before the part of the season is over in which one is dropped",
    ),
    Known(
        "constructors",
        range(2007, 2008),
        ("mclaren",),
        "order",
        "the table has McLaren excluded from the first race on; it was decided before round 14",
    ),
    Known(
        "constructors",
        range(2007, 2008),
        ("mclaren",),
        "points",
        "the table of those excluded counts the points of round 11 that had been taken from McLaren",
    ),
    Known("constructors", range(2007, 2008), ("mclaren",), "wins", "the table has a win too many after round 9 alone"),
    Known("constructors", range(1959, 1960), ("kurtis_kraft",), "order", "a car of Indianapolis, which did not count"),
    Known("drivers", range(1951, 1952), ("ayulo",), "order", "the table forgets the third place of a shared drive"),
    Known(
        "drivers",
        range(2011, 2012),
        ("karthikeyan",),
        "order",
        "without points: a penalty is in the table and not in the results (14th in round 7)",
    ),
    Known(
        "drivers",
        range(2011, 2012),
        ("kovalainen",),
        "order",
        "without points: two 16th places beat none, after round 12",
    ),
    Known("drivers", range(2022, 2023), ("tsunoda",), "order", "a sixth place beats a seventh, after round 6"),
)

WORLD = tuple(
    Known(
        kind,
        range(1950, 2100),
        (),
        "order",
        "the embedded world's countback knows the places of cars that fell out, too",
    )
    for kind in KINDS
)


@dataclass(frozen=True)
class Row:
    """A line of a real table."""

    who: int
    place: float
    points: float
    wins: int


def differences(real: list[Row], ours: list[Standing]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield what differs (points, wins, order, level, missing) and whom it is about.

    Args:
        real: of a table, in its order.
        ours: of the same competitors.
    """
    known = {each.who: each for each in ours}
    here = [each for each in real if each.who in known]
    for each in real:
        if each.who not in known:
            yield "missing", (each.who,)
        elif abs(known[each.who].points - each.points) > EQUAL:
            yield "points", (each.who,)
        elif known[each.who].wins != each.wins:
            yield "wins", (each.who,)
    for one, other in pairwise(here):
        ahead, behind = known[one.who].place, known[other.who].place
        if ahead == behind:
            yield "level", (one.who, other.who)
        elif ahead > behind:
            yield "order", (one.who, other.who)


def real_lines(folder: Path) -> pd.DataFrame:
    """Return the lines of all seasons, a shared drive as several."""
    races = read(folder, "races")[["raceId", "year", "round"]]
    results, sprints = (read(folder, name).merge(races, on="raceId") for name in ("results", "sprint_results"))
    both = pd.concat([results.assign(place=results["position"].fillna(0)), sprints.assign(place=0)], ignore_index=True)
    return both.rename(columns=IDS)[["season", *LINE]].astype({"place": "int64"})


def read(folder: Path, name: str) -> pd.DataFrame:
    """Read a file of the dump."""
    return pd.read_csv(folder / f"{name}.csv", na_values="\\N")


def real_differences(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield a row per difference, and one per line that is equal."""
    races, lines = read(folder, "races")[["raceId", "year", "round"]], real_lines(folder)
    rounds, by_season = races.groupby("year")["round"].max(), dict(iter(lines.groupby("season")))
    for kind, (name, of, key, ref, count) in KINDS.items():
        refs: dict[int, str] = read(folder, of).set_index(key)[ref].to_dict()
        real = read(folder, name).merge(races, on="raceId").sort_values("position", kind="stable")
        for (season, number), own in real.groupby(["year", "round"]):
            scores = count(by_season[season], rules_of(season), int(rounds[season]), number, refs)
            rows = [Row(*each) for each in own[[key, "position", "points", "wins"]].itertuples(index=False)]
            yield from _told(kind, season, number, rows=rows, scores=scores, refs=refs)


def real_points(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the results whose points are not what the rules give their place."""
    races = read(folder, "races")[["raceId", "year", "round"]].rename(columns={"year": "season"})
    results, sprints = (read(folder, name).merge(races, on="raceId") for name in ("results", "sprint_results"))
    return point_differences(results, sprints)


def _told(
    kind: str,
    season: int,
    number: int,
    *,
    rows: list[Row],
    scores: Scores,
    refs: dict[int, str],
    reasons: tuple[Known, ...] = REASONS,
) -> Iterator[dict[str, Any]]:
    head = {"kind": kind, "season": int(season), "round": int(number)}
    yield {**head, "what": "lines", "count": len(rows), "who": "", "why": ""}
    for what, who in differences(rows, table(scores)):
        names = tuple(refs[each] for each in who)
        why = LEVEL if what == "level" else next((k.why for k in reasons if k.fits(kind, season, what, names)), "")
        yield {**head, "what": what, "count": 1, "who": ", ".join(names), "why": why}


def summary(rows: list[dict[str, Any]]) -> str:
    """Return the lines that were compared, and every kind of difference with its reason."""
    lines = Counter(dict.fromkeys(KINDS, 0))
    told: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        if row["what"] == "lines":
            lines[row["kind"]] += row["count"]
        else:
            told.setdefault((row["kind"], row["what"], row["why"]), []).append(row)
    seasons = [row["season"] for row in rows]
    said = ", ".join(f"{count:,} of {kind}" for kind, count in sorted(lines.items()))
    found = [
        {"table": kind, "what differs": what, "lines": len(own), "seasons": _seasons(own), "reason": why or "**none**"}
        for (kind, what, why), own in sorted(told.items())
    ]
    return (
        f"Lines compared, {min(seasons)} to {max(seasons)}: {said}.\n\n{markdown(found) if found else 'None differs.'}"
    )


def _seasons(rows: list[dict[str, Any]]) -> str:
    years = sorted({row["season"] for row in rows})
    return f"{years[0]} to {years[-1]}" if len(years) > 1 else str(years[0])


def world_differences() -> Iterator[dict[str, Any]]:
    """Yield the same of the embedded world, which has no shared drives; its countback also knows places of cars that retired."""
    with tempfile.TemporaryDirectory() as folder:
        taken = fetched("synthetic", None, SyntheticSettings(), Path(folder))
        tables = Tables(build_tables([taken], TimeParams()).tables)
    races = tables.only("races").as_of()["races"]
    for kind, name, key in (
        ("drivers", "driver_standings", "driver_id"),
        ("constructors", "constructor_standings", "constructor_id"),
    ):
        for race, own in tables[name].groupby("race_id"):
            where = races.set_index("race_id").loc[race]
            state = season_of(tables, int(where["season"]), own["known_at"].max() + pd.Timedelta(microseconds=1)).until(
                int(where["round"])
            )
            scores = state.drivers() if kind == "drivers" else state.teams()
            refs = state.refs[0] if kind == "drivers" else state.refs[1]
            newest = own.sort_values("known_at").drop_duplicates(key, keep="last").sort_values("place")
            rows = [Row(*each) for each in newest[[key, "place", "points", "wins"]].itertuples(index=False)]
            yield from _told(kind, state.season, state.after, rows=rows, scores=scores, refs=refs, reasons=WORLD)


def main() -> None:
    """Compare and report; fails where a difference has no reason."""
    parser = options(__doc__, "the embedded world's tables")
    parser.add_argument("--data", type=Path, default=real_data(), help="folder of the real Ergast dump")
    chosen = parser.parse_args()
    if not chosen.small and not (chosen.data / "races.csv").is_file():
        print(f"no real dump at {chosen.data}: nothing to compare with.")
        return
    rows = list(world_differences() if chosen.small else [*real_differences(chosen.data), *real_points(chosen.data)])
    report("championship_tables", summary(rows), {"rows": [row for row in rows if row["what"] != "lines"]}, chosen)
    if unexplained := [row for row in rows if row["what"] != "lines" and not row["why"]]:
        raise SystemExit(f"{len(unexplained)} differences have no reason, e.g. {unexplained[0]}")


if __name__ == "__main__":
    main()
