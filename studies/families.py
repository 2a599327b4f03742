"""What skill has each family of models? Walk-forward backtests of every model beside its baselines, on the project's own data.

    python studies/families.py [--seasons 2015:2024] [--model dnf --model safety_car ...] [--estimator mlp ...] [--small] [--json FILE]
        [--docs docs/families.md]

Run it in a project whose frames are made (`pitwall run race-weekend`, or `dvc repro frames`). Each season is predicted by what was fitted
on the seasons before it. Whole races are resampled for the 95 % intervals. Beside the models stand all baselines and the answers that
know nothing; below each table, the gain over the baseline to beat, over all seasons and as the gates ask it, and the targets. Estimators
that are named stand alone beside the model and that baseline, with what the model gains over each of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
from _observed import upper_reference
from _report import markdown, options, report
from _targets import TARGETS

from pitwall import wiring
from pitwall.domain.params import Params
from pitwall.domain.project import Project, find_project
from pitwall.ml.backtest.asked import parse_seasons
from pitwall.ml.backtest.engine import forecast_seasons
from pitwall.ml.backtest.plan import Plan, make_plan
from pitwall.ml.backtest.scores import Scored, score
from pitwall.ml.evaluation.bootstrap import paired_difference
from pitwall.ml.families import metric
from pitwall.ml.families.predictions import by_estimator
from pitwall.ml.models import model
from pitwall.ml.models.machinery.names import settings_of
from pitwall.ml.templates import Template

Row = dict[str, Any]
MODELS = ("dnf", "safety_car")
SEASONS = "2015:2024"
# Laps are known from 2018 on; what reads them was chosen on seasons before those that are scored.
LATER = {
    "lap_time": "2020:2024",
    **dict.fromkeys(("tyre_degradation", "pit_stop", "pit_window", "rain_impact"), "2023:2024"),
    **dict.fromkeys(("gap", "gap_in_5", "pit_within", "stint_length"), "2023:2024"),
}
SMALL_SEASONS = 2
SMALL_DRAWS = 300
BREAK = {("weather", "wet"), ("weather", "dry"), ("track", "street"), ("track", "new circuit")}
WORDS = {"ours": "the model", "contender": "another estimator", "baseline": "baseline"}


def main() -> None:
    """Run the backtests and report them."""
    parser = options(__doc__, "the last two seasons, few draws")
    parser.add_argument(
        "--seasons", metavar="A:B", help=f"seasons to score (default {SEASONS}; with --small the last two)"
    )
    parser.add_argument("--model", action="append", metavar="NAME", help=f"default: {', '.join(MODELS)}")
    parser.add_argument("--estimator", action="append", metavar="NAME", help="only these beside the model and its rule")
    chosen = parser.parse_args()
    project = find_project()
    params = wiring.params(project).model_copy(update={"seed": chosen.seed})
    texts, content = [], []
    for plan in _plans(project, params, chosen):
        scored = score(forecast_seasons(plan))
        for question in plan.templates:
            found = table(scored, question)
            said = [
                *gains(scored, question),
                *(over_others(scored, question) if chosen.estimator else []),
                *over_rows(scored, question),
                *coverage(scored, question),
                *against_targets(scored, question),
                *upper_reference(plan, question),
                *(f"- {note}" for note in plan.notes),
            ]
            texts.append("\n".join([title(plan, question), "", markdown(found), *said, ""]))
            own = [row for row in scored.rows if row["template"] == question.name]
            paired = [row for row in scored.paired if row["template"] == question.name]
            content.append(
                {"template": question.name, "stage": plan.stage, "rows": own, "paired": paired, "said": said}
            )
    # One model that is named alone has a place of its own on the page.
    place = f"families_{chosen.model[0]}" if chosen.model and len(chosen.model) == 1 else "families"
    report(place, "\n".join(texts), {"sources": sorted(params.sources), "tables": content}, chosen)


def _plans(project: Project, params: Params, chosen: argparse.Namespace) -> Iterator[Plan]:
    """Return a backtest for each model at each of its stages."""
    if chosen.small:
        gates = params.gates.model_copy(update={"bootstrap_draws": SMALL_DRAWS})
        training = params.training.model_copy(update={"held_out_seasons": SMALL_SEASONS})
        params = params.model_copy(update={"gates": gates, "training": training})
    for name in chosen.model or MODELS:
        asked = chosen.seasons or (None if chosen.small else LATER.get(name, SEASONS))
        for stage in settings_of(model(name).name, params).stages:
            seasons = parse_seasons(asked) if asked else None
            plan = make_plan(project, params, stage, model=name, seasons=seasons, only=chosen.estimator)
            # what a feature is worth is another question, and takes most of the time
            yield replace(plan, entrants=tuple(replace(each, permuted={}) for each in plan.entrants))


def title(plan: Plan, question: Template) -> str:
    """Return the heading of a table."""
    sources = ", ".join(sorted(plan.job.params.sources))
    return f"**{question.question}** `{question.name}` at `{plan.stage}`, {plan.span}, data of {sources}"


def table(scored: Scored, question: Template) -> list[Row]:
    """Return a row per answer, the best of each role first: every metric over all seasons with its interval.

    Metrics of a model's answer as a whole stand beside those of the question that bears its name.
    """
    rows = [row for row in scored.rows if row["template"] == question.name and row["season"] == "all"]
    cells = {(row["model"], row["metric"]): row for row in rows}
    names = {row["model"]: row["role"] for row in rows}
    order = sorted(names, key=lambda name: (list(WORDS).index(names[name]), _loss(cells.get((name, question.loss)))))
    beaten = question.baseline_at(scored.forecasts.plan.stage)
    family = scored.forecasts.plan.job.definition.answers
    whole = family.whole if question.name == question.model else ()
    return [
        {
            "": f"`{name}`",
            "what": WORDS[names[name]] + (", to beat" if name == beaten else ""),
            **{each: _interval(cells.get((name, each))) for each in (*question.metrics, *whole)},
            "races": next(row["n"] for row in rows if row["model"] == name),
        }
        for name in order
    ]


def gains(scored: Scored, question: Template) -> list[str]:
    """Return what each model gains over the baseline to beat, over all seasons and over those that the gates look at."""
    plan = scored.forecasts.plan
    beaten, per_race = question.baseline_at(plan.stage), scored.per_race[question.name]
    held = plan.job.params.training.held_out_seasons
    late = plan.seasons[-held:]
    lines, passing = [], []
    for each in plan.entrants:
        if each.role == "baseline":
            continue
        whole = _gain(plan, question, per_race[each.name], per_race[beaten])
        own, other = (rows[rows["season"].isin(late)] for rows in (per_race[each.name], per_race[beaten]))
        judged = _gain(plan, question, own, other)
        passing += [each.name] if judged["low"] > 0 else []
        asked = f"; in {late[0]} to {late[-1]}, which the gates ask, {_signed(judged)}" if len(late) == held else ""
        lines.append(
            f"- `{each.name}` gains {_signed(whole)} in {question.loss} over `{beaten}` "
            f"({'shown' if whole['low'] > 0 else 'not shown'}){asked}."
        )
    so = f": no candidate passes, and `{beaten}` stays champion" if len(late) == held else ""
    end = (
        f"- Proven better than `{beaten}` there: {', '.join(f'`{name}`' for name in passing)}."
        if passing
        else f"- None of them is proven better than `{beaten}` there{so}."
    )
    return [*lines, end, *_beside(scored, question, beaten)]


def _beside(scored: Scored, question: Template, beaten: str) -> list[str]:
    """Return what the chosen model gains over each of the weaker baselines, which would be no merit of its own."""
    weaker = _over(scored, question, "baseline", set(question.baselines) - {beaten})
    ours = scored.forecasts.plan.ours.name
    return [f"- Over the weaker baselines `{ours}` gains: {', '.join(weaker)}."] if weaker else []


def over_others(scored: Scored, question: Template) -> list[str]:
    """Return what the chosen model gains over each of the other estimators."""
    plan = scored.forecasts.plan
    found = _over(scored, question, "contender", {each.name for each in plan.entrants})
    return [f"- Over the others `{plan.ours.name}` gains in {question.loss}: {', '.join(found)}."] if found else []


def _over(scored: Scored, question: Template, role: str, names: set[str]) -> list[str]:
    """Return the chosen model's gain in the main loss over each answer of a role that is named."""
    return [
        f"`{row['against']}` {_signed(row)}"
        for row in scored.paired
        if (row["template"], row["metric"], row["against_role"]) == (question.name, question.loss, role)
        and row["against"] in names
    ]


