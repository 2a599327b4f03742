"""The backtest as one Markdown table, for a README: ours and the baselines at each stage, every value with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pitwall.ml.backtest.under_way import season_name
from pitwall.ml.evaluation.scoring import Row
from pitwall.ml.models import model, models
from pitwall.ml.templates import answered_by, template
from pitwall.report.content.intervals import interval
from pitwall.report.content.markdown import table_lines


def summary_table(rows: Sequence[Row]) -> str:
    """Return the pooled values of a backtest's rows as Markdown; the constant answers have no order and are left out.

    A season under way is named below the table.

    Args:
        rows: `rows` of a backtest (`pitwall.ml.evaluation.scoring`); questions that were not asked leave their cells empty.
    """
    name = _model_of(rows)
    columns, constants = summary_columns(name), model(name).answers.constants
    pooled = [row for row in rows if row["season"] == "all" and row["model"] not in constants]
    stages = list(dict.fromkeys(row["stage"] for row in pooled))
    lines: dict[tuple[str, str], dict[tuple[str, str], Row]] = {}
    for row in sorted(pooled, key=lambda row: (stages.index(row["stage"]), row["role"] != "ours")):
        if row["role"] != "contender":
            name = f"**{row['model']}**" if row["role"] == "ours" else row["model"]
            lines.setdefault((row["stage"], name), {})[row["template"], row["metric"]] = row
    cells = [
        [*names, *(interval(values.get(column)) for column in columns.values())] for names, values in lines.items()
    ]
    table = table_lines(["stage", "", *columns], cells)
    under_way = {row["season"]: row["partial"] for row in rows if "partial" in row and row["season"] != "all"}
    notes = [f"{season_name(season, under_way)}: a part of a season." for season in sorted(under_way)]
    return "\n".join([*table, *(["", *notes] if notes else [])]) + "\n"


def summary_columns(name: str) -> Mapping[str, tuple[str, str]]:
    """Return the columns of a model's short table, {title: (question, metric)}: its own choice, else all that it is scored by."""
    if chosen := model(name).columns:
        return chosen
    questions = answered_by(name)
    if len(questions) == 1:
        return {metric: (questions[0].name, metric) for metric in questions[0].metrics}
    return {f"{each.name} {each.loss}": (each.name, each.loss) for each in questions}


def _model_of(rows: Sequence[Row]) -> str:
    """Return the model of a backtest's rows; those of its answer as a whole stand under its own name."""
    asked = str(rows[0]["template"])
    return asked if asked in models() else template(asked).model
