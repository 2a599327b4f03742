"""Frames made in memory: a point-in-time join without a store, and a few honest features as the order model reads them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pitwall.domain.keys import RACE_DRIVER
from pitwall.domain.params import Params
from pitwall.domain.tables import Tables
from pitwall.features.machinery.build import build_group
from pitwall.features.machinery.group import FeatureGroup
from pitwall.features.machinery.known import as_known
from pitwall.ml.rows import row_kind

KEY = list(RACE_DRIVER)


def order_frame(tables: Tables, stage: str = "pre_race") -> pd.DataFrame:
    """Return a spine with a few honest features, made in memory: what the order model's frame looks like.

    Features: grid (slot), qualifying_gap_pct (%), driver_race_rating and team_race_rating (minus the mean place so far),
    championship_place (before the race).
    """
    spine = row_kind("race_driver").spine(tables, stage)
    newest = tables.as_of()
    frame = spine.merge(newest["grid"][[*KEY, "grid"]], on=KEY, how="left").merge(
        _qualifying(newest), on=KEY, how="left"
    )
    places = spine.merge(newest["results"][[*KEY, "place"]], on=KEY, how="left")["place"].astype("float64")
    for who, name in (("driver_id", "driver_race_rating"), ("constructor_id", "team_race_rating")):
        frame[name] = -_before(places, spine[who], spine["race_id"])
    frame["championship_place"] = _standing(newest, spine)
    features = [name for name in frame.columns if name not in spine.columns]
    return frame.astype(dict.fromkeys(features, "float64"))


def _qualifying(newest: Tables) -> pd.DataFrame:
    rows = newest["qualifying"]
    best = rows[["q1", "q2", "q3"]].min(axis=1)
    pole = best.groupby(rows["race_id"]).transform("min")
    return rows[KEY].assign(qualifying_gap_pct=(100 * (best / pole - 1)).clip(upper=5.0))


def _before(places: pd.Series, who: pd.Series, race: pd.Series) -> pd.Series:
    """Return the mean place over earlier races per entity, which all its cars share."""
    per_race = pd.DataFrame({"who": who, "race": race, "place": places})
    means = per_race.groupby(["who", "race"], sort=False)["place"].mean().reset_index()
    means["mean"] = means.groupby("who")["place"].transform(lambda own: own.shift().expanding().mean())
    return per_race.merge(means, on=["who", "race"], how="left")["mean"]


def _standing(newest: Tables, spine: pd.DataFrame) -> pd.Series:
    order = spine.drop_duplicates("race_id")[["race_id", "season"]]
    previous = order.assign(before=order.groupby("season")["race_id"].shift())[["race_id", "before"]]
    table = newest["driver_standings"].rename(columns={"race_id": "before", "place": "standing"})
    joined = spine.merge(previous, on="race_id", how="left")
    return joined.merge(table[["before", "driver_id", "standing"]], on=["before", "driver_id"], how="left")["standing"]


def joined(spine: pd.DataFrame, groups: tuple[FeatureGroup, ...], tables: Tables, params: Params) -> pd.DataFrame:
    """Return the spine with the newest known features of each group: a point-in-time join in memory."""
    return join(spine, {group: build_group(group, tables, params) for group in groups})


def join(spine: pd.DataFrame, built: Mapping[FeatureGroup, pd.DataFrame]) -> pd.DataFrame:
    """Return the spine with the newest known row of each built table."""
    found = [as_known(spine, group, rows)[group.names] for group, rows in built.items()]
    return pd.concat([spine, *found], axis=1).reset_index(drop=True)
