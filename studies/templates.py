"""Can each question be answered, and how well? Every one at every stage, beside every rule and the answers that know nothing.

    python studies/templates.py [--model NAME ...] [--seasons A:B] [--small] [--json FILE] [--docs docs/templates.md]

Run it in a project with tables and features (`pitwall run race-weekend`, or `dvc repro features`); frames that params.yaml does not
ask for are made on the way. Each season is predicted by what was fitted on the seasons before it; nothing is tuned on a season that is
scored. Whole races are resampled for the 95 % intervals. With `--docs` each model's tables go between the marks of its own
(`templates_<model>`), and the table of all of them between those of `templates`; a run over some models writes their rows of it and leaves
the others as they are.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace

from _observed import upper_reference
from _report import Row, markdown, options, put_rows, put_table, report
from _targets import TRIED, Target, targets
from families import LATER, SEASONS, SMALL_DRAWS, SMALL_SEASONS, coverage, gains, over_rows, table, title

from pitwall.ml.backtest.asked import parse_seasons
from pitwall.ml.backtest.engine import forecast_seasons
from pitwall.ml.backtest.plan import Plan
from pitwall.ml.backtest.scores import Scored, score
from pitwall.ml.evaluation.trust import trust
from pitwall.ml.families import metric
from pitwall.ml.models import models
from pitwall.ml.models.machinery.names import trained_at
from pitwall.ml.templates import Template, answered_by
from pitwall.workflows.backtest import plans
from pitwall.workflows.workspace import Workspace

SMALL = ("dnf", "safety_car")  # what the embedded world can be asked: it has one season of laps
STANDARD_ERRORS = 2 * 1.96  # that a 95 % interval is wide


def main() -> None:
    """Run the backtests and report them."""
    parser = options(__doc__, f"{' and '.join(SMALL)}, the last two seasons, few draws", seed=7)
    parser.add_argument("--seasons", metavar="A:B", help=f"to score (default {SEASONS}, later for what reads laps)")
    parser.add_argument("--model", action="append", metavar="NAME", help="default: all")
    chosen = parser.parse_args()
    names = chosen.model or (SMALL if chosen.small else list(models()))
    summary, texts, content = [], [], []
    with Workspace() as workspace:
        for name in names:
            told, rows = [], []
            for scored in _scored(workspace, name, chosen):
                for question in scored.forecasts.plan.templates:
                    told.append(page(scored, question))
                    rows += [row for row in scored.rows if row["template"] == question.name]
                    summary += lines(scored, question)
            texts.append("\n".join(told))
            content.append({"model": name, "rows": rows})
            if chosen.docs:
                put_table(chosen.docs, f"templates_{name}", texts[-1])
        sources = sorted(workspace.params.sources)
    overview = f"Data of {', '.join(sources)}.\n\n{markdown(summary)}"
    if chosen.docs and chosen.model:  # a part of the models is no table of all
        for name in chosen.model:
            own = [row for row in summary if _place(name) in row["question"]]
            put_rows(chosen.docs, "templates", own, _place(name))
        chosen.docs = None
    if not chosen.docs:
        overview = "\n".join([overview, *texts])
    report("templates", overview, {"sources": sources, "summary": summary, "models": content}, chosen)


def _scored(workspace: Workspace, name: str, chosen: argparse.Namespace) -> Iterator[Scored]:
    """Score a model at each of its stages, without other estimators: which one is chosen is another question."""
    asked = chosen.seasons or (None if chosen.small else LATER.get(name, SEASONS))
    seasons = parse_seasons(asked) if asked else None
    for stage in trained_at(name, workspace.params):
        questions = [each.name for each in answered_by(name) if stage in each.stages]
        (plan,) = plans(workspace, [stage], seasons, questions)
        kept = tuple(replace(each, permuted={}) for each in plan.entrants if each.role in {"model", "baseline"})
        plan = replace(plan, entrants=kept)
        if chosen.small:
            gates = plan.job.params.gates.model_copy(update={"bootstrap_draws": SMALL_DRAWS})
            params = plan.job.params.model_copy(update={"gates": gates})
            plan = replace(plan, seasons=plan.seasons[-SMALL_SEASONS:], job=replace(plan.job, params=params))
        yield score(forecast_seasons(plan))


def page(scored: Scored, question: Template) -> str:
    """Return what a reader is told of a question at a stage: whether it can be trusted, the table, the gains, the targets."""
    plan = scored.forecasts.plan
    params = plan.job.params
    sentence = trust(
        question,
        scored.forecasts.predictions,
        plan.ours.name,
        plan.tables,
        stage=plan.stage,
        gates=params.gates,
        seed=params.seed,
    )
    said = [
        *gains(scored, question),
        *over_rows(scored, question),
        *coverage(scored, question),
        *(f"- {_told(scored, question, each)}" for each in _asked(plan, question)),
        *upper_reference(plan, question),
        *(f"- {note}" for note in plan.notes),
    ]
    return "\n".join([title(plan, question), "", f"*{sentence}*", "", markdown(table(scored, question)), *said, ""])


def lines(scored: Scored, question: Template) -> list[Row]:
    """Return the rows of a question at a stage in the table of all: one for its main loss, one for each target."""
    plan = scored.forecasts.plan
    found = _asked(plan, question)
    asked = [*([] if question.loss in {each.metric for each in found} else [None]), *found]
    beaten = question.baseline_at(plan.stage)
    paired = {(row["metric"], row["against"]): row for row in scored.paired if row["template"] == question.name}
    proof = paired.get((question.loss, beaten))
    told = []
    for target in asked:
        name = question.loss if target is None else target.metric
        ours, rule = _values(scored, question, name)
        told.append(
            {
                "question": f"[`{question.name}`]{_place(plan.job.model)}",
                "stage": f"`{plan.stage}`",
                "seasons": plan.span,
                "metric": name,
                "model": f"{ours['value']:.3f} ({ours['low']:.3f} to {ours['high']:.3f})",
                "best rule": "" if rule is None else f"`{rule['model']}` {rule['value']:.3f}",
                "prototype": "" if target is None or target.prototype is None else f"{target.prototype:g}",
                "target": "" if target is None else f"{target.value:g}, {_verdict(scored, question, target)}",
                "proven over the rule to beat": ""
                if proof is None or name != question.loss
                else ("yes" if proof["low"] > 0 else "no"),
            }
        )
    return told


def _place(model: str) -> str:
    """Return the link to a model's section, which tells its rows in the table of all."""
    return f"(#{model.replace('_', '-')})"


