"""The backtest as one Markdown table, for a README: ours and the baselines at each stage, every value with its interval."""

from __future__ import annotations

from collections.abc import Sequence

from pitwall.ml.backtest.under_way import season_name
from pitwall.ml.evaluation.scoring import Row
from pitwall.report.intervals import interval
from pitwall.report.markdown import table_lines

COLUMNS = {
    "winner log loss": ("race_winner", "log_loss"),
    "winner hit": ("race_winner", "hit_rate"),
    "podium Brier": ("podium", "brier"),
    "points overlap": ("points", "overlap"),
    "Spearman": ("order", "spearman"),
}


def summary_table(rows: Sequence[Row]) -> str:
    """Return the pooled values of a backtest's rows as Markdown; the constant answers have no order and are left out.

    A season under way is named below the table.

    Args:
        rows: `rows` of a backtest (`pitwall.ml.evaluation.scoring`); questions that were not asked leave their cells empty.
    """
    pooled = [row for row in rows if row["season"] == "all" and not row["model"].startswith("always_")]
    stages = list(dict.fromkeys(row["stage"] for row in pooled))
    lines: dict[tuple[str, str], dict[tuple[str, str], Row]] = {}
    for row in sorted(pooled, key=lambda row: (stages.index(row["stage"]), row["role"] != "ours")):
        if row["role"] != "contender":
            name = f"**{row['model']}**" if row["role"] == "ours" else row["model"]
            lines.setdefault((row["stage"], name), {})[row["template"], row["metric"]] = row
    cells = [
        [*names, *(interval(values.get(column)) for column in COLUMNS.values())] for names, values in lines.items()
    ]
    table = table_lines(["stage", "", *COLUMNS], cells)
    under_way = {row["season"]: row["partial"] for row in rows if "partial" in row and row["season"] != "all"}
    notes = [f"{season_name(season, under_way)}: a part of a season." for season in sorted(under_way)]
    return "\n".join([*table, *(["", *notes] if notes else [])]) + "\n"
