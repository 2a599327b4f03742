"""Would more information help? What each group of features that a question does not use adds to its model, one at a time.

    python studies/more_features.py [--model safety_car --model pit_window] [--real FOLDER] [--small] [--json FILE] [--docs docs/families.md]

Real data lie in the folder `--real`, else `$PITWALL_REAL_DATA`, else `../shared/data`; where there are none, and in the small form, it
is the tests' tiny world. Each season is predicted by what was fitted on the seasons before it, with default settings; only seasons
before those that are scored anywhere are looked at. A question about a race is given the mean over the field of what is known of cars.
Beside the groups stand a few numbers that no group holds. Whole races are resampled for the 95 % intervals; a positive gain is a
smaller loss than the model's, and of forty groups one or two are expected to look good by luck. Tables show the largest gains; `--json`
has all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from _report import Row, markdown, options, put_table, report
from green_laps import real_tables
from realism import real_data

from pitwall.domain.keys import RACE_DRIVER
from pitwall.domain.params import GateParams, Params
from pitwall.domain.tables import Tables
from pitwall.features import feature_sets, groups
from pitwall.features.machinery.group import FeatureGroup
from pitwall.ml.backtest.asked import parse_seasons
from pitwall.ml.evaluation.bootstrap import Interval, paired_difference
from pitwall.ml.evaluation.scoring import labelled_once, metric_interval, metric_of, per_race, scored
from pitwall.ml.models import model
from pitwall.ml.rows import row_kind
from pitwall.ml.templates import Template, template
from pitwall.ml.training.splits import outcomes
from pitwall.ml.training.walk_forward import default_recipe, predict_seasons
from pitwall.testing.worlds.frames import joined
from pitwall.testing.worlds.tiny import tiny_tables

STAGE = "pre_race"
CHOSEN_ON = {"safety_car": "2005:2014", "pit_window": "2020:2022"}
SHOWN_ROWS = 8
SHOWN = {"safety_car": "auc", "pit_window": "macro_f1"}  # beside the loss


@dataclass(frozen=True)
class Asked:
    """A question with what is known, the seasons to predict, and how scores are made."""

    question: Template
    tables: Tables
    seasons: list[int]
    gates: GateParams
    seed: int

    @property
    def spine(self) -> pd.DataFrame:
        """The rows from the first season that is learned from."""
        definition = model(self.question.model)
        rows = definition.kind.spine(self.tables, STAGE)
        return rows[rows["season"] >= definition.settings.first_season].reset_index(drop=True)

    def known(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what the model says of each row of the seasons, scored."""
        name = self.question.model
        outcome = outcomes(name, self.tables, frame)
        recipe = default_recipe(name, model(name).settings.estimator, frame, self.seed, STAGE)
        return scored(self.question, predict_seasons(recipe, frame, outcome, self.seasons), self.tables)


def main() -> None:
    """Measure and report."""
    parser = options(__doc__, "the tests' tiny world and the first groups")
    parser.add_argument("--real", type=Path, default=real_data())
    parser.add_argument("--model", action="append", metavar="NAME", choices=CHOSEN_ON, help="default: both")
    chosen = parser.parse_args()
    real = bool(chosen.real and (chosen.real / "laps").is_dir() and not chosen.small)
    tables = real_tables(chosen.real) if real else tiny_tables(seasons=4, races=4, cars=6)
    gates = Params().gates if real else Params().gates.model_copy(update={"bootstrap_draws": 100})
    texts, content = [], []
    for name in chosen.model or CHOSEN_ON:
        span = CHOSEN_ON[name] if real else "2023:2023"
        question = labelled_once(template(name), tables)
        asked = Asked(question, tables, list(parse_seasons(span)), gates, chosen.seed)
        ours, *others = table(asked, None if real else 2)
        best = sorted(others, key=lambda row: -float(str(row["gain"]).split(" ")[0]))
        where = "real races" if real else "a tiny world's races"
        title = f"**{question.question}** `{name}`, {where} of {span.replace(':', ' to ')}"
        left = f"{len(best[SHOWN_ROWS:])} others gain less."
        texts.append(f"{title}\n\n{markdown([ours, *best[:SHOWN_ROWS]])}\n{left}\n")
        content.append({"model": name, "rows": [ours, *others]})
        if chosen.docs:
            put_table(chosen.docs, f"more_features_{name}", texts[-1])
    chosen.docs = None  # each question has a place of its own
    report("more_features", "\n".join(texts), {"models": content}, chosen)


