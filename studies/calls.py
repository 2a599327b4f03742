"""Which class is called where one is seldom the likeliest? Rules that make one class of a row's chances, on the seasons that chose among them.

    python studies/calls.py [--real FOLDER] [--small] [--json FILE] [--docs docs/families.md]

Real data lie in the folder `--real`, else `$PITWALL_REAL_DATA`, else `../shared/data`; where there are none, and in the small form, it
is the tests' tiny world. Each season is predicted by what was fitted on the seasons before it, with default settings; none of them
is scored anywhere. A rule calls the class whose chance, divided by a power of its share in the last known races before the weekend, is the
largest: power 0 is the likeliest class. *Sought* is the power that was best on the seasons predicted before, season by season. All
answers of a question are called by the same rule; the mean over the model and all rules that are not sure of one class chose the power.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from _report import Row, markdown, options, report
from green_laps import real_tables
from realism import real_data

from pitwall.domain.params import GateParams, Params
from pitwall.domain.tables import Tables
from pitwall.features import feature_sets
from pitwall.ml.backtest.asked import parse_seasons
from pitwall.ml.evaluation.scoring import labelled_once, metric_interval, metric_of, scored
from pitwall.ml.models import model
from pitwall.ml.templates import Template, template
from pitwall.ml.training.splits import outcomes
from pitwall.ml.training.walk_forward import default_recipe, predict_seasons
from pitwall.testing.worlds.frames import joined
from pitwall.testing.worlds.tiny import tiny_tables

STAGE, SCORE = "pre_race", "macro_f1"
CHOSEN_ON = {"safety_car": "2005:2014", "pit_window": "2020:2022", "rain_impact": "2019:2022"}
POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)
LAST = (20, 40, 60, 100)
SURE = "most_common"
Answers = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Judge:
    """How a question's answers are scored."""

    question: Template
    tables: Tables
    gates: GateParams
    seed: int

    def called(self, answers: Answers, power: float, last: int) -> Answers:
        """Return the scored rows of each answer, called by a rule."""
        assert self.question.call is not None
        rule = replace(self.question.call, power=power, last=last)
        asked = labelled_once(replace(self.question, call=rule), self.tables)
        return {name: scored(asked, said, self.tables) for name, said in answers.items()}

    def row(self, what: str, called: Answers) -> Row:
        """Return a row of the table."""
        score = metric_of(self.question, SCORE)
        found = {name: metric_interval(score, rows, self.gates, self.seed) for name, rows in called.items()}
        ours, rule = next(iter(called)), self.question.baseline_at(STAGE)
        shown = {"the model": found[ours], f"`{rule}`": found[rule]}
        cells = {name: f"{each.value:.3f} ({each.low:.3f} to {each.high:.3f})" for name, each in shown.items()}
        return {"": what, **cells, "mean of all": float(np.mean([each.value for each in found.values()]))}


def main() -> None:
    """Measure and report."""
    parser = options(__doc__, "the tests' tiny world")
    parser.add_argument("--real", type=Path, default=real_data())
    chosen = parser.parse_args()
    real = bool(chosen.real and (chosen.real / "laps").is_dir() and not chosen.small)
    tables = real_tables(chosen.real) if real else tiny_tables(seasons=4, races=4, cars=6)
    gates = Params().gates if real else Params().gates.model_copy(update={"bootstrap_draws": 100})
    texts, content = [], []
    for name, span in CHOSEN_ON.items():
        asked, seasons = template(name), span if real else "2022:2023"
        judge = Judge(asked, tables, gates, chosen.seed)
        rows = list(table(judge, answers(asked, tables, parse_seasons(seasons), chosen.seed)))
        where = "real races" if real else "a tiny world's races"
        texts.append(
            f"**{asked.question}** `{name}`, macro F1 on {where} of {seasons.replace(':', ' to ')}\n\n{markdown(rows)}"
        )
        content.append({"template": name, "rows": rows})
    report("calls", "\n".join(texts), {"questions": content}, chosen)


def answers(asked: Template, tables: Tables, seasons: list[int], seed: int) -> Answers:
    """Return what the model and each rule of a question say of the races of the seasons, the model first."""
    definition = model(asked.model)
    spine = definition.kind.spine(tables, STAGE)
    spine = spine[spine["season"] >= definition.settings.first_season].reset_index(drop=True)
    frame = joined(spine, tuple(feature_sets()[definition.feature_set]), tables, Params())
    outcome = outcomes(asked.model, tables, frame)
    names = [definition.settings.estimator, *(name for name in asked.baselines if name != SURE)]
    recipes = {name: default_recipe(asked.model, name, frame, seed, STAGE) for name in names}
    return {name: predict_seasons(recipe, frame, outcome, seasons) for name, recipe in recipes.items()}


def table(judge: Judge, given: Answers) -> Iterator[Row]:
    """Return a row per rule: powers of the share in the question's number of races, the power that is sought, other numbers of races."""
    call = judge.question.call
    assert call is not None
    by_power = {power: judge.called(given, power, call.last) for power in POWERS}
    for power, called in by_power.items():
        what = "the likeliest class" if power == 0.0 else f"power {power:g}, {call.last} races"
        yield judge.row(what + (" (chosen)" if power == call.power else ""), called)
    yield judge.row(f"power sought, {call.last} races", sought(judge, by_power))
    for last in LAST:
        if last != call.last:
            yield judge.row(f"power {call.power:g}, {last} races", judge.called(given, call.power, last))


def sought(judge: Judge, by_power: Mapping[float, Answers]) -> Answers:
    """Return each season called by the power whose mean was best on the seasons before it; the likeliest class in the first."""
    likeliest = by_power[0.0]
    seasons = sorted(next(iter(likeliest.values()))["season"].unique())
    parts = []
    for season in seasons:
        before = {
            power: judge.row("", {name: rows[rows["season"] < season] for name, rows in called.items()})["mean of all"]
            for power, called in (by_power.items() if season > seasons[0] else ())
        }
        best = max(before, key=before.__getitem__, default=0.0)
        parts.append({name: rows[rows["season"] == season] for name, rows in by_power[best].items()})
    return {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in likeliest}


if __name__ == "__main__":
    main()
