"""The tables of a backtest's page: every model by metric, regret, kinds of races, seasons."""

from __future__ import annotations

from collections.abc import Iterable

from pitwall.ml.backtest.scores import Scored
from pitwall.ml.backtest.under_way import season_name
from pitwall.ml.evaluation.scoring import Row
from pitwall.ml.families import metric as known_metric
from pitwall.report.content.blocks import Fold, Table
from pitwall.report.content.intervals import interval, percent

KINDS = {
    "season": "part of the season",
    "weekend": "weekend",
    "weather": "weather",
    "track": "kind of track",
    "circuit": "circuit",
    "round": "race of the season",
}
FOLDED = ("circuit", "round")
RANK = {"ours": 0, "truth": 1, "market": 2, "contender": 3, "baseline": 4}
SEEN = "smallest effect seen"


def rows_table(each: Scored, question: str) -> Table:
    """Return pooled values of every model with intervals, and the gain of ours over each."""
    own = [row for row in each.rows if row["template"] == question and row["season"] == "all"]
    metrics = list(dict.fromkeys(row["metric"] for row in own))
    loss = _loss(each, question) or metrics[0]
    cells = {(row["model"], row["metric"]): row for row in own}
    gains = {row["against"]: row for row in each.paired if (row["template"], row["metric"]) == (question, loss)}
    models = sorted({(RANK[row["role"]], row["model"], row["role"]) for row in own})
    lines = (
        (name, role, *(interval(cells.get((name, metric))) for metric in metrics), *_gain(gains.get(name)))
        for _, name, role in models
    )
    return _table(["model", "role", *metrics, f"gain of ours in {loss}", SEEN], lines, left=2)


def regret_table(each: Scored, question: str) -> Table | None:
    """Return what each model loses beyond the truth; None where the truth is not known."""
    own = [row for row in each.regret if row["template"] == question]
    if not own:
        return None
    metric, against = own[0]["metric"], next((row["against"] for row in own if "against" in row), "")
    heads = ["model", "role", f"expected {metric}", "regret", f"gap of {against} closed"]
    lines = (
        (row["model"], row["role"], f"{row['expected']:.3f}", interval(row), interval(row, percent, name="closed"))
        for row in sorted(own, key=lambda row: row["value"])
    )
    return _table(heads, lines, left=2)


def slice_tables(each: Scored, question: str) -> list[Fold]:
    """Return ours by kind of race, one folded table per way to divide races: the gain over the baseline to beat, and how often intervals cover."""
    asked = [row for row in each.slices if row["template"] == question]
    own = [row for row in asked if row["metric"] == _loss(each, question)]
    has_target = [row for row in asked if known_metric(row["metric"]).target is not None]
    shares = sorted({row["metric"] for row in has_target})
    covers = {(row["metric"], row["kind"], row["slice"]): interval(row) for row in has_target}
    tables = []
    for kind, title in KINDS.items():
        chosen = [row for row in own if row["kind"] == kind]
        if chosen:
            gained = f"gain over {chosen[0].get('against', 'baseline')}"
            lines = (
                (
                    *(row["slice"], str(row["n"]), interval(row), *_gain(row, "gain_")),
                    *(covers[name, kind, row["slice"]] for name in shares),
                )
                for row in chosen
            )
            table = _table([title, "races", own[0]["metric"], gained, SEEN, *shares], lines)
            tables.append(Fold(f"By {title}", (table,), open=kind not in FOLDED))
    return tables


def _loss(each: Scored, question: str) -> str | None:
    """Return a question's main loss; None for the answer as a whole."""
    return next((asked.loss for asked in each.forecasts.plan.templates if asked.name == question), None)


def seasons_table(each: Scored, question: str, metric: str) -> Table:
    """Return one metric of every model by season, ours first."""
    own = [
        row for row in each.rows if (row["template"], row["metric"]) == (question, metric) and row["season"] != "all"
    ]
    models = list(dict.fromkeys(row["model"] for row in sorted(own, key=lambda row: row["role"] != "ours")))
    cells = {(row["season"], row["model"]): row for row in own}
    parts = each.forecasts.plan.parts
    lines = (
        (season_name(season, parts), *(interval(cells.get((season, name))) for name in models))
        for season in sorted({int(row["season"]) for row in own})
    )
    return _table(["season", *models], lines)


def _gain(row: Row | None, prefix: str = "") -> tuple[str, str]:
    """Return a gain with its interval and the smallest effect that could be seen; nothing where there is none."""
    if row is None or f"{prefix}value" not in row:
        return "", ""
    gained = {name: row[f"{prefix}{name}"] for name in ("value", "low", "high", "detectable")}
    return interval(gained), "" if gained["detectable"] is None else f"{gained['detectable']:.3f}"


def _table(heads: list[str], lines: Iterable[tuple[str, ...]], left: int = 1) -> Table:
    """Return a table whose first columns are words and all others numbers."""
    return Table(tuple(heads), tuple(lines), tuple(heads[left:]))
