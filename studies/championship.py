"""How good are forecasts of titles? After every round of real seasons beside rules of thumb, and whether they are calibrated.

    python studies/championship.py [--root PROJECT] [--choose] [--small] [--cache FOLDER] [--json FILE] [--picture FILE] [--docs FILE]

Run it in a project with tables and the frame of `order-pre_weekend`, or name one with `--root`. Each season is forecast by a model
fitted on the seasons before it, on what was known before each of its weekends; the loss is -ln of the chance that was given to who took
the title, averaged over the rounds of a season and then over seasons, which are resampled as a whole for the 95 % intervals. The rules
are fair: their chances are what earlier seasons taught (`_title_rules`). What the simulation assumes of drift was chosen on seasons
before 2005: `--choose` repeats that and scores nothing else. Calibration is also asked of invented seasons whose truth is
known (`_title_world`). The small form scores the last two complete seasons of the project, with few draws.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from _report import markdown, options, report
from _slope import slope
from _title_race import KINDS, Moment, Races, loss
from _title_rules import Rules
from _title_world import invented

from pitwall import wiring
from pitwall.domain.numbers import Interval
from pitwall.domain.project import Project, find_project
from pitwall.ml.championship.drift import DRIFT, Drift
from pitwall.ml.championship.render import lines_of
from pitwall.ml.championship.simulate import simulate
from pitwall.ml.evaluation.bootstrap import mean_interval, paired_difference
from pitwall.report.figures.canvas import write_png
from pitwall.report.figures.over_time.rounds import over_rounds

SCORED, CHOSEN_ON, CHOSEN_FROM = range(2005, 2025), range(1980, 2005), 1965
GRID = [Drift(lasting, walk) for lasting in (0.0, 0.05, 0.1, 0.2) for walk in (0.05, 0.1, 0.2)]
NONE = Drift(0.0, 0.0)
DRAWS, CHOICE_DRAWS, INVENTED, SMALL = 4000, 1000, 300, 200
PICTURED = 2021
LEAST = 0.005  # chances from which on calibration is asked: five of a thousand draws
EVERY = 2  # rounds, while drift is chosen
PARTS = {
    "before the first race": (-1.0, 0.0),
    "first third": (0.0, 1 / 3),
    "second third": (1 / 3, 2 / 3),
    "last third": (2 / 3, 1.0),
    "all but the first row": (0.0, 1.0),
}


def losses(moments: Sequence[Moment], rules: Rules, draws: int, drift: Drift) -> pd.DataFrame:
    """Return a row per moment and kind: what ours and the rules lost, and every chance that was said."""
    rows = []
    for moment in moments:
        for kind, outlook in moment.outlooks(draws, drift).items():
            won = moment.champions[kind]
            chance = float(outlook.title[outlook.who.index(won)]) if won in outlook.who else 0.0
            rows.append(
                {
                    "kind": kind,
                    "season": moment.season,
                    "after": moment.state.after,
                    "share": moment.share,
                    "ours": loss(chance, draws),
                    "points leader": -np.log(rules.leader(moment, kind)) if moment.state.after else np.nan,
                    "last champion": -np.log(rules.last_champion(moment, kind)),
                    "who": outlook.who,
                    "chances": outlook.title,
                    "true": np.array(outlook.who) == won,
                }
            )
    return pd.DataFrame(rows)


def score_table(told: pd.DataFrame, seed: int) -> Iterator[dict[str, Any]]:
    """Yield a row per title and part of the season."""
    for kind in KINDS:
        for part, (low, high) in PARTS.items():
            rows = told[(told["kind"] == kind) & (told["share"] > low) & (told["share"] <= high)]
            means = rows.groupby("season")[["ours", "points leader", "last champion"]].mean()
            if means.empty:
                continue
            cells: dict[str, Any] = {"title": kind, "rounds run": part, "seasons": len(means)}
            cells["ours"] = _interval(mean_interval(means["ours"].to_numpy(), seed=seed))
            for rule in ("points leader", "last champion"):
                known = bool(means[rule].notna().all())
                cells[rule] = f"{means[rule].mean():.3f}" if known else ""
                gain = paired_difference(means["ours"].to_numpy(), means[rule].to_numpy(), seed=seed) if known else None
                cells[f"gain over {rule}"] = _interval(gain) if gain else ""
            yield cells


def _interval(found: Interval) -> str:
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"


def real_slopes(told: pd.DataFrame, seed: int) -> Iterator[dict[str, Any]]:
    """Yield the calibration of the chances of real seasons."""
    for kind in KINDS:
        rows = told[told["kind"] == kind]
        sizes = [len(each) for each in rows["chances"]]
        season = np.repeat(rows["season"].to_numpy(), sizes)
        p, y = np.concatenate(list(rows["chances"])), np.concatenate(list(rows["true"])).astype(float)
        found = slope(p, y, season, least=LEAST, seed=seed)
        yield {"seasons": "real", "title": kind, "drift": "as shipped", **_slope_cells(found, p, y)}


def invented_slopes(seasons: int, draws: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield the calibration of the chances of invented seasons, with the drift as shipped, with the world's own and without any."""
    worlds = list(invented(seasons, seed))
    for name, drift in (("as shipped", DRIFT), ("the world's own", None), ("none", NONE)):
        both = [
            simulate(
                w.field,
                w.rest,
                w.rules,
                w.drivers,
                w.teams,
                draws=draws,
                seed=100 * w.number + w.after,
                drift=drift or w.drift,
            )
            for w in worlds
        ]
        for number, kind in enumerate(KINDS):
            p = np.concatenate([each[number].title for each in both])
            y = np.concatenate(
                [np.arange(len(e[number].who)) == w.champions[kind] for e, w in zip(both, worlds, strict=True)]
            )
            season = np.repeat([w.number for w in worlds], len(both[0][number].who))
            found = slope(p, y.astype(float), season, least=LEAST, seed=seed)
            yield {"seasons": "invented", "title": kind, "drift": name, **_slope_cells(found, p, y)}


