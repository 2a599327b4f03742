"""The backtest as one self-contained HTML page: Plotly is inlined once, nothing is fetched. It computes no score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from pitwall.ml.backtest.rendering import charts
from pitwall.ml.backtest.scores import Scored
from pitwall.ml.backtest.under_way import season_name
from pitwall.ml.evaluation.scoring import Row, scored
from pitwall.ml.evaluation.slices import DEFINITIONS
from pitwall.ml.families.predictions import by_estimator
from pitwall.ml.templates import Template

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; color: #1f2933; }
h1 { font-size: 1.6rem; } h2 { border-top: 2px solid #c81d25; margin-top: 3rem; padding-top: .6rem; }
h3 { margin-top: 2.2rem; } table { border-collapse: collapse; font-size: 13px; margin: .6rem 0; }
th, td { padding: .22rem .6rem; text-align: right; white-space: nowrap; border-bottom: 1px solid #e4e7eb; }
th:first-child, td:first-child, th.l, td.l { text-align: left; } tr.ours td { font-weight: 600; background: #fdf1f1; }
.scroll { overflow-x: auto; } .note { background: #fff8e1; padding: .3rem .7rem; margin: .25rem 0; font-size: 14px; }
td .i { color: #616e7c; font-weight: 400; font-size: 12px; } nav a { margin-right: 1rem; } p.small { color: #52606d; font-size: 13px; }
details { margin: .5rem 0; } summary { cursor: pointer; }
"""
KINDS = {
    "season": "part of the season",
    "weekend": "weekend",
    "weather": "weather",
    "track": "kind of track",
    "circuit": "circuit",
    "round": "race of the season",
}


def write_page(stages: Sequence[Scored], result: Mapping[str, Any], path: Path) -> Path:
    """Write the page and return where it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_html(stages, result), encoding="utf-8")
    return path


def to_html(stages: Sequence[Scored], result: Mapping[str, Any]) -> str:
    """Return the page of a whole backtest; `result` is the payload that `--json` writes."""
    from plotly.offline import get_plotlyjs

    facts = result["facts"]
    span = stages[0].forecasts.plan.span
    links = "".join(
        f'<a href="#{each.forecasts.plan.stage}-{name}">{each.forecasts.plan.stage}: {name}</a>'
        for each in stages
        for name in [template.name for template in each.forecasts.plan.templates]
    )
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Pitwall backtest {span}</title><style>{STYLE}</style>",
        f"<script>{get_plotlyjs()}</script></head><body>",
        f"<h1>Backtest {span}</h1>{_introduction(facts)}<nav>{links}</nav>",
        *(_stage(each) for each in stages),
        _footer(facts),
        "</body></html>",
    ]
    return "\n".join(parts)


def _introduction(facts: Mapping[str, Any]) -> str:
    notes = [*facts["notes"], *(f"{name} takes no part: {why}" for name, why in facts["skipped"].items())]
    return (
        "<p>Every model was fitted on the seasons before each season and then predicted that season, race by race; it "
        "never saw a result of a race that it is scored on. Intervals are 95 %, from drawing whole races. A gain counts "
        "as skill only where its interval stays above zero.</p>"
    ) + "".join(f'<p class="note">{escape(note)}</p>' for note in notes)


def _stage(each: Scored) -> str:
    plan = each.forecasts.plan
    parts = [f"<h2>{escape(plan.stage)}</h2>", _heat_map(each)]
    parts += [_template(each, template) for template in plan.templates]
    parts += [f"<h3>Order as a whole, {plan.stage}</h3>", _rows_table(each, plan.job.model)]
    return "\n".join(parts)


def _template(each: Scored, template: Template) -> str:
    plan, metric = each.forecasts.plan, template.loss
    losses = {name: scores[metric] for name, scores in each.per_race[template.name].items()}
    ours, baseline = plan.ours.name, plan.baseline(template)
    races = race_order(each)
    importance = [row for row in each.importance if row["template"] == template.name]
    figures = [
        charts.running_mean(losses, races, ours, baseline, metric),
        charts.cumulative_skill(losses, races, ours, metric),
        charts.calibration(_cars(each, template, [ours, baseline]), f"Calibration: {template.question}"),
        charts.by_round(losses, races, ours, baseline, metric),
    ]
    if importance:
        figures.append(charts.importance(importance, metric))
    name = escape(template.name)
    return "\n".join(
        [
            f'<h3 id="{plan.stage}-{name}">{escape(template.question)} ({name}, {plan.stage})</h3>',
            _rows_table(each, template.name),
            _regret_table(each, template.name),
            *(embed(figure) for figure in figures),
            _slices_table(each, template.name),
            _seasons_table(each, template.name, metric),
        ]
    )


def race_order(each: Scored) -> pd.DataFrame:
    """Return the scored races in time order: race_id, season, round, a label such as `2024-05 Monaco`, and the season's tick."""
    found = each.forecasts.predictions[["race_id", "season", "round"]].drop_duplicates("race_id")
    ordered = found.sort_values(["season", "round"], ignore_index=True)
    races = each.forecasts.plan.tables.only("races").as_of()["races"].set_index("race_id")["name"]
    name = ordered["race_id"].map(races).astype(str)
    label = ordered["season"].astype(str) + "-" + ordered["round"].astype(str).str.zfill(2) + " " + name
    tick = ordered["season"].map(lambda season: season_name(season, each.forecasts.plan.parts))
    return ordered.assign(label=label, tick=tick)


