"""The backtest as a document: per stage and question its tables and interactive figures. It computes no score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pitwall.ml.backtest.rendering.tables import regret_table, rows_table, seasons_table, slice_tables
from pitwall.ml.backtest.scores import Scored
from pitwall.ml.backtest.under_way import season_name
from pitwall.ml.evaluation.scoring import labelled_once, scored
from pitwall.ml.evaluation.slices import DEFINITIONS
from pitwall.ml.families import metric as known_metric
from pitwall.ml.families.predictions import by_estimator
from pitwall.ml.templates import Template
from pitwall.ml.training.figures import places_of
from pitwall.report.content.blocks import Block, Fold, Note, Text
from pitwall.report.content.document import Document, Section
from pitwall.report.figures import interactive
from pitwall.report.figures.interactive import Course, embed
from pitwall.report.html import write_html

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HOW = (
    "Every model was fitted on the seasons before each season and then predicted that season, race by race; it "
    "never saw a result of a race that it is scored on. Intervals are 95 %, from drawing whole races. A gain counts "
    "as skill only where its interval stays above zero."
)
REGRET = "Regret is the loss beyond that of the true chances, which this synthetic world knows; no outcome enters it."


def write_page(stages: Sequence[Scored], result: Mapping[str, Any], path: Path) -> Path:
    """Write the page and return where it is."""
    return write_html(document(stages, result), path)


def document(stages: Sequence[Scored], result: Mapping[str, Any]) -> Document:
    """Return the report of a whole backtest; `result` is the payload that `--json` writes."""
    facts = result["facts"]
    notes = [*facts["notes"], *(f"{name} takes no part: {why}" for name, why in facts["skipped"].items())]
    span = stages[0].forecasts.plan.span
    sections = [Section("", tuple(map(Note, notes))), *(section for each in stages for section in _stage(each))]
    return Document(f"Backtest {span}", HOW, (*sections, _origin(facts)), "Pitwall")


def _stage(each: Scored) -> list[Section]:
    plan = each.forecasts.plan
    questions = [_question(each, template) for template in plan.templates]
    if not plan.job.definition.answers.whole:
        return [Section(plan.stage, ()), *questions]
    name, place = plan.job.model, plan.job.definition.place
    title = f"{name.replace('_', ' ').capitalize()} as a whole, {plan.stage}"
    # of a question that bears the model's name the table says this already
    asked = name in {template.name for template in plan.templates}
    whole = [] if asked else [Section(title, (rows_table(each, name),), level=3)]
    return [Section(plan.stage, (embed(interactive.heat_map(*last_race(each), place)),)), *questions, *whole]


def _question(each: Scored, template: Template) -> Section:
    stage, name, metric = each.forecasts.plan.stage, template.name, template.loss
    regret = regret_table(each, name)
    by_season = Fold(f"{metric} by season", (seasons_table(each, name, metric),))
    meant = "; ".join(f"{kind}: {what}" for kind, what in DEFINITIONS.items())
    blocks: list[Block] = [
        rows_table(each, name),
        *((regret, Text(REGRET)) if regret else ()),
        *_figures(each, template),
        *slice_tables(each, name),
        Text(f"{meant}."),
        by_season,
    ]
    return Section(f"{template.question} ({name}, {stage})", tuple(blocks), link=f"{stage}: {name}", level=3)


def _figures(each: Scored, template: Template) -> list[Block]:
    plan, metric = each.forecasts.plan, template.loss
    ours, baseline = plan.ours.name, plan.baseline(template)
    races = race_order(each)
    course = Course(list(races["label"]), list(races["tick"]))
    losses = {name: scores[metric] for name, scores in each.per_race[template.name].items()}
    values = {name: own.reindex(races["race_id"]).to_numpy() for name, own in losses.items()}
    lower = not known_metric(metric).higher_is_better
    gained = {name: (own - values[ours]) * (1 if lower else -1) for name, own in values.items() if name != ours}
    rounds = races.set_index("race_id")["round"]
    means = {
        name: losses[name].groupby(rounds.reindex(losses[name].index)).agg(["mean", "sem", "size"])
        for name in dict.fromkeys((baseline, ours))
    }
    better = f"{metric} ({'lower' if lower else 'higher'} is better)"
    summed = f"Cumulative skill: {metric} gained by {ours}, summed over races"
    season = f"{metric} by race of the season, mean over seasons with standard error"
    figures = [
        interactive.running_mean(
            values, course, ours, baseline, f"{metric} by race, and its running mean", unit=better
        ),
        interactive.cumulative(gained, course, summed, unit=f"{metric} gained"),
        _calibration(each, template, (ours, baseline)),
        interactive.by_round(means, season, unit=f"mean {metric}"),
    ]
    rows = [row for row in each.importance if row["template"] == template.name]
    if rows:
        lost = np.array([[row["value"], row["low"], row["high"]] for row in rows], dtype=np.float64)
        title = "Permutation importance by feature group, with 95 % intervals"
        among = "among the races of a season" if plan.frame["race_id"].is_unique else "within each race"
        unit = f"{metric} lost when the group is shuffled {among}"
        figures.append(interactive.bars([row["group"] for row in rows], lost, title, unit=unit))
    return [embed(figure) for figure in figures]


def race_order(each: Scored) -> pd.DataFrame:
    """Return the scored races in time order: race_id, season, round, a label such as `2024-05 Monaco`, and the season's tick."""
    found = each.forecasts.predictions[["race_id", "season", "round"]].drop_duplicates("race_id")
    ordered = found.sort_values(["season", "round"], ignore_index=True)
    races = each.forecasts.plan.tables.only("races").as_of()["races"].set_index("race_id")["name"]
    name = ordered["race_id"].map(races).astype(str)
    label = ordered["season"].astype(str) + "-" + ordered["round"].astype(str).str.zfill(2) + " " + name
    tick = ordered["season"].map(lambda season: season_name(season, each.forecasts.plan.parts))
    return ordered.assign(label=label, tick=tick)


def last_race(each: Scored) -> tuple[np.ndarray, list[str], str]:
    """Return our chances of every place in the last scored race, the drivers' names, and a title."""
    plan, last = each.forecasts.plan, race_order(each).iloc[-1]
    own = by_estimator(each.forecasts.predictions)[plan.ours.name]
    drivers = plan.tables.only("drivers").as_of()["drivers"]
    names = dict(zip(drivers["driver_id"].astype(int), drivers["name"].astype(str), strict=True))
    title = f"P(place), {last['label']}, {plan.stage} forecast"
    return *places_of(own[own["race_id"] == last["race_id"]], names), title


def _calibration(each: Scored, template: Template, names: Iterable[str]) -> Figure:
    plan, models = each.forecasts.plan, by_estimator(each.forecasts.predictions)
    definition, asked = plan.job.definition, labelled_once(template, plan.tables)
    how = definition.answers.calibration
    bins = {name: how.table(scored(asked, models[name], plan.tables)) for name in dict.fromkeys(names)}
    title = f"Calibration: {template.question}"
    return interactive.calibration(bins, title, of=definition.kind.nouns[1], axes=how.axes)


def _origin(facts: Mapping[str, Any]) -> Section:
    frames = ", ".join(f"{stage} {md5[:12]}" for stage, md5 in facts["frame_md5"].items())
    told = (
        f"Source {facts['source']}; frames (md5) {frames}; commit {str(facts['commit'])[:12]}; seed {facts['seed']}; "
        f"{facts['durations']['wall_s']:.0f} s."
    )
    return Section("Where this comes from", (Text(told),))