def table(asked: Asked, most: int | None) -> Iterator[Row]:
    """Return a row for the model, one with each group, one with all that no group holds; of `most` groups, all when None."""
    definition = model(asked.question.model)
    frame = joined(asked.spine, tuple(feature_sets()[definition.feature_set]), asked.tables, Params())
    ours = asked.known(frame)
    yield _row(asked, "the model", ours)
    ids = set(definition.kind.columns)
    fit = [
        each for _, each in sorted(groups().items()) if set(each.keys) <= ids | set(RACE_DRIVER) | {"constructor_id"}
    ]
    for group in [each for each in fit if definition.feature_set not in each.sets][:most]:
        more = with_group(frame, group, asked.tables)
        if more.iloc[:, frame.shape[1] :].notna().any(axis=None):
            yield _row(asked, f"with `{group.name}`", asked.known(more), ours)
    for name, values in beside(asked.tables, frame).items():
        yield _row(asked, f"with {name}", asked.known(frame.assign(more=values)), ours)


def with_group(frame: pd.DataFrame, group: FeatureGroup, tables: Tables) -> pd.DataFrame:
    """Return the frame with a group's features; of races the means over the cars of the field, where cars have them."""
    if set(group.keys) <= set(frame):
        return joined(frame, (group,), tables, Params())
    cars = joined(row_kind("race_driver").spine(tables, STAGE), (group,), tables, Params())
    return frame.join(cars.groupby("race_id")[list(group.names)].mean(), on="race_id")


def beside(tables: Tables, frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Return numbers of a race that no group holds, aligned with the frame: what they are in words -> values known before the start."""
    newest = tables.only("races", "results", "entries").as_of()
    entries = newest["entries"].merge(newest["races"][["race_id", "starts_at"]], on="race_id").sort_values("starts_at")
    races = frame.groupby("season")["round"].transform("max")
    started = entries.groupby("driver_id").cumcount()
    field = entries.assign(new=started < 10, first=started == 0).groupby("race_id")
    return {
        "the number of cars": frame["race_id"].map(field.size()).astype("float64"),
        "the share of drivers in their first ten races": frame["race_id"].map(field["new"].mean()),
        "the place of the race in its season": frame["round"] / races,
        "the year": frame["season"].astype("float64"),
    }


def _row(asked: Asked, name: str, rows: pd.DataFrame, ours: pd.DataFrame | None = None) -> Row:
    loss, shown = (metric_of(asked.question, each) for each in (asked.question.loss, SHOWN[asked.question.name]))
    gain = None
    if ours is not None:
        losses = [per_race(each, [loss])[loss.name].to_numpy() for each in (rows, ours)]
        gain = paired_difference(*losses, asked.gates.bootstrap_draws, asked.seed, asked.gates.confidence)
    return {
        "": name,
        loss.name: _text(metric_interval(loss, rows, asked.gates, asked.seed)),
        "gain": "" if gain is None else _text(gain, "+"),
        shown.name: _text(metric_interval(shown, rows, asked.gates, asked.seed)),
        "races": rows["race_id"].nunique(),
    }


def _text(found: Interval, sign: str = "") -> str:
    return f"{found.value:{sign}.4f} ({found.low:{sign}.4f} to {found.high:{sign}.4f})"


if __name__ == "__main__":
    main()