def last_race(each: Scored) -> tuple[pd.DataFrame, dict[int, str], str]:
    """Return our predictions of the last scored race, the drivers' names, and a title."""
    plan, last = each.forecasts.plan, race_order(each).iloc[-1]
    own = by_estimator(each.forecasts.predictions)[plan.ours.name]
    drivers = plan.tables.only("drivers").as_of()["drivers"]
    names = dict(zip(drivers["driver_id"].astype(int), drivers["name"].astype(str), strict=True))
    return own[own["race_id"] == last["race_id"]], names, f"P(place), {last['label']}, {plan.stage} forecast"


def embed(figure: Figure) -> str:
    """Return a figure as HTML that uses the page's one copy of Plotly."""
    config = {"displaylogo": False, "responsive": True}
    return str(figure.to_html(full_html=False, include_plotlyjs=False, config=config))


def _heat_map(each: Scored) -> str:
    return embed(charts.heat_map(*last_race(each)))


def _cars(each: Scored, template: Template, names: Iterable[str]) -> dict[str, Any]:
    models = by_estimator(each.forecasts.predictions)
    rows = {name: scored(template, models[name], each.forecasts.plan.tables) for name in dict.fromkeys(names)}
    return {name: (part["probability"].to_numpy(), part["label"].to_numpy()) for name, part in rows.items()}


def _rows_table(each: Scored, question: str) -> str:
    """Return pooled values of every model with intervals, and the gain of ours over each."""
    own = [row for row in each.rows if row["template"] == question and row["season"] == "all"]
    metrics = list(dict.fromkeys(row["metric"] for row in own))
    cells = {(row["model"], row["metric"]): row for row in own}
    gains = {row["against"]: row for row in each.paired if (row["template"], row["metric"]) == (question, metrics[0])}
    rank = {"ours": 0, "truth": 1, "contender": 2, "baseline": 3}
    models = sorted({(rank[row["role"]], row["model"], row["role"]) for row in own})
    lines = [
        (
            role,
            [name, role, *(_cell(cells.get((name, metric))) for metric in metrics), *_gain_cells(gains.get(name))],
        )
        for _, name, role in models
    ]
    return _table(["model", "role", *metrics, f"gain of ours in {metrics[0]}", "smallest effect seen"], lines, left=2)


