"""Six families of leaks, each as it is written by mistake: the table it makes is in order but for one wrong line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from pitwall.domain.params import Params, TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.build import build_group, same_values
from pitwall.features.machinery.group import FeatureGroup
from pitwall.testing.leaks._draw import COLUMNS, NOWHERE, OUTCOMES, Draw, group_of
from pitwall.testing.leaks._laps import later_lap_median
from pitwall.testing.leaks._lines import before, growing_mean, lines, so_far, states

PUBLISHED_LATER = ("results", "qualifying", "practice", "pit_stops", "lap_times")


def own_result(seed: int, where: str | None = None) -> FeatureGroup:
    """A row of the entry list says what its own race will bring."""
    draw = Draw.of(seed, OUTCOMES, ("driver", "constructor")).shown(where)
    return _entry_rows(draw, "own_result", lambda rows: draw.blend(rows, rows["past"], rows["own"]))


def off_by_one(seed: int, where: str | None = None) -> FeatureGroup:
    """A statistic of the races so far forgets to leave out the race itself: shift(0) where shift(1) is due."""
    draw = Draw.of(seed, OUTCOMES, ("driver", "constructor")).shown(where)
    return _entry_rows(draw, "off_by_one", lambda rows: draw.blend(rows, rows["past"], rows["upto"]))


def _entry_rows(draw: Draw, name: str, value: Callable[[pd.DataFrame], pd.Series]) -> FeatureGroup:
    def compute(tables: Tables, settings: Any, time: TimeParams) -> pd.DataFrame:
        rows = before(tables, draw)
        return rows.assign(**{group.names[0]: value(rows), "known_at": rows["past_known"]})[group.columns]

    group = group_of(draw, name, ("race", draw.entity), ("races", "entries", draw.table), compute)
    return group


def centred_window(seed: int, where: str | None = None) -> FeatureGroup:
    """A state after each race smooths with a window that also holds the races after it."""
    draw = Draw.of(seed, tuple(COLUMNS)).shown(where)

    def compute(tables: Tables, settings: Any, time: TimeParams) -> pd.DataFrame:
        rows = lines(tables, draw)
        per = rows["value"].groupby(rows[draw.key])
        centred = per.rolling(2 * (draw.window // 2) + 1, center=True, min_periods=1).mean().droplevel(0)
        value = draw.blend(rows, so_far(rows["value"], rows[draw.key], draw), centred.reindex(rows.index))
        return states(rows, value, group)

    group = group_of(draw, "centred_window", (draw.entity,), ("races", "entries", draw.table), compute)
    return group


def encoding_over_all_years(seed: int, where: str | None = None) -> FeatureGroup:
    """A category is encoded by its mean over all the data, or over the whole season."""
    draw = Draw.of(seed, OUTCOMES).shown(where)
    ahead = draw.form % 2 == 0 and draw.entity != "circuit"

    def encoded(rows: pd.DataFrame, value: str) -> pd.Series:
        by = [draw.key, "season"] if draw.form % 3 == 0 else [draw.key]
        per = rows.groupby(by)[value]
        overall, weight = rows[value].mean(), draw.window if draw.form % 5 == 0 else 0
        return (per.transform("sum") + weight * overall) / (per.transform("count") + weight)

    def compute(tables: Tables, settings: Any, time: TimeParams) -> pd.DataFrame:
        if ahead:
            rows = before(tables, draw)
            value = draw.blend(rows, rows["past"], encoded(rows, "own"))
            return rows.assign(**{group.names[0]: value, "known_at": rows["past_known"]})[group.columns]
        rows = lines(tables, draw)
        honest = growing_mean(rows["value"], rows[draw.key])
        return states(rows, draw.blend(rows, honest, encoded(rows, "value")), group)

    entities = ("race", draw.entity) if ahead else (draw.entity,)
    group = group_of(draw, "encoding", entities, ("races", "entries", draw.table), compute)
    return group


def ignored_known_at(seed: int, where: str | None = None) -> FeatureGroup:
    """A row is stamped by when things happened, or by the first of two publications that it is made of."""
    draw = Draw.of(seed, PUBLISHED_LATER).shown(where)
    second = ("results", "place")
    both = draw.form % 3 == 0 and draw.table in {"qualifying", "practice"}  # published before the second table

    def compute(tables: Tables, settings: Any, time: TimeParams) -> pd.DataFrame:
        rows = lines(tables, draw)
        value, stamped = so_far(rows["value"], rows[draw.key], draw), rows["event_timestamp"]
        if both:  # the second table's publication is forgotten
            other = Draw(**{**vars(draw), "table": second[0], "column": second[1]})
            more = lines(tables, other)[["race_id", draw.key, "value"]].rename(columns={"value": "more"})
            extra = rows[["race_id", draw.key]].merge(more, how="left")["more"]
            value, stamped = value.where(extra.isna() | ~draw.leaks(rows), value + extra), rows["known_at"]
        right = states(rows, value, group)
        early = draw.leaks(rows) & ~pd.Series(both, rows.index)
        return right.assign(known_at=stamped if both else right["known_at"].where(~early, stamped))

    reads = ("races", "entries", draw.table, *((second[0],) if both else ()))
    group = group_of(draw, "ignored_known_at", (draw.entity,), reads, compute)
    return group


FAMILIES: dict[str, Callable[[int, str | None], FeatureGroup]] = {
    "own result": own_result,
    "off by one": off_by_one,
    "centred window": centred_window,
    "encoding over all years": encoding_over_all_years,
    "ignored known_at": ignored_known_at,
    "later-lap median": later_lap_median,
}


def planted_group(family: str, seed: int) -> FeatureGroup:
    """Return the group of a family that a seed draws."""
    return FAMILIES[family](seed, None)


def shows(family: str, seed: int, tables: Tables, params: Params) -> bool:
    """Return whether a drawn leak changes anything on some tables: its values, or when a value that is news is known.

    It is told by the honest twin, the same feature without the wrong line, and knows no audit.
    """
    group, twin = FAMILIES[family](seed, None), FAMILIES[family](seed, NOWHERE)
    rows, honest = build_group(group, tables, params), build_group(twin, tables, params)
    if len(rows) != len(honest):
        return True
    changed = ~same_values(rows[group.names], honest[group.names]).to_numpy()[:, 0]
    news = rows[group.names[0]].ne(rows.groupby(group.keys)[group.names[0]].shift(1)).to_numpy()
    early = (rows["known_at"] < honest["known_at"]).to_numpy()
    return bool((changed | (early & news)).any())