def over_rows(scored: Scored, question: Template) -> list[str]:
    """Return the mean absolute error over all rows alike, as targets of numbers were set; the table's mean is over races."""
    if question.loss != "mae":
        return []
    plan = scored.forecasts.plan
    key, label = list(plan.job.definition.kind.key), question.label(plan.tables)
    said = []
    for name in (plan.ours.name, question.baseline_at(plan.stage)):
        own = by_estimator(scored.forecasts.predictions)[name]
        error = (question.answer(own) - label.reindex(pd.MultiIndex.from_frame(own[key])).to_numpy()).abs().dropna()
        said.append(f"`{name}` {error.mean():.4f}")
    return [f"- Over all {len(error):,} rows alike, not race by race: {', '.join(said)}."]


def coverage(scored: Scored, question: Template) -> list[str]:
    """Return how often the chosen model's intervals cover in each kind of race that may break them; nothing for answers without."""
    rows = [row for row in scored.slices if row["template"] == question.name and (row["kind"], row["slice"]) in BREAK]
    return [
        f"- {name} of `{scored.forecasts.plan.ours.name}` by kind of race: {'; '.join(found)}."
        for name in question.metrics
        if metric(name).target is not None
        and (found := [f"{row['slice']} {_interval(row)}, {row['n']} races" for row in rows if row["metric"] == name])
    ]


