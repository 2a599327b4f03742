"""How often does the calibration gate refuse a model that tells the truth, and how often one that is too bold?

    python studies/calibration_gate.py [--worlds N] [--seed N] [--small] [--json FILE]

In every world finishing orders are drawn from known chances; the candidate says exactly those chances (truth), or is
bolder than they are (the same scores at a lower temperature). Five seasons of 22 races with 20 cars, as a real judgement
has. *Each at 95 %* asks every template's slope interval alone; *family* is what the gate does. The temperatures say where
the family's lower power costs something.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.domain.params import Params
from pitwall.ml.gates import Candidate, gate
from pitwall.ml.judging import slope
from pitwall.ml.positions import position_probabilities
from pitwall.ml.predictions import prediction_table
from pitwall.ml.spines import order_spine
from pitwall.testing._gates import planted, scores_of
from pitwall.testing._tiny import tiny_tables

SEASONS, RACES, CARS = 5, 22, 20
TEMPERATURES = {"truth": 1.0, "bold by 5 %": 0.95, "bold by 10 %": 0.9}
Judge = Callable[[Candidate], bool]


def each_at_95(candidate: Candidate) -> bool:
    """Return whether every template's own 95 % interval holds 1."""
    found = [slope(template, candidate.own, candidate.tables) for template in candidate.templates]
    return all(each.low <= 1.0 <= each.high for each in found)


def family(candidate: Candidate) -> bool:
    """Return whether the gate passes the candidate."""
    return all(verdict.passed for verdict in gate("calibration").check(candidate))


JUDGES: dict[str, Judge] = {"each at 95 %": each_at_95, "family at 95 %": family}


def refusals(worlds: int, seed: int) -> list[dict[str, object]]:
    """Return one row per candidate and rule: the share of worlds in which it is refused, with its standard error."""
    base = tiny_tables(SEASONS, RACES, CARS, seed)
    spine = order_spine(base, "pre_race")
    refused = {(who, rule): 0 for who in TEMPERATURES for rule in JUDGES}
    for world in range(seed, seed + worlds):
        tables, _, _ = planted(base, world)
        for who, temperature in TEMPERATURES.items():
            said = position_probabilities(scores_of(spine, world) / temperature, spine["race_id"].to_numpy())
            candidate = _candidate(tables, spine, said)
            for rule, judge in JUDGES.items():
                refused[who, rule] += not judge(candidate)
    return [_row(who, rule, count, worlds) for (who, rule), count in refused.items()]


def _candidate(tables: object, spine: pd.DataFrame, said: np.ndarray) -> Candidate:
    return Candidate(
        name="order-pre_race",
        model="order",
        stage="pre_race",
        content="planted",
        params=Params(),
        tables=tables,  # type: ignore[arg-type]
        spine=spine,
        frame=spine,
        groups=(),
        predictions=prediction_table("planted", "model", spine, said),
        estimator="planted",
        positions=lambda frame: said,
    )


def _row(who: str, rule: str, count: int, worlds: int) -> dict[str, object]:
    share = count / worlds
    return {
        "candidate": who,
        "rule": rule,
        "refused": round(share, 4),
        "standard_error": round(float(np.sqrt(share * (1 - share) / worlds)), 4),
        "worlds": worlds,
    }


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S607
    return done.stdout.strip() or "unknown"


def main() -> None:
    """Print the table, and write it with commit and seed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--worlds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--small", action="store_true", help="ten worlds: only to see that it runs")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    rows = refusals(10 if chosen.small else chosen.worlds, chosen.seed)
    print("| candidate | rule | refused | standard error |\n| --- | --- | --- | --- |")
    for row in rows:
        print(f"| {row['candidate']} | {row['rule']} | {row['refused']:.3f} | {row['standard_error']:.3f} |")
    if chosen.json:
        content = {"commit": _commit(), "seed": chosen.seed, "rows": rows}
        chosen.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
