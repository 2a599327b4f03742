"""How often does the gate of kinds of races refuse a candidate that is nowhere worse, and how often one that is?

    python studies/slices_gate.py [--worlds N] [--seed N] [--small] [--json FILE] [--picture FILE] [--docs FILE]

In every world finishing orders are drawn from known chances: five seasons of 22 races with 20 cars, five openers, 25 first
races, 20 sprints, 30 street races and a third of all races wet. Champion and candidate see the true scores through errors
of their own. *Equal* has errors of the champion's size; the others are better or worse everywhere, or know nothing in one
kind of race. *Each at 95 %* is what would be refused without a shared level and without a margin.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from _candidate import NAME, forecasts_only
from _report import markdown, options, report, wilson

from pitwall.domain.params import Params
from pitwall.domain.racing.race_conditions import STREET_CIRCUITS
from pitwall.domain.tables import Tables
from pitwall.ml.families.order.answer import places
from pitwall.ml.families.order.plackett_luce import position_probabilities
from pitwall.ml.families.predictions import prediction_table
from pitwall.ml.gates import Candidate, gate
from pitwall.ml.gates._gate import Standing
from pitwall.ml.gates._losses import mean_over_races
from pitwall.ml.gates.slices import judged_slices, slice_gains
from pitwall.ml.rows import row_kind
from pitwall.ml.search.workers import spread, usable_cores
from pitwall.report.figures.canvas import canvas, write_png
from pitwall.report.figures.palette import ACCENT, INK, MUTED
from pitwall.testing.checks.gates import planted, scores_of
from pitwall.testing.worlds.tiny import tiny_tables

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SEASONS, RACES, CARS = 5, 22, 20
SPRINTS, STREETS = (4, 9, 14, 19), (1, 6, 8, 15, 17, 21)  # rounds
ERROR = 0.3  # of the champion's scores, in nats
ERRORS = {"better": 0.15, "equal": ERROR, "worse everywhere": 0.45, "much worse everywhere": 0.7}
BLIND = ("sprint", "first 5 races", "street")
RULES = ("gate", "each at 95 %")
Count = dict[tuple[str, str], int]


def world_tables(seed: int) -> Tables:
    """Return the calendar with sprints and street races; results are drawn later."""
    tables = tiny_tables(SEASONS, RACES, CARS, seed)
    races, circuits = tables["races"].copy(), tables["circuits"].copy()
    circuits["ref"] = circuits["ref"].where(
        ~circuits["circuit_id"].isin(races.loc[races["round"].isin(STREETS), "circuit_id"]), sorted(STREET_CIRCUITS)[0]
    )
    races["sprint_at"] = races["qualifying_at"].where(races["round"].isin(SPRINTS))
    return tables.replace(races=races, circuits=circuits)


def count(worlds: Iterable[int], seed: int) -> Count:
    """Return how often each rule refuses each candidate in some worlds."""
    base = world_tables(seed)
    spine = row_kind("race_driver").spine(base, "pre_race")
    found = {(who, rule): 0 for who in (*ERRORS, *(f"blind: {kind}" for kind in BLIND)) for rule in RULES}
    for world in worlds:
        tables, _, _ = planted(base, world)
        rng = np.random.default_rng([world, 2])
        champion = _said(spine, scores_of(spine, world) + ERROR * rng.normal(size=len(spine)))
        for who, scores in _candidates(tables, spine, world, rng):
            candidate = forecasts_only(tables, spine, _said(spine, scores), Params(), Standing(1, "other", champion))
            found[who, "gate"] += not all(verdict.passed for verdict in gate("slices").check(candidate))
            found[who, "each at 95 %"] += _alone(candidate)
    return found


def _candidates(
    tables: Tables, spine: pd.DataFrame, world: int, rng: np.random.Generator
) -> Iterable[tuple[str, np.ndarray]]:
    true, noise = scores_of(spine, world), rng.normal(size=len(spine))
    for who, error in ERRORS.items():
        yield who, true + error * noise
    bare = forecasts_only(tables, spine, _said(spine, true), Params())
    for kind in judged_slices(bare):
        if kind.name in BLIND:
            yield f"blind: {kind.name}", np.where(spine["race_id"].isin(kind.races), 0.0, true + ERROR * noise)


def _said(spine: pd.DataFrame, scores: np.ndarray) -> pd.DataFrame:
    chances = position_probabilities(scores, spine["race_id"].to_numpy())
    return prediction_table(NAME, "model", spine, places(chances), row_kind("race_driver"))


def _alone(candidate: Candidate) -> bool:
    """Return whether some kind of race is shown to be worse at all, each at its own one-sided 95 %, without a margin."""
    kinds = judged_slices(candidate)
    return any(
        mean_over_races(gain, 0.05).high < 0
        for template in candidate.templates
        for gain in slice_gains(candidate, template, kinds)[1].values()
        if len(gain) >= candidate.params.gates.slice_races
    )


def rows_of(found: Count, worlds: int) -> list[dict[str, object]]:
    """Return one row per candidate and rule, with the share of worlds in which it is refused."""
    rows = []
    for (who, rule), refused in found.items():
        low, high = wilson(refused, worlds)
        rows.append({"candidate": who, "rule": rule, "refused": refused / worlds, "low": low, "high": high})
    return rows


def draw(rows: list[dict[str, object]]) -> Figure:
    """Return refused shares by candidate."""
    made = canvas(7.0, 3.6)
    axes = made.subplots()
    for rule, colour in zip(RULES, (ACCENT, MUTED), strict=True):
        own = [row for row in rows if row["rule"] == rule]
        share = np.array([[row["refused"], row["low"], row["high"]] for row in own], dtype=float).T
        axes.errorbar(
            share[0],
            [row["candidate"] for row in own],
            xerr=np.abs(share[1:] - share[0]),
            fmt="o",
            color=colour,
            label=rule,
        )
    axes.axvline(0.05, color=INK, linestyle=":", linewidth=1)
    axes.set(xlabel="share of worlds in which it is refused", xlim=(-0.02, 1.02))
    axes.legend(frameon=False)
    return made


def main() -> None:
    """Print the table, write what was asked for."""
    parser = options(__doc__, "four worlds: only to see that it runs")
    parser.add_argument("--worlds", type=int, default=100)
    chosen = parser.parse_args()
    worlds = 4 if chosen.small else chosen.worlds
    chunks = np.array_split(np.arange(chosen.seed, chosen.seed + worlds), min(usable_cores(), worlds))
    found: Count = {}
    for part in spread(partial(count, seed=chosen.seed), [chunk.tolist() for chunk in chunks]):
        found = {key: found.get(key, 0) + refused for key, refused in part.items()}
    rows = rows_of(found, worlds)
    report("slices_gate", markdown(rows) + f"\n{worlds} worlds.\n", {"worlds": worlds, "rows": rows}, chosen)
    if chosen.picture:
        write_png(draw(rows), chosen.picture)


if __name__ == "__main__":
    main()
