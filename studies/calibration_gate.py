"""How often does the calibration gate refuse a model that tells the truth, and how often one that is too bold?

    python studies/calibration_gate.py [--worlds N] [--seed N] [--small] [--json FILE] [--docs FILE]

In every world finishing orders are drawn from known chances; the candidate says exactly those chances (truth), or is
bolder than they are (the same scores at a lower temperature). Five seasons of 22 races with 20 cars, as a real judgement
has. *Each at 95 %* asks every template's slope interval alone; *family* is what the gate does. The temperatures say where
the family's lower power costs something.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from _candidate import NAME, forecasts_only
from _report import markdown, options, report

from pitwall.domain.params import Params
from pitwall.ml.evaluation.scoring import slope
from pitwall.ml.families.order.answer import places
from pitwall.ml.families.order.plackett_luce import position_probabilities
from pitwall.ml.families.predictions import prediction_table
from pitwall.ml.gates import Candidate, gate
from pitwall.ml.rows import row_kind
from pitwall.testing.checks.gates import planted, scores_of
from pitwall.testing.worlds.tiny import tiny_tables

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
    spine = row_kind("race_driver").spine(base, "pre_race")
    refused = {(who, rule): 0 for who in TEMPERATURES for rule in JUDGES}
    for world in range(seed, seed + worlds):
        tables, _, _ = planted(base, world)
        for who, temperature in TEMPERATURES.items():
            said = position_probabilities(scores_of(spine, world) / temperature, spine["race_id"].to_numpy())
            candidate = forecasts_only(
                tables, spine, prediction_table(NAME, "model", spine, places(said), row_kind("race_driver")), Params()
            )
            for rule, judge in JUDGES.items():
                refused[who, rule] += not judge(candidate)
    return [_row(who, rule, count, worlds) for (who, rule), count in refused.items()]


def _row(who: str, rule: str, count: int, worlds: int) -> dict[str, object]:
    share = count / worlds
    return {
        "candidate": who,
        "rule": rule,
        "refused": round(share, 4),
        "standard_error": round(float(np.sqrt(share * (1 - share) / worlds)), 4),
        "worlds": worlds,
    }


def main() -> None:
    """Print the table, and write it with commit and seed."""
    parser = options(__doc__, "ten worlds: only to see that it runs")
    parser.add_argument("--worlds", type=int, default=300)
    chosen = parser.parse_args()
    worlds = 10 if chosen.small else chosen.worlds
    rows = refusals(worlds, chosen.seed)
    report("calibration_gate", markdown(rows), {"rows": rows}, chosen)


if __name__ == "__main__":
    main()