def _slope_cells(found: Interval, chance: np.ndarray, came_true: np.ndarray) -> dict[str, Any]:
    """Return the slope, the seasons, and how many chances too small to be asked came true, beside how many should have."""
    small = chance < LEAST
    below = f"{int(came_true[small].sum())} ({chance[small].sum():.1f})"
    return {"slope": _interval(found), "seasons resampled": found.n, "came true of those below .005 (forecast)": below}


def choice(races: Races) -> Iterator[dict[str, Any]]:
    """Yield the loss of both titles for each drift, over the seasons on which it is chosen."""
    seasons = list(CHOSEN_ON)
    moments = list(races.moments(races.forecasts(seasons, CHOSEN_FROM), seasons))[::EVERY]
    for drift in GRID:
        rows: dict[str, list[tuple[int, float]]] = {kind: [] for kind in KINDS}
        for moment in moments:
            for kind, outlook in moment.outlooks(CHOICE_DRAWS, drift).items():
                chance = float(outlook.title[outlook.who.index(moment.champions[kind])])
                rows[kind].append((moment.season, loss(chance, CHOICE_DRAWS)))
        means = {kind: float(pd.DataFrame(own).groupby(0)[1].mean().mean()) for kind, own in rows.items()}
        yield {"lasting": drift.lasting, "walk": drift.walk, **means, "both": sum(means.values())}


def scored(races: Races, chosen: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """Return the text and the rows of the study."""
    draws = SMALL if chosen.small else DRAWS
    seasons = races.complete[-2:] if chosen.small else [each for each in races.complete if each in SCORED]
    moments = list(races.moments(races.forecasts(seasons), seasons))
    if chosen.small:
        moments = moments[::4]
    told = losses(moments, Rules(races, [each for each in races.complete if each <= seasons[-1]]), draws, DRIFT)
    table = list(score_table(told, chosen.seed))
    slopes = [
        *real_slopes(told, chosen.seed),
        *invented_slopes(20 if chosen.small else INVENTED, draws if chosen.small else CHOICE_DRAWS, chosen.seed),
    ]
    span = f"{seasons[0]} to {seasons[-1]}"
    text = (
        f"Title log loss, {span}, {len(moments)} moments, {draws:,} seasons drawn at each; drift: {DRIFT.lasting:g} lasting, "
        f"{DRIFT.walk:g} a race. Gains are positive where ours loses less.\n\n{markdown(table)}\nCalibration slope of the chances "
        f"of all drivers and constructors (1 is calibrated, less is too bold):\n\n{markdown(slopes)}"
    )
    if chosen.picture:
        draw(races, told, chosen.picture)
    by_round = told.drop(columns=["who", "chances", "true"]).round(4).to_dict("records")
    return text, {"rows": table, "slopes": slopes, "rounds": by_round}


def draw(races: Races, told: pd.DataFrame, path: Path) -> None:
    """Draw the chances of both titles after each round of one season that was scored."""
    season = PICTURED if PICTURED in set(told["season"]) else int(told["season"].max())
    state = races.season(season)
    panels: dict[str, dict[str, list[float]]] = {}
    for kind, names in zip(KINDS, state.names, strict=True):
        rows = told[(told["kind"] == kind) & (told["season"] == season)].sort_values("after")
        by_name = [{names[who]: p for who, p in zip(row.who, row.chances, strict=True)} for row in rows.itertuples()]
        panels[kind.capitalize()] = lines_of(by_name)
    after = sorted(set(told.loc[told["season"] == season, "after"]))
    title = f"Chances of the {season} titles after each round, by a model fitted on the seasons before"
    write_png(over_rounds(panels, after, title, state.rounds), path)


def main() -> None:
    """Score or choose, and report."""
    parser = options(__doc__, f"the last two complete seasons, {SMALL} draws")
    parser.add_argument("--root", type=Path, help="a project with tables and frames; default: this one")
    parser.add_argument("--choose", action="store_true", help="choose the drift on the seasons before 2005")
    parser.add_argument("--cache", type=Path, help="folder that keeps the models' predictions")
    chosen = parser.parse_args()
    project = Project(chosen.root) if chosen.root else find_project()
    races = Races(project, wiring.params(project), chosen.cache)
    if chosen.choose:
        rows = list(choice(races))
        best = min(rows, key=lambda row: row["both"])
        text = f"{markdown(rows)}\nThe least: {best['lasting']:g} lasting, {best['walk']:g} a race."
        report("championship_drift", text, {"rows": rows}, chosen)
        return
    text, content = scored(races, chosen)
    report("championship", text, content, chosen)


if __name__ == "__main__":
    main()
