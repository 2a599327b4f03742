"""Features that are correct in time, of the same grammar as the planted ones; some look suspicious and are not.

Among them: strong ones (the grid, the qualifying gap), ratings that read every car, nearly constant and sparse ones,
season resets, encodings that grow with the years, the calendar, and rows that stand before the race with the past only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.params import TimeParams
from pitwall.domain.tables import Tables
from pitwall.features.machinery.group import FeatureGroup
from pitwall.features.machinery.shared.states import cumulative_known
from pitwall.testing.leaks._draw import COLUMNS, Draw, group_of
from pitwall.testing.leaks._laps import clean_lap
from pitwall.testing.leaks._lines import before, entered, growing_mean, lines, so_far, states


def state(seed: int) -> FeatureGroup:
    """A statistic of the lines so far, known when they are."""
    return _states(seed, "state", lambda rows, draw: so_far(rows["value"], rows[draw.key], draw))


def season_reset(seed: int) -> FeatureGroup:
    """The same, begun anew each season."""

    def value(rows: pd.DataFrame, draw: Draw) -> pd.Series:
        return so_far(rows["value"], rows[draw.key] * 10_000 + rows["season"], draw)

    return _states(seed, "season_reset", value)


def nearly_constant(seed: int) -> FeatureGroup:
    """A number that is the same but for a few rows."""

    def value(rows: pd.DataFrame, draw: Draw) -> pd.Series:
        return so_far(rows["value"], rows[draw.key], draw).where(draw.leaks(rows), 1.0)

    return _states(seed, "nearly_constant", value)


def sparse(seed: int) -> FeatureGroup:
    """A number that is there in a few rows only."""

    def value(rows: pd.DataFrame, draw: Draw) -> pd.Series:
        return so_far(rows["value"], rows[draw.key], draw).where(draw.leaks(rows))

    return _states(seed, "sparse", value)


def growing_encoding(seed: int) -> FeatureGroup:
    """A category encoded by its mean over the lines so far."""
    return _states(seed, "growing_encoding", lambda rows, draw: growing_mean(rows["value"], rows[draw.key]))


def _states(seed: int, name: str, value: Callable[[pd.DataFrame, Draw], pd.Series]) -> FeatureGroup:
    draw = Draw.of(seed, tuple(COLUMNS))

    def compute(tables: Tables, settings: Any, time: TimeParams) -> pd.DataFrame:
        rows = lines(tables, draw)
        return states(rows, value(rows, draw), group)

    group = group_of(draw, name, (draw.entity,), ("races", "entries", draw.table), compute)
    return group


def the_past(seed: int) -> FeatureGroup:
    """A row of the entry list says what the races before it brought."""
    draw = Draw.of(seed, tuple(COLUMNS), ("driver", "constructor"))

    def compute(tables: Tables, settings: Any, time: TimeParams) -> pd.DataFrame:
        rows = before(tables, draw)
        return rows.assign(**{group.names[0]: rows["past"], "known_at": rows["past_known"]})[group.columns]

    group = group_of(draw, "the_past", ("race", draw.entity), ("races", "entries", draw.table), compute)
    return group


def session(seed: int) -> FeatureGroup:
    """What a session of the weekend shows, when it is published: a value, or the gap to the best."""
    draw = Draw.of(seed, ("grid", "qualifying", "practice"), ("driver",))

    def compute(tables: Tables, settings: Any, time: TimeParams) -> pd.DataFrame:
        rows = lines(tables, draw)
        best = rows.groupby("race_id")["value"].transform("min")
        return rows.assign(**{group.names[0]: rows["value"] - (draw.form % 2) * best})[group.columns]

    group = group_of(draw, "session", ("race", "driver"), ("races", "entries", draw.table), compute)
    return group


def rating(seed: int) -> FeatureGroup:
    """An Elo rating of drivers or teams from the orders of races, which reads every car of every race so far."""
    draw = Draw.of(seed, ("results", "qualifying", "practice"), ("driver", "constructor"))

    def compute(tables: Tables, settings: Any, time: TimeParams) -> pd.DataFrame:
        rows = lines(tables, Draw(**{**vars(draw), "column": "place"}))
        rated: dict[int, float] = {}
        values = np.empty(len(rows))
        for at in rows.groupby("race_id", sort=False).indices.values():
            keys, place = rows[draw.key].to_numpy()[at], rows["value"].to_numpy()[at]
            now = np.array([rated.get(key, 0.0) for key in keys])
            won = (place[:, None] < place[None, :]).sum(axis=1)
            expected = (1 / (1 + np.exp(now[None, :] - now[:, None]))).sum(axis=1) - 0.5
            values[at] = now + 0.1 * draw.window * (won - expected) / max(len(at) - 1, 1)
            rated.update(zip(keys.tolist(), values[at].tolist(), strict=True))
        known = cumulative_known(rows.assign(all=0), ["all"])
        return rows.assign(**{group.names[0]: values, "known_at": known})[group.columns]

    group = group_of(draw, "rating", (draw.entity,), ("races", "entries", draw.table), compute)
    return group


def calendar(seed: int) -> FeatureGroup:
    """What the calendar says of the race in January: its number, or how many races follow."""
    draw = Draw.of(seed, ("grid",), ("driver",))

    def compute(tables: Tables, settings: Any, time: TimeParams) -> pd.DataFrame:
        rows = entered(tables, draw)
        last = rows["season"].map(tables["races"].groupby("season")["round"].max())
        value = (last - rows["round"] if draw.form % 2 else rows["round"]).astype("float64")
        return rows.assign(**{group.names[0]: value})[group.columns]

    group = group_of(draw, "calendar", ("race", "driver"), ("races", "entries"), compute)
    return group


KINDS: tuple[Callable[[int], FeatureGroup], ...] = (
    state,
    state,
    season_reset,
    nearly_constant,
    sparse,
    growing_encoding,
    the_past,
    the_past,
    session,
    rating,
    calendar,
    clean_lap,
)


def clean_group(seed: int) -> FeatureGroup:
    """Return the clean group that a seed draws."""
    return KINDS[seed % len(KINDS)](seed)
