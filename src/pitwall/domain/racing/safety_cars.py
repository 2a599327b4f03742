"""In which races a safety car came out: told by the live feed, by the list of race control, or not at all.

Either is believed where it names one: the feed has no laps behind the safety car before a race was started, and the list lacks
cars that were out for a moment before a red flag. A virtual safety car is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from pitwall.domain.tables import Tables

READS = ("races", "results", "race_control", "track_status")
MEANING = "a safety car (not a virtual one) was out during the race; unknown where neither a feed nor a list tells"
SINCE = 1993  # the season from which the regulations provide for one; before it a few races tried one out
FEED_CODE = "4"


def safety_cars(tables: Tables) -> pd.Series:
    """Return whether a safety car came out, by race_id, for races whose results are out; null where nobody tells.

    Without a feed, a race that the list does not name had none, if the list was kept by then: from the season `SINCE` and its
    own first entry on, and up to its last one. Beyond that, silence means that nobody wrote it down.

    Args:
        tables: those of `READS`, one version per row.
    """
    races, told = _run(tables), tables["race_control"]
    last = races["starts_at"].where(races["race_id"].isin(told["race_id"])).max()
    return out_so_far(tables).where(_in_feed(races, tables) | (races.set_index("race_id")["starts_at"] <= last))


def out_so_far(tables: Tables) -> pd.Series:
    """Return the same as it could be said after each race: a list that has begun is taken to be kept ever since.

    What is said of a race then never changes because of a later one, as a feature needs.
    """
    races, told = _run(tables), tables["race_control"]
    listed = told.loc[told["kind"] == "safety_car", "race_id"]
    messages = tables["track_status"]
    shown = messages.loc[(messages["seconds"] >= 0) & (messages["status"] == FEED_CODE), "race_id"]
    begun = (races["season"] >= SINCE) & (
        races["starts_at"] >= races["starts_at"].where(races["race_id"].isin(listed)).min()
    )
    out = (races["race_id"].isin(listed) | races["race_id"].isin(shown)).set_axis(races["race_id"])
    return out.astype("boolean").where(_in_feed(races, tables) | begun.set_axis(races["race_id"])).rename("safety_car")


def _run(tables: Tables) -> pd.DataFrame:
    races = tables["races"]
    return races[races["race_id"].isin(tables["results"]["race_id"])].sort_values("race_id")


def _in_feed(races: pd.DataFrame, tables: Tables) -> pd.Series:
    return races["race_id"].isin(tables["track_status"]["race_id"]).set_axis(races["race_id"])