def _asked(plan: Plan, question: Template) -> list[Target]:
    """Return the targets of a question, which were set on real races."""
    return [] if set(plan.job.params.sources) == {"synthetic"} else targets(question.name, plan.stage)


def _values(scored: Scored, question: Template, name: str) -> tuple[Row, Row | None]:
    """Return our value of a metric, and that of the rule which has the best one; whole orders are told by the model's name."""
    rows = [
        row
        for row in scored.rows
        if (row["metric"], row["season"]) == (name, "all") and row["template"] in {question.name, question.model}
    ]
    ours = next(row for row in rows if row["role"] == "ours")
    rules = [row for row in rows if row["role"] == "baseline"]
    sign = -1 if metric(name).higher_is_better else 1
    return ours, min(rules, key=lambda row: (sign * row["value"], row["model"]), default=None)


def _verdict(scored: Scored, question: Template, target: Target) -> str:
    return "met" if _better(_reached(scored, question, target), target.value, target.metric) else "missed"


def _reached(scored: Scored, question: Template, target: Target) -> float:
    """Return what the model has of a target's metric, as the target was set: over races, or over all rows alike."""
    if not target.rows:
        return float(_values(scored, question, target.metric)[0]["value"])
    (line,) = over_rows(scored, question)
    return float(line.split(f"`{scored.forecasts.plan.ours.name}` ")[1].split()[0].rstrip(",."))


def _better(value: float, other: float, name: str) -> bool:
    return value >= other if metric(name).higher_is_better else value <= other


def _told(scored: Scored, question: Template, target: Target) -> str:
    """Return a line on a target: what was reached, where it stands beside prototype and rule, and where to read what was tried."""
    ours, rule = _values(scored, question, target.metric)
    value, error = _reached(scored, question, target), (ours["high"] - ours["low"]) / STANDARD_ERRORS
    sign = 1 if metric(target.metric).higher_is_better else -1
    others = [
        *([("prototype", target.prototype)] if target.prototype is not None else []),
        *([("best rule", rule["value"])] if rule is not None and not target.rows else []),
    ]
    behind = [name for name, other in others if sign * (other - value) > error]
    beside = (
        f"more than a standard error behind: {', '.join(behind)}"
        if behind
        else "within a standard error of prototype and best rule, or better"
    )
    verdict = _verdict(scored, question, target)
    tried = f" What was tried: [{question.name}]({TRIED[question.name]})." if verdict == "missed" else ""
    return (
        f"Target {target.metric} {target.value:g} {verdict}: {value:.4f}, standard error {error:.4f}, {beside}. "
        f"It was set from {target.source}.{tried}"
    )


if __name__ == "__main__":
    main()
