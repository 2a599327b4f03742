"""How much of what can be known does the winner model know?

    python studies/regret.py [--seeds N] [--seed N] [--small] [--json FILE] [--picture FILE] [--docs FILE]

Ten synthetic worlds of fourteen complete seasons. The model (the default recipe of params.yaml's estimator, `stack`; nothing is tuned) and the grid
baseline are fitted before each of the last ten seasons on the seasons before it, and say P(win) before every race. Their
expected log loss is taken under the true chances: -sum of p log q over the cars, so that no outcome adds noise. *Closed* is
the share of the way from the grid baseline to the truth. Intervals draw whole races. The second table shows it by race of the season after
a rule change, when the order of the teams is new, beside all other seasons.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from _report import markdown, options, report
from _worlds import STAGE, frame_of, tables_of, truth_of_world, world

from pitwall.domain.params import GateParams
from pitwall.ml.backtest.regret import closed, expected_losses
from pitwall.ml.estimators import estimator
from pitwall.ml.evaluation.bootstrap import mean_interval
from pitwall.ml.evaluation.synthetic_truth import true_places
from pitwall.ml.search.workers import spread
from pitwall.ml.templates import template
from pitwall.ml.training.splits import completed_seasons, outcomes
from pitwall.ml.training.walk_forward import default_recipe, predict_seasons
from pitwall.report.content.intervals import interval
from pitwall.report.figures.canvas import canvas, write_png
from pitwall.report.figures.palette import ACCENT, SECOND
from pitwall.sources.synthetic import SyntheticSettings
from pitwall.sources.synthetic_world.state.field import RULE_CHANGE_EVERY

FINE, TENTHS = "{:.4f}".format, "{:.1%}".format
WINNER = template("race_winner")
BASELINE = WINNER.baseline_at(STAGE)
OURS = "stack"
MODELS = (OURS, "conditional_logit", BASELINE)
SEEDS, SEASONS, SCORED, DRAWS = 10, 15, 10, 500
PARTS = ((1, 3), (4, 7), (8, 14), (15, 99))
GATES = GateParams()
TARGET = 0.65


def losses_of(settings: SyntheticSettings, scored: int, draws: int) -> pd.DataFrame:
    """Return one row per scored race of a world: season, round, new_rules, expected loss of each model and of the truth."""
    tables = tables_of(settings)
    seasons = completed_seasons(tables)[-scored:]
    frame = frame_of(tables, {name for model in MODELS for name in estimator("order", model).needs or ()})
    outcome = outcomes("order", tables, frame)
    rows = frame[frame["season"].isin(seasons)].drop_duplicates("race_id")[["race_id", "season", "round"]]
    truth = true_places(truth_of_world(settings, draws), STAGE, rows["race_id"])
    table = rows.set_index("race_id").assign(seed=settings.seed)
    table["new_rules"] = (table["season"] - settings.first) % RULE_CHANGE_EVERY == 0
    for model in MODELS:
        said = predict_seasons(default_recipe("order", model, frame, settings.seed, STAGE), frame, outcome, seasons)
        found = expected_losses(WINNER, said, truth)
        table[model], table["truth"] = found["loss"], found["best"]
    return table.reset_index()


def summary(races: pd.DataFrame, name: str, seed: int) -> dict[str, object]:
    """Return what a model loses over some races, and how much of the baseline's gap it closes."""
    regret = mean_interval(races[name] - races["truth"], GATES.bootstrap_draws, seed)
    row = {"races": len(races), "expected log loss": float(races[name].mean()), "regret, nats": interval(regret, FINE)}
    return {**row, "gap closed": interval(share(races, name, seed), TENTHS)}


def share(races: pd.DataFrame, name: str, seed: int) -> dict[str, float]:
    """Return the share of the gap from the baseline to the truth that a model closes, with its interval."""
    own, base = (
        pd.DataFrame({"loss": races[each].to_numpy(), "best": races["truth"].to_numpy()}) for each in (name, BASELINE)
    )
    found = closed(own, base, GATES, seed)
    return dict(zip(("value", "low", "high"), found.values(), strict=True))


def model_rows(races: pd.DataFrame, seed: int) -> list[dict[str, object]]:
    """Return the first table: every model, then the truth."""
    rows = [{"": name, **summary(races, name, seed)} for name in MODELS]
    last = {"": "truth", "races": len(races), "expected log loss": float(races["truth"].mean())}
    return [*rows, {**last, "regret, nats": "0", "gap closed": "100 %"}]


