"""Do the intervals of models of a number cover as often as they say, and are they worth more than a wide guess?

    python studies/coverage.py [--races 500] [--estimator lightgbm ...] [--small] [--json FILE] [--docs docs/estimators.md]

Laps are drawn whose distribution is known (`_known_laps.py`). Each estimator learns from 150 races as a training does: later ones of
them settle it, then it is fitted on all. It answers about `--races` races that come after; whole races are resampled for the 95 %
intervals. *Holds* says that the whole interval of the measured coverage lies within 1.5 points of what was said, *not told apart* that a
part of it does. Wide intervals cover as well, so the score of the whole distribution (CRPS) is held against that of the rule "as the lap
before". Beneath, the same models on races that nothing prepared them for.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from _known_laps import CARS, LAPS, NEW, USUAL, WET, Kind, known_laps
from _report import markdown, options, report

from pitwall.domain.numbers import Interval
from pitwall.ml.estimators import FitInput, Fitted, baselines, estimator, estimators
from pitwall.ml.evaluation.bootstrap import mean_interval, paired_difference
from pitwall.ml.families import family
from pitwall.ml.families.shared.quantiles import SHARES
from pitwall.ml.rows.machinery.race_blocks import race_blocks

TRAINED, SETTLE = 150, 30
RACES, SMALL, SMALL_TRAINED = 500, 40, 40
WITHIN = 0.015
RULE = "last_lap"
SEED_OF_FITS = 7
PerRace = dict[str, np.ndarray]


def trained(name: str, races: int, seed: int) -> Fitted:
    """Return an estimator as a training leaves it: settled on the last of its races, fitted on all of them."""
    plugin = estimator("regression", name)
    frame, outcome = known_laps(races, seed)
    late = frame["race_id"] > races - SETTLE * races // TRAINED
    before, later = (
        (frame[part].reset_index(drop=True), outcome[part].reset_index(drop=True)) for part in (~late, late)
    )
    settled = plugin.fit(FitInput(*before, plugin.default(), SEED_OF_FITS, later))
    return plugin.fit(FitInput(frame, outcome, settled.params, SEED_OF_FITS))


def judged(fitted: Fitted, frame: pd.DataFrame, outcome: pd.DataFrame) -> PerRace:
    """Return every metric of the family per race."""
    rows = fitted.answer(frame).assign(label=outcome["value"], race_id=frame["race_id"])
    blocks = race_blocks(rows["race_id"].to_numpy())
    metrics = family("regression").metrics
    return {name: metrics[name].per_block(rows, blocks) for name in ("crps", *SHARES)}


def verdict(found: Interval, level: float) -> str:
    """Return whether a measured coverage is what was said."""
    low, high = level - WITHIN, level + WITHIN
    if low <= found.low and found.high <= high:
        return "holds"
    return "not told apart" if found.low <= high and low <= found.high else "missed"


def _of_any_question() -> list[str]:
    """Return the estimators of a number that are no question's own, whose columns the drawn world lacks; and no blend, whose members are named."""
    found = estimators("regression").items()
    return [name for name, each in found if getattr(each, "models", None) is None and name != "blend"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, answer, print the tables."""
    parser = options(__doc__, "40 races, two estimators: only to see that it runs")
    parser.add_argument("--races", type=int, default=RACES)
    parser.add_argument("--estimator", action="append", metavar="NAME", help="default: all that are no rules")
    chosen = parser.parse_args(arguments)
    rules = set(baselines("regression"))
    names = chosen.estimator or (["linear", "lightgbm"] if chosen.small else sorted(set(_of_any_question()) - rules))
    races, learned = (SMALL, SMALL_TRAINED) if chosen.small else (chosen.races, TRAINED)
    models = {name: trained(name, learned, chosen.seed) for name in (RULE, *names)}
    rows, where = table(models, races, learned, chosen.seed), breaks(models, races, learned, chosen.seed)
    said = f"{races} races of {CARS * LAPS} laps, after {learned} races to learn from.\n\n"
    text = f"{said}{markdown(rows)}\n**Where it breaks.** Coverage of the same models on races like none that they learned from.\n\n{markdown(where)}"
    report("coverage", text, {"rows": rows, "breaks": where}, chosen)


def table(models: dict[str, Fitted], races: int, learned: int, seed: int) -> list[dict[str, object]]:
    """Return a row per model: both coverages, the score, and what it gains over the rule."""
    frame, outcome = known_laps(races, seed, first=learned)
    measured = {name: judged(fitted, frame, outcome) for name, fitted in models.items()}
    rows = []
    for name, per_race in measured.items():
        covered = {each: mean_interval(per_race[each], seed=seed) for each in SHARES}
        gain = paired_difference(per_race["crps"], measured[RULE]["crps"], seed=seed)
        rows.append(
            {
                "estimator": f"`{name}`",
                **{
                    f"{level:.0%} covers": f"{_share(covered[each])}, {verdict(covered[each], level)}"
                    for each, level in SHARES.items()
                },
                "CRPS, s": round(float(per_race["crps"].mean()), 4),
                f"gain over `{RULE}`, s": ""
                if name == RULE
                else f"{gain.value:.4f} ({gain.low:.4f} to {gain.high:.4f})",
            }
        )
    return rows


def breaks(models: dict[str, Fitted], races: int, learned: int, seed: int) -> list[dict[str, object]]:
    """Return coverage by kind of race; a fifth as many races of each kind."""
    found: dict[str, dict[Kind, PerRace]] = {name: {} for name in models}
    for kind in (USUAL, WET, NEW):
        frame, outcome = known_laps(races // 5, seed + 1, kind, first=learned)
        for name, fitted in models.items():
            found[name][kind] = judged(fitted, frame, outcome)
    return [
        {
            "estimator": f"`{name}`",
            **{f"80 %, {kind.name}": _share(mean_interval(of[kind]["coverage_80"], seed=seed)) for kind in of},
        }
        for name, of in found.items()
    ]


def _share(found: Interval) -> str:
    return f"{found.value:.1%} ({found.low:.1%} to {found.high:.1%})"


if __name__ == "__main__":
    main()
