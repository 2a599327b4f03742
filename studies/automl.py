"""Is what AutoML chooses as good as the best single estimator at equal CPU seconds?

    python studies/automl.py [--worlds 5] [--question dnf ...] [--small] [--json FILE] [--docs docs/automl.md]
    python studies/automl.py --choices --seed 201 --worlds 10 --question race_winner --docs docs/automl.md

Synthetic worlds. A search sees the seasons before the tested ones; every estimator alone gets as many CPU seconds as the search over all of
them, spent in the same way (its default, then TPE). What was chosen is fitted again before each tested season and costs what it truly
costs: of winners and retirements the loss under the true chances beyond that of the truth itself, of lap times the error on all laps.
Intervals are Student's over worlds. *The best single* is the estimator with the lowest mean over the worlds, which nobody knows beforehand.
`--choices` compares ways to end a search instead, on worlds of its own: how the end was chosen.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from _automl_choices import costs
from _automl_worlds import QUESTIONS, Asked, Question
from _report import markdown, options, report
from scipy.special import stdtrit

from pitwall.domain.errors import StageError
from pitwall.ml.automl.candidates import Bench
from pitwall.ml.automl.engine import search
from pitwall.ml.automl.scores import Scores, asked_metric
from pitwall.ml.automl.settings import Settings
from pitwall.sources.synthetic import SyntheticSettings

WORLDS, FIRST = 5, 101  # seeds that no default was chosen on
BUDGETS = {"race_winner": 4.0, "dnf": 4.0, "lap_time": 10.0}
SMALL_BUDGET, SMALL_ESTIMATORS = (
    1.0,
    {"race_winner": ("conditional_logit", "winner_logit"), "dnf": ("logistic", "xgboost")},
)
AUTOML = "**AutoML**"
Row = dict[str, object]


def asked(question: Question, seed: int, small: bool) -> Asked:
    """Return a question in a world of its own size: whole seasons of laps are many rows, of races few."""
    if small:
        return Asked(question, SyntheticSettings(seed=seed, seasons=6, races=5, rounds_run=5, laps_seasons=0), 2, 1, 50)
    if question.name == "lap_time":
        return Asked(
            question, SyntheticSettings(seed=seed, seasons=6, races=6, rounds_run=6, teams=4, laps_seasons=6), 2, 2, 0
        )
    return Asked(question, SyntheticSettings(seed=seed, seasons=12, races=16, laps_seasons=0), 4, 3, 500)


def measured(each: Asked, small: bool) -> Iterator[Row]:
    """Yield what AutoML, every estimator alone and the rule to beat truly cost in one world."""
    name, metric = each.question.name, each.question.metric
    budget = SMALL_BUDGET if small else BUDGETS[name]
    problem, seed = each.problem, each.settings.seed
    alone = SMALL_ESTIMATORS[name] if small else sorted(problem.plugins)
    # Whoever comes first would pay for loading the libraries of all.
    Bench(problem, Scores.of(problem, asked_metric(problem.template, metric)), seed).cheapest_first(alone)
    for who, only in ((AUTOML, alone), *((one, (one,)) for one in alone)):
        try:
            found = search(problem, Settings(budget, metric, ensemble=who == AUTOML, only=tuple(only)), seed=seed)
        except StageError:
            yield {"world": seed, "question": name, "by": who, "cost": None, "chose": "nothing within the budget"}
            continue
        head = {"world": seed, "question": name, "by": who, "cost": each.cost(found.recipe), "chose": found.algorithm}
        yield {**head, "candidates": len(found.trials), "seconds": found.cpu_seconds}
    rule = problem.template.baseline_at(each.stage)
    recipe = problem.recipe(rule, {}, seed)
    recipe = problem.recipe(rule, recipe.plugin.default(), seed)
    yield {"world": seed, "question": name, "by": f"rule `{rule}`", "cost": each.cost(recipe), "chose": rule}


def student(values: np.ndarray) -> tuple[float, float, float]:
    """Return the mean of a few worlds with its 95 % interval."""
    mean = float(values.mean())
    if len(values) < 2:
        return mean, float("nan"), float("nan")
    reach = float(stdtrit(len(values) - 1, 0.975) * values.std(ddof=1) / np.sqrt(len(values)))
    return mean, mean - reach, mean + reach


def shown(values: np.ndarray, digits: int = 4, sign: str = "") -> str:
    """Return the same as text."""
    mean, low, high = (f"{value:{sign}.{digits}f}" for value in student(values))
    return f"{mean} ({low} to {high})" if len(values) > 1 else mean


def compared(rows: pd.DataFrame, question: Question) -> tuple[list[Row], Row]:
    """Return the table of a question, and how AutoML stands beside the best single estimator."""
    table = rows[rows["question"] == question.name].set_index(["world", "by"])["cost"].unstack().astype(float)  # noqa: PD010  (one value each)
    whole = [name for name in table if table[name].notna().all()]
    singles = [name for name in whole if name != AUTOML and not name.startswith("rule")]
    best = min(singles, key=lambda name: table[name].mean())
    ours = table[AUTOML]
    order = sorted(whole, key=lambda name: table[name].mean())
    lines: list[Row] = [
        {
            "": name,
            question.unit: shown(table[name].to_numpy()),
            "AutoML less this": "" if name == AUTOML else shown((ours - table[name]).to_numpy(), sign="+"),
            "worlds": len(table),
        }
        for name in order
    ]
    late = [
        {
            "": name,
            question.unit: "not done within the budget",
            "AutoML less this": "",
            "worlds": int(table[name].notna().sum()),
        }
        for name in table
        if name not in whole
    ]
    behind = (ours - table[best]).to_numpy() / (table[best].to_numpy() if question.relative else 1.0)
    oracle = (ours - table[singles].min(axis=1)).to_numpy() / (
        table[singles].min(axis=1).to_numpy() if question.relative else 1.0
    )
    mean, low, high = student(behind)
    found = {"question": question.name, "best": best, "value": mean, "low": low, "high": high}
    return [*lines, *late], {
        **found,
        "target": question.target,
        "met": mean <= question.target,
        "oracle": student(oracle)[0],
    }


def ways(rows: pd.DataFrame) -> list[Row]:
    """Return the table of the ways to end a search: what each truly costs, and less what the last one does."""
    names = [name for name in rows if name not in {"question", "world"}]
    return [
        {
            "question": question,
            "ends with": name,
            "true cost": shown(part[name].to_numpy()),
            f"less {names[-1]}": ""
            if name == names[-1]
            else shown((part[name] - part[names[-1]]).to_numpy(), sign="+"),
            "worlds": len(part),
        }
        for question, part in rows.groupby("question", sort=False)
        for name in names
    ]


def told(found: Row, question: Question) -> str:
    """Return whether the target is met, in words."""
    scale, unit = (100, " %") if question.relative else (1, " nats")
    numbers = [f"{scale * float(found[name]):+.4f}" for name in ("value", "low", "high", "oracle")]  # type: ignore[arg-type]
    verdict = "met" if found["met"] else "missed"
    reach = "" if np.isnan(float(found["low"])) else f" ({numbers[1]} to {numbers[2]})"  # type: ignore[arg-type]
    return (
        f"Beside the best single estimator over all worlds, `{found['best']}`, AutoML costs {numbers[0]}{unit}{reach}; the target, at most {scale * question.target:g}{unit}, is {verdict}. Beside the best one of each world, known "
        f"only afterwards: {numbers[3]}{unit}."
    )


def main() -> None:
    """Search in every world, then tell."""
    parser = options(__doc__, "one small world, two estimators, no laps: only to see that it runs", seed=FIRST)
    parser.add_argument("--worlds", type=int, default=WORLDS, help="how many, from --seed on")
    parser.add_argument("--question", action="append", choices=[each.name for each in QUESTIONS], help="default: all")
    parser.add_argument("--choices", action="store_true", help="compare ways to end a search instead")
    chosen = parser.parse_args()
    known = [each for each in QUESTIONS if not chosen.question or each.name in chosen.question]
    questions = [each for each in known if not chosen.small or each.name in SMALL_ESTIMATORS]
    seeds = range(chosen.seed, chosen.seed + (1 if chosen.small else chosen.worlds))
    if chosen.choices:
        found = [
            {"question": each.name, "world": seed, **costs(asked(each, seed, chosen.small), BUDGETS[each.name])}
            for each in questions
            for seed in seeds
        ]
        report("automl_choices", markdown(ways(pd.DataFrame(found))), {"rows": found}, chosen)
        return
    made: list[Row] = []
    verdicts: list[Row] = []
    texts: list[str] = []
    for question in questions:
        rows = [row for seed in seeds for row in measured(asked(question, seed, chosen.small), chosen.small)]
        lines, found = compared(pd.DataFrame(rows), question)
        texts.append(_text(rows, lines, found, question, SMALL_BUDGET if chosen.small else BUDGETS[question.name]))
        made, verdicts = [*made, *rows], [*verdicts, found]
    report("automl", "\n\n".join(texts), {"rows": made, "verdicts": verdicts}, chosen)


def _text(rows: list[Row], lines: list[Row], found: Row, question: Question, budget: float) -> str:
    """Return what is told of one question."""
    ours = [row for row in rows if row["by"] == AUTOML]
    head = f"**{question.name}**, {budget:g} CPU seconds each, {len(ours)} worlds"
    choices = "AutoML chose, world by world: " + "; ".join(str(row["chose"]) for row in ours) + "."
    return "\n\n".join([head, markdown(lines).rstrip(), told(found, question), choices])


if __name__ == "__main__":
    main()
