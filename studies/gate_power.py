"""How often does a worse model pass the gates, and how often does a better one get through?

    python studies/gate_power.py [--pairs N] [--seed N] [--small] [--json FILE] [--picture FILE] [--docs FILE]

Truth: the chances of winning of the synthetic world's races. A candidate and a champion are made by disturbing them until
their expected log losses differ by a given amount (`_pairs.py`); races are drawn, their winners are drawn from the truth,
and the real gates judge: *not worse than the champion* (margin .05) and *beats the baseline* (the champion standing in for it).
Both are asked about the winner alone, the question with fewest events. Shares have 95 % Wilson intervals.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from _candidate import NAME, forecasts_only
from _pairs import Pair, make_pair
from _report import markdown, options, report, wilson
from _worlds import true_chances, world

from pitwall.domain.params import GateParams, Params
from pitwall.domain.tables import Tables
from pitwall.ml.families import family
from pitwall.ml.families.order.answer import places
from pitwall.ml.families.predictions import prediction_table, stack
from pitwall.ml.gates import Candidate, gate
from pitwall.ml.gates._gate import Standing
from pitwall.ml.rows import row_kind
from pitwall.ml.search.workers import spread
from pitwall.ml.templates import Template, template
from pitwall.report.content.intervals import interval
from pitwall.report.figures.canvas import canvas, write_png

DIFFERENCES = (-0.2, -0.1, -0.05, -0.02, 0.0, 0.02, 0.05, 0.1, 0.2)
BOLD = (0.0, 0.05)
RACES = (24, 48, 110, 209)
GATES = ("not_worse_than_champion", "beats_baseline")
CASES = [(kind, d) for kind, all_of in (("noise", DIFFERENCES), ("bold", BOLD)) for d in all_of]
WORLDS, SEASONS, DRAWS = 2, 15, 500  # as in regret.py, so that both count the same races once
CHUNK = 10
WINNER = template("race_winner")
KIND = row_kind("race_driver")
Count = dict[tuple[str, float, str, str], int]


@dataclass(frozen=True)
class AskedForTheWinner(Candidate):
    """A candidate that answers one question, whose outcome was drawn."""

    question: Template = WINNER

    @property
    def templates(self) -> list[Template]:
        """The winner."""
        return [self.question]


def won(races: np.ndarray, cars: np.ndarray, winner: np.ndarray) -> Template:
    """Return the question with its answer: which car won each race."""
    index = pd.MultiIndex.from_arrays([races, cars], names=["race_id", "driver_id"])
    label = pd.Series(cars == winner[races], index=index)
    return replace(WINNER, label=lambda _: label)


def passes(pair: Pair, truth: np.ndarray, minimum: int, rng: np.random.Generator) -> list[bool]:
    """Return whether each gate passes the candidate of a pair after winners were drawn from the truth."""
    races, cars = np.nonzero(truth)
    spine = pd.DataFrame(dict.fromkeys(KIND.said, races)).assign(driver_id=cars, season=1)
    winner = (rng.random((len(truth), 1)) < truth.cumsum(axis=1)).argmax(axis=1)
    own = prediction_table(NAME, "model", spine, places(pair.candidate[races, cars][:, None]), KIND)
    other = prediction_table(
        WINNER.baseline_at("pre_race"), "baseline", spine, places(pair.champion[races, cars][:, None]), KIND
    )
    params = Params(gates=GateParams(min_races=minimum))
    bare = forecasts_only(Tables({}), spine, stack([own, other], family("order")), params, Standing(1, "other", other))
    candidate = AskedForTheWinner(**vars(bare), question=won(races, cars, winner))
    return [all(verdict.passed for verdict in gate(name).check(candidate)) for name in GATES]


def count(numbers: Iterable[int], truth: np.ndarray, seed: int) -> Count:
    """Return how often each gate passed the pairs with some numbers."""
    found: Count = {}
    for number in numbers:
        for case, (kind, difference) in enumerate(CASES):
            rng = np.random.default_rng([seed, number, case])
            pair = make_pair(truth, difference, kind, rng)
            for size in RACES:
                chosen = rng.choice(len(truth), size, replace=False)
                judged = Pair(pair.candidate[chosen], pair.champion[chosen])
                for label, minimum in _settings(size).items():
                    for name, passed in zip(GATES, passes(judged, truth[chosen], minimum, rng), strict=True):
                        key = kind, difference, label, name
                        found[key] = found.get(key, 0) + passed
    return found


def _settings(size: int) -> dict[str, int]:
    """Return {label: gates.min_races}: the shipped minimum, and none where it refuses everybody."""
    minimum = GateParams().min_races
    shipped, lifted = {f"{size} races": minimum}, {f"{size} races, minimum lifted": 0}
    return shipped if size >= minimum else shipped | lifted


def rows_of(found: Count, pairs: int) -> list[dict[str, object]]:
    """Return one row per case: the share that passes, with its interval."""
    rows = []
    for (kind, difference, races, name), passed in sorted(found.items(), key=lambda item: _order(item[0])):
        low, high = wilson(passed, pairs)
        head = {"gate": name, "worse by": kind, "difference": difference, "races": races}
        rows.append({**head, "passes": passed / pairs, "low": low, "high": high, "pairs": pairs})
    return rows


def _order(key: tuple[str, float, str, str]) -> tuple[object, ...]:
    kind, difference, races, name = key
    return GATES.index(name), kind != "noise", difference, int(races.split()[0]), races


def table(rows: list[dict[str, object]], name: str) -> str:
    """Return a Markdown table of one gate: true differences down, numbers of races across."""
    own = [row for row in rows if row["gate"] == name]
    lines: dict[tuple[object, object], dict[str, object]] = {}
    for row in own:
        head = {"true difference, nats": f"{row['difference']:+.2f}", "worse by": row["worse by"]}
        line = lines.setdefault((row["worse by"], row["difference"]), head)
        line[str(row["races"])] = interval({**row, "value": row["passes"]})
    return markdown(list(lines.values()))


def text(rows: list[dict[str, object]], pairs: int, races: int, error: float) -> str:
    """Return both tables with what they stand on."""
    head = (
        f"Share of candidates that pass, with 95 % intervals: {pairs} pairs a cell, races drawn from {races} whose chances are "
        f"known to {error:.3f} (largest standard error). A positive difference is a worse candidate."
    )
    titles = {
        "not_worse_than_champion": "**Not worse than the champion** (margin .05): at +.05 at most 5 % may pass.",
        "beats_baseline": "**Beats the baseline**: at 0 and above, hardly any may pass.",
    }
    return "\n\n".join([head, *(f"{titles[name]}\n\n{table(rows, name)}" for name in GATES)])


def draw(rows: list[dict[str, object]], path: Path) -> None:
    """Draw both power curves with their bands."""
    made = canvas(11, 4.2)
    for axes, name in zip(made.subplots(1, len(GATES), sharey=True), GATES, strict=True):
        for races in dict.fromkeys(row["races"] for row in rows):
            own = [row for row in rows if (row["gate"], row["races"], row["worse by"]) == (name, races, "noise")]
            at = [row["difference"] for row in own]
            (line,) = axes.plot(at, [row["passes"] for row in own], marker="o", label=str(races))
            low, high = ([row[side] for row in own] for side in ("low", "high"))
            axes.fill_between(at, low, high, color=line.get_color(), alpha=0.15)
        axes.axhline(0.05, color="grey", linestyle=":")
        axes.axvline(0.05 if name == GATES[0] else 0.0, color="grey", linestyle="--")
        axes.set(title=name.replace("_", " "), xlabel="true difference, nats (positive: the candidate is worse)")
        axes.grid(alpha=0.3)
    made.axes[0].set(ylabel="share that passes")
    made.axes[1].legend()
    write_png(made, path)


def main() -> None:
    """Count on all cores, then tell."""
    parser = options(__doc__, "4 pairs, small worlds, few draws: only to see that it runs")
    parser.add_argument("--pairs", type=int, default=500)
    chosen: argparse.Namespace = parser.parse_args()
    pairs, seasons, draws, chunk = (4, 6, 20, 2) if chosen.small else (chosen.pairs, SEASONS, DRAWS, CHUNK)
    worlds = [world(seed, seasons=seasons) for seed in range(chosen.seed, chosen.seed + WORLDS)]
    truth, error = true_chances(worlds, draws)
    chunks = [range(start, min(start + chunk, pairs)) for start in range(0, pairs, chunk)]
    total: Count = {}
    for part in spread(partial(count, truth=truth, seed=chosen.seed), chunks):
        total = {key: total.get(key, 0) + passed for key, passed in part.items()}
    rows = rows_of(total, pairs)
    report("gate_power", text(rows, pairs, len(truth), error), {"races": len(truth), "rows": rows}, chosen)
    if chosen.picture:
        draw(rows, chosen.picture)


if __name__ == "__main__":
    main()
