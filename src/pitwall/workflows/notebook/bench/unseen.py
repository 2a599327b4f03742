"""Races that a model may be evaluated on: none that it has learned from, and none that lies before one."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.errors import UsageError
from pitwall.domain.keys import BLOCK, WHEN


def refuse_learned(frame: pd.DataFrame, learned: pd.DataFrame) -> None:
    """Raise UsageError unless all races follow those that were learned from.

    Args:
        frame: rows to evaluate on.
        learned: rows that the model has learned from.
    """
    seen = frame[frame[BLOCK].isin(learned[BLOCK])]
    if len(seen):
        raise UsageError(
            f"the model has learned from {seen[BLOCK].nunique()} of the {frame[BLOCK].nunique()} races ({_named(seen)}): what it says of "
            "them is no forecast. Train on earlier seasons, or look at `model.results`, where each season was told before it was learned."
        )
    last = learned.sort_values(list(WHEN)).iloc[-1]
    same = frame["season"] == last["season"]
    before = frame[(frame["season"] < last["season"]) | (same & (frame["round"] < last["round"]))]
    if len(before):
        raise UsageError(
            f"{before[BLOCK].nunique()} of the races ({_named(before)}) were run before {last['season']}-{last['round']:02d}, which the "
            "model has learned from: it knows their future. Evaluate on races after all that it learned from."
        )


def _named(rows: pd.DataFrame) -> str:
    labels = sorted({f"{row.season}-{row.round:02d}" for row in rows[["season", "round"]].itertuples()})
    return labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}"
