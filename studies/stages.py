"""What is a session worth? The same question at each stage of its model, and what a later stage gains over an earlier one.

    python studies/stages.py [--template podium --template race_winner ...] [--seasons 2015:2024] [--small] [--json FILE] [--docs FILE]

Run it in a project whose features are made (`pitwall run race-weekend`, or `dvc repro features`). Each season is predicted by what was
fitted on the seasons before it, by the chosen estimator alone; gains are paired race by race, whole races resampled. The frame of a
stage at which params.yaml trains nothing is made on the way.
"""

from __future__ import annotations

import argparse
from itertools import pairwise

import pandas as pd
from _report import Row, markdown, options, report

from pitwall.domain.params import GateParams
from pitwall.domain.when import CUTOFF_COLUMN
from pitwall.ml.backtest.asked import asked_model, parse_seasons
from pitwall.ml.backtest.engine import forecast_seasons
from pitwall.ml.backtest.plan import Plan
from pitwall.ml.evaluation.bootstrap import mean_interval, paired_difference
from pitwall.ml.evaluation.scoring import template_scores
from pitwall.ml.families.predictions import by_estimator
from pitwall.ml.templates import Template, answered_by, template
from pitwall.workflows.backtest import plans
from pitwall.workflows.workspace import Workspace

SEASONS = "2015:2024"
SMALL_SEASONS = 2
SMALL_DRAWS = 300
AIMS = {("podium", "pre_weekend", "pre_qualifying"): 0.08}  # share of the loss, on 2015 to 2024


def main() -> None:
    """Run the backtests and report them."""
    parser = options(__doc__, "the last two seasons, few draws", seed=7)
    parser.add_argument(
        "--seasons", metavar="A:B", help=f"seasons to score (default {SEASONS}; with --small the last two)"
    )
    parser.add_argument("--template", action="append", metavar="NAME", help="default: all of the order of the finish")
    chosen = parser.parse_args()
    with Workspace() as workspace:
        params = workspace.params
        asked = chosen.template or [each.name for each in answered_by(asked_model(params))]
        questions = [template(name) for name in asked]
        made = {plan.stage: plan for plan in _plans(workspace, questions, chosen)}
        gates = params.gates.model_copy(update={"bootstrap_draws": SMALL_DRAWS}) if chosen.small else params.gates
    losses = {stage: _losses(plan) for stage, plan in made.items()}
    rows = [row for each in questions for row in table(each, losses, gates, chosen.seed)]
    first = next(iter(made.values()))
    sources = ", ".join(sorted(params.sources))
    said = [*aims(rows), *(f"- {note}" for plan in made.values() for note in plan.notes)]
    text = "\n".join([f"Main loss by stage, {first.span}, data of {sources}", "", markdown(rows), *said, ""])
    place = "stages" if chosen.template is None else f"stages_{first.job.model}"
    report(place, text, {"sources": sorted(params.sources), "rows": rows}, chosen)


def _plans(workspace: Workspace, questions: list[Template], chosen: argparse.Namespace) -> list[Plan]:
    """Return a backtest of the chosen estimator at each stage of the questions, the earliest first."""
    stages = [stage for stage in CUTOFF_COLUMN if all(stage in each.stages for each in questions)]
    asked = chosen.seasons or (None if chosen.small else SEASONS)
    seasons = parse_seasons(asked) if asked else None
    names = [each.name for each in questions]
    found = [plans(workspace, [stage], seasons, names, [questions[0].baseline_at(stage)])[0] for stage in stages]
    kept = SMALL_SEASONS if chosen.small and seasons is None else 0
    return [_ours_alone(plan, kept) for plan in found]


def _ours_alone(plan: Plan, last: int) -> Plan:
    """Return the plan without others beside ours, and with its `last` seasons only where that is not 0."""
    from dataclasses import replace

    return replace(plan, entrants=(replace(plan.ours, permuted={}),), seasons=plan.seasons[-last:])


def _losses(plan: Plan) -> dict[str, pd.Series]:
    """Return the main loss of every race by question."""
    own = by_estimator(forecast_seasons(plan).predictions)[plan.ours.name]
    return {each.name: template_scores(each, own, plan.tables)[each.loss] for each in plan.templates}


def table(question: Template, losses: dict[str, dict[str, pd.Series]], gates: GateParams, seed: int) -> list[Row]:
    """Return a row per stage: the loss, and the gain over the stage before it as a number and as a share of that stage's loss."""
    of_stage = {stage: found[question.name] for stage, found in losses.items()}
    draws, level = gates.bootstrap_draws, gates.confidence
    rows = []
    for stage, own in of_stage.items():
        value = mean_interval(own.to_numpy(), draws, seed, level)
        told = f"{value.value:.4f} ({value.low:.4f} to {value.high:.4f})"
        row = {"question": f"`{question.name}`", "stage": f"`{stage}`", "loss": question.loss, "value": told}
        rows.append({**row, "gain over the stage before": "", "share": "", "races": len(own)})
    for row, (before, after) in zip(rows[1:], pairwise(of_stage.values()), strict=True):
        common = after.index.intersection(before.index)
        gain = paired_difference(after[common].to_numpy(), before[common].to_numpy(), draws, seed, level)
        row["gain over the stage before"] = f"{gain.value:+.4f} ({gain.low:+.4f} to {gain.high:+.4f})"
        row["share"] = f"{100 * gain.value / float(before[common].mean()):.1f} %"
    return rows


def aims(rows: list[Row]) -> list[str]:
    """Return whether the aims of later stages were reached, where both stages were asked."""
    told = []
    for (question, before, after), aim in AIMS.items():
        own = [row for row in rows if row["question"] == f"`{question}`"]
        for first, second in pairwise(own):
            if (first["stage"], second["stage"]) == (f"`{before}`", f"`{after}`"):
                met = float(str(second["share"]).removesuffix(" %")) >= 100 * aim
                told.append(
                    f"- Aim for `{question}`: {100 * aim:g} % less at `{after}` than at `{before}`, {'met' if met else 'missed'} ({second['share']})."
                )
    return told


if __name__ == "__main__":
    main()
