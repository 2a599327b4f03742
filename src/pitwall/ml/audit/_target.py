"""A target of a user's own before the audit: is it told by what comes after its race, known before its cut-off, or a feature in other words?

Of a question that ships the label is made of the race's own results; of a user's own nobody knows it. Three things make a score on
it worthless. A label that changes when the races after it are taken away was not known when a fold learned from it. A label that the
tables give before the cut-off is no forecast. And a feature that tells it almost exactly is the label itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.keys import BLOCK, CUTOFF, WHEN
from pitwall.domain.tables import Tables
from pitwall.ml.audit._finding import Finding
from pitwall.ml.data.starters import at
from pitwall.ml.rows import RowKind, feature_columns

NAME = "target"
ALWAYS_KNOWN = ("races", "circuits", "drivers", "constructors")  # who and where: not what came out
RACES = 6  # at which the target is asked again
EARLY = 0.5  # of a race's labels that may stand before its cut-off by luck
TOLD, FEWEST = 0.98, 100  # rank correlation with one feature, and rows
Label = Callable[[Tables], pd.Series]


def audit_target(
    label: Label, tables: Tables, frame: pd.DataFrame, kind: RowKind, *, name: str, made: bool
) -> list[Finding]:
    """Return what is wrong with a target.

    Args:
        label: tables -> what came true, by key.
        tables: canonical tables with all versions.
        frame: rows with features and cut-offs.
        kind: of the rows.
        name: of the model, for the findings.
        made: the labels are made of the tables; a list of labels says the same whatever the tables are.
    """
    now = _labels(label, tables, frame, kind)
    known = frame[now.notna()]
    races = known[[BLOCK, *WHEN]].drop_duplicates().sort_values([*WHEN])[BLOCK].to_numpy()
    asked = races[np.unique(np.linspace(0, len(races) - 1, RACES + 2).astype(np.int64))[1:-1]]
    in_time = [each(label, tables, frame, kind, now, asked, name) for each in ((_later, _early) if made else ())]
    return [*(finding for found in in_time for finding in found), *_same(frame, now, name)]


def _labels(label: Label, tables: Tables, frame: pd.DataFrame, kind: RowKind) -> pd.Series:
    said = at(label(tables), frame, kind.key)
    if isinstance(said.dtype, pd.CategoricalDtype):
        said = said.cat.codes.where(said.notna())
    return pd.Series(said.astype("float64").to_numpy(), index=frame.index)


def _later(  # noqa: PLR0917
    label: Label, tables: Tables, frame: pd.DataFrame, kind: RowKind, now: pd.Series, asked: np.ndarray, name: str
) -> list[Finding]:
    """Ask again at the end of some races, with everything that later races left taken away."""
    order = tables.only("races").as_of()["races"].set_index("race_id")["starts_at"]
    for race in asked:
        gone = set(order.index[order > order[race]])
        then = Tables(
            {
                table: rows[~rows[BLOCK].isin(gone)] if BLOCK in rows and table not in ALWAYS_KNOWN else rows
                for table, rows in tables.items()
            }
        )
        try:
            said = _labels(label, then, frame, kind)
        except Exception as error:  # noqa: BLE001 - whatever it is that the user's function raises
            example = {"race_id": int(race), "error": f"{type(error).__name__}: {error}"}
            return [_finding(name, 0, example, "cannot be told without the races after it")]
        differs = (said != now) & now.notna() & ~frame[BLOCK].isin(gone)
        if differs.any():
            reason = (
                "change when the races after them are taken away: a fold would have learned from what nobody knew then"
            )
            return [_finding(name, int(differs.sum()), _example(frame[differs], kind, said, now), reason)]
    return []


def _early(  # noqa: PLR0917
    label: Label, tables: Tables, frame: pd.DataFrame, kind: RowKind, now: pd.Series, asked: np.ndarray, name: str
) -> list[Finding]:
    """Ask before some races, with what was known at the cut-off alone."""
    positive = set(now.dropna().unique()) <= {0.0, 1.0}
    for race in asked:
        own = frame[frame[BLOCK] == race]
        instant = own[CUTOFF].sort_values().iloc[len(own) // 2]
        rows = own[own[CUTOFF] >= instant]
        try:
            said = _labels(label, tables.cut(instant), rows, kind)
        except Exception:  # noqa: BLE001, S112 - it cannot be told yet, as it should be
            continue
        counted = (now[rows.index] == 1.0) if positive else now[rows.index].notna()
        told = counted & (said == now[rows.index])
        if counted.any() and told.sum() > EARLY * counted.sum():
            reason = "are known before the cut-off of their race: there is nothing to forecast"
            return [_finding(name, int(told.sum()), _example(rows[told], kind, said, now), reason)]
    return []


def _same(frame: pd.DataFrame, now: pd.Series, name: str) -> list[Finding]:
    """Compare the target with each feature alone."""
    found = []
    for feature in feature_columns(frame):
        both = pd.DataFrame({"x": frame[feature], "y": now}).dropna()
        if len(both) < FEWEST or both["x"].nunique() < 2 or both["y"].nunique() < 2:
            continue
        told = abs(_rank_agreement(both["x"].to_numpy(np.float64), both["y"].to_numpy(np.float64)))
        if told > TOLD:
            example = {"feature": feature, "agreement": round(told, 4), "limit": TOLD}
            found.append(_finding(name, len(both), example, f"are told almost exactly by the feature {feature}"))
    return found


def _rank_agreement(x: np.ndarray, y: np.ndarray) -> float:
    """Return how far one number tells another: of two values twice the area under the curve less 1, else the rank correlation."""
    from scipy.stats import rankdata

    ranks, values = rankdata(x), np.unique(y)
    if len(values) == 2:
        high = y == values[1]
        above, below = int(high.sum()), int((~high).sum())
        area = (ranks[high].sum() - above * (above + 1) / 2) / (above * below)
        return float(2 * area - 1)
    return float(np.corrcoef(ranks, rankdata(y))[0, 1])


def _finding(name: str, rows: int, example: dict[str, Any], reason: str) -> Finding:
    return Finding(NAME, "finding", name, "target", rows, example, f"of the target {reason}")


def _example(rows: pd.DataFrame, kind: RowKind, then: pd.Series, now: pd.Series) -> dict[str, Any]:
    row = rows.iloc[0]
    keys = {name: int(row[name]) for name in kind.key}
    return {
        **keys,
        "race": f"{row['season']}-{row['round']:02d}",
        "then": float(then[row.name]),
        "now": float(now[row.name]),
    }