def _regret_table(each: Scored, question: str) -> str:
    """Return what each model loses beyond the truth, where the truth is known."""
    own = [row for row in each.regret if row["template"] == question]
    if not own:
        return ""
    metric, against = own[0]["metric"], next((row["against"] for row in own if "against" in row), "")
    heads = ["model", "role", f"expected {metric}", "regret", f"gap of {against} closed"]
    lines = [
        (row["role"], [row["model"], row["role"], f"{row['expected']:.3f}", _cell(row), _closed(row)])
        for row in sorted(own, key=lambda row: row["value"])
    ]
    note = "Regret is the loss beyond that of the true chances, which this synthetic world knows; no outcome enters it."
    return _table(heads, lines, left=2) + f'<p class="small">{note}</p>'


def _closed(row: Row) -> str:
    if "closed" not in row:
        return ""
    return f'{row["closed"]:.0%} <span class="i">({row["closed_low"]:.0%} to {row["closed_high"]:.0%})</span>'


def _slices_table(each: Scored, question: str) -> str:
    own = [row for row in each.slices if row["template"] == question]
    metric = own[0]["metric"] if own else ""
    tables = []
    for kind, title in KINDS.items():
        chosen = [row for row in own if row["kind"] == kind and row["metric"] == metric]
        lines = [("", [escape(row["slice"]), str(row["n"]), _cell(row), *_gain_cells(_gain_of(row))]) for row in chosen]
        if lines:
            heads = [
                title,
                "races",
                metric,
                f"gain over {chosen[0].get('against', 'baseline')}",
                "smallest effect seen",
            ]
            opened = "" if kind in ("circuit", "round") else " open"
            tables.append(f"<details{opened}><summary>By {title}</summary>{_table(heads, lines)}</details>")
    meant = "; ".join(f"{name}: {what}" for name, what in DEFINITIONS.items())
    return "".join(tables) + f'<p class="small">{escape(meant)}.</p>'


def _seasons_table(each: Scored, question: str, metric: str) -> str:
    own = [
        row for row in each.rows if (row["template"], row["metric"]) == (question, metric) and row["season"] != "all"
    ]
    models = list(dict.fromkeys(row["model"] for row in sorted(own, key=lambda row: row["role"] != "ours")))
    cells = {(row["season"], row["model"]): row for row in own}
    seasons = sorted({int(row["season"]) for row in own})
    parts = each.forecasts.plan.parts
    lines = [
        ("", [season_name(season, parts), *(_cell(cells.get((season, name))) for name in models)]) for season in seasons
    ]
    return f"<details><summary>{metric} by season</summary>{_table(['season', *models], lines)}</details>"


def _gain_of(row: Row) -> Row | None:
    names = ("value", "low", "high", "detectable")
    return {name: row[f"gain_{name}"] for name in names} if "gain_value" in row else None


def _gain_cells(row: Row | None) -> list[str]:
    if row is None:
        return ["", ""]
    return [_cell(row), "" if row["detectable"] is None else f"{row['detectable']:.3f}"]


def _cell(row: Row | None) -> str:
    return "" if row is None else f'{row["value"]:.3f} <span class="i">({row["low"]:.3f} to {row["high"]:.3f})</span>'


def _table(heads: Sequence[str], lines: Sequence[tuple[str, list[str]]], left: int = 1) -> str:
    """Return a table; cells are HTML already, `lines` carry the class of their row."""
    sides = ["l" if number < left else "r" for number in range(len(heads))]
    head = "".join(f'<th class="{side}">{escape(name)}</th>' for name, side in zip(heads, sides, strict=True))
    body = "".join(
        f'<tr class="{kind}">'
        + "".join(f'<td class="{side}">{cell}</td>' for cell, side in zip(cells, sides, strict=True))
        + "</tr>"
        for kind, cells in lines
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _footer(facts: Mapping[str, Any]) -> str:
    frames = ", ".join(f"{stage} {md5[:12]}" for stage, md5 in facts["frame_md5"].items())
    return (
        f'<h2>Where this comes from</h2><p class="small">Source {escape(str(facts["source"]))}; frames (md5) {escape(frames)}; '
        f"commit {escape(str(facts['commit'])[:12])}; seed {facts['seed']}; {facts['durations']['wall_s']:.0f} s.</p>"
    )