def part_rows(races: pd.DataFrame, seed: int) -> list[dict[str, object]]:
    """Return the second table: our model by race of the season, after a rule change and otherwise."""
    rows = []
    for new_rules, kind in ((True, "new rules"), (False, "other seasons")):
        for first, last in PARTS:
            part = races[(races["new_rules"] == new_rules) & races["round"].between(first, last)]
            if len(part) > 1:
                upto = min(last, int(races["round"].max()))
                rows.append({"season": kind, "race of the season": f"{first}-{upto}", **summary(part, OURS, seed)})
    return rows


def seed_rows(races: pd.DataFrame, seed: int) -> list[dict[str, object]]:
    """Return the share that is closed in each world."""
    return [{"world": int(world), **share(part, OURS, seed)} for world, part in races.groupby("seed")]


def text(races: pd.DataFrame, seed: int, draws: int) -> str:
    """Return both tables with what they stand on."""
    found = share(races, OURS, seed)
    worlds = races["seed"].nunique()
    verdict = "met" if found["value"] >= TARGET else "missed"
    head = (
        f"{len(races)} races of {worlds} worlds, walk-forward; true chances over {draws} draws. `{OURS}` closes "
        f"{interval(found, TENTHS)} of the gap; the target of {TARGET:.0%} is {verdict}."
    )
    by_world = ", ".join(f"{row['world']}: {row['value']:.0%}" for row in seed_rows(races, seed))
    middle = f"By world: {by_world}."
    after = f"`{OURS}` by race of the season:"
    return "\n\n".join(
        [head, markdown(model_rows(races, seed)) + "\n" + middle, after, markdown(part_rows(races, seed))]
    )


def draw(races: pd.DataFrame, seed: int, path: Path) -> None:
    """Draw the share that is closed by world, and regret by race of the season."""
    made = canvas(11, 4)
    left, right = made.subplots(1, 2)
    worlds = seed_rows(races, seed)
    at = np.arange(len(worlds))
    value, low, high = (np.array([row[side] for row in worlds], dtype=float) for side in ("value", "low", "high"))
    left.errorbar(at, value, yerr=[value - low, high - value], fmt="o", color=ACCENT, capsize=3)
    left.axhline(TARGET, color="grey", linestyle="--")
    left.axhline(share(races, OURS, seed)["value"], color=ACCENT, alpha=0.4)
    left.set_xticks(at, [str(row["world"]) for row in worlds])
    left.set(title=f"share of the gap grid to truth that {OURS} closes", xlabel="world (seed)", ylabel="share")
    for new_rules, label in ((True, "after a rule change"), (False, "other seasons")):
        own = races[races["new_rules"] == new_rules]
        for name, style in ((OURS, "-"), (BASELINE, ":")):
            mean = (own[name] - own["truth"]).groupby(own["round"]).mean()
            colour = ACCENT if new_rules else SECOND
            right.plot(mean.index, mean, style, color=colour, label=f"{name}, {label}")
    right.set(title="regret by race of the season", xlabel="race of the season", ylabel="nats")
    right.legend(fontsize=8)
    for axes in (left, right):
        axes.grid(alpha=0.3)
    write_png(made, path)


def main() -> None:
    """Score every world in a process of its own, then tell."""
    parser = options(__doc__, "one small world, few draws: only to see that it runs")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="worlds, from --seed on")
    chosen = parser.parse_args()
    scored, draws = (2, 50) if chosen.small else (SCORED, DRAWS)
    size = {"seasons": 6, "races": 6} if chosen.small else {"seasons": SEASONS}
    seeds = range(chosen.seed, chosen.seed + (1 if chosen.small else chosen.seeds))
    worlds = [world(seed, **size) for seed in seeds]
    races = pd.concat(spread(partial(losses_of, scored=scored, draws=draws), worlds), ignore_index=True)
    rows = {name: {**share(races, name, chosen.seed), "n": len(races)} for name in MODELS}
    content = {
        "draws": draws,
        "closed": rows,
        "by world": seed_rows(races, chosen.seed),
        "parts": part_rows(races, chosen.seed),
    }
    report("regret", text(races, chosen.seed, draws), content, chosen)
    if chosen.picture:
        draw(races, chosen.seed, chosen.picture)


if __name__ == "__main__":
    main()