def against_targets(scored: Scored, question: Template) -> list[str]:
    """Return whether the chosen model reached the targets, which were set on real races, if this question has any at this stage."""
    plan = scored.forecasts.plan
    if set(plan.job.params.sources) == {"synthetic"}:
        return []
    cells = {
        row["metric"]: row
        for row in scored.rows
        if (row["template"], row["role"], row["season"]) == (question.name, "ours", "all")
    }
    asked = [each for each in TARGETS if (each.template, each.stage) == (question.name, plan.stage)]
    if not asked:
        return []
    told = []
    for target in asked:
        found, higher = cells[target.metric], metric(target.metric).higher_is_better
        met = found["value"] >= target.value if higher else found["value"] <= target.value
        told.append(f"{target.metric} {target.value:g} {'met' if met else 'missed'} ({_interval(found)})")
    return [f"- Targets: {'; '.join(told)}. They were set from {asked[0].source}."]


def _gain(plan: Plan, question: Template, ours: Any, theirs: Any) -> Row:
    common = ours.index.intersection(theirs.index)
    pair = (rows.loc[common, question.loss].to_numpy() for rows in (ours, theirs))
    gates = plan.job.params.gates
    found = paired_difference(*pair, gates.bootstrap_draws, plan.job.params.seed, gates.confidence)
    return {"value": found.value, "low": found.low, "high": found.high}


def _loss(row: Row | None) -> float:
    """Return a value by which the better one comes first; answers without one, as always yes has no log loss, come last."""
    if row is None:
        return float("inf")
    return -row["value"] if metric(row["metric"]).higher_is_better else row["value"]


def _interval(row: Row | None) -> str:
    return "" if row is None else f"{row['value']:.4f} ({row['low']:.4f} to {row['high']:.4f})"


def _signed(row: Row) -> str:
    return f"{row['value']:+.4f} ({row['low']:+.4f} to {row['high']:+.4f})"


if __name__ == "__main__":
    main()
