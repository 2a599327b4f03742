"""Seasons under way: their races with results are scored, and whatever shows such a season says that it is a part of one.

A look at a part opens the season as a look at all of it does, so it is written down with the held-out log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.ml.evaluation import holdout_log
from pitwall.ml.evaluation.scoring import Row
from pitwall.ml.families.predictions import by_estimator
from pitwall.ml.training.splits import season_races

if TYPE_CHECKING:
    from pitwall.ml.backtest.engine import Forecasts

Parts = Mapping[int, str]


def scorable(tables: Tables, frame: pd.DataFrame) -> list[int]:
    """Return the seasons with a race that has results and rows in the frame, in order."""
    races = season_races(tables)
    return sorted(int(season) for season in set(races.loc[_scored(races, frame), "season"]))


def parts_of(tables: Tables, frame: pd.DataFrame, seasons: Sequence[int]) -> dict[int, str]:
    """Return `{season: "12 of 24"}` of the seasons of whose calendar not every race can be scored."""
    races = season_races(tables)
    counted = _scored(races, frame).groupby(races["season"]).agg(["sum", "size"])
    shares = {season: counted.loc[season] for season in seasons}
    return {
        season: f"{share['sum']} of {share['size']}" for season, share in shares.items() if share["sum"] < share["size"]
    }


def season_name(season: int, parts: Parts) -> str:
    """Return a season as people read it.

    Example:
        >>> season_name(2024, {2024: "12 of 24"}), season_name(2023, {2024: "12 of 24"})
        ('2024 (12 of 24 races)', '2023')
    """
    return f"{season} ({parts[season]} races)" if season in parts else str(season)


def span(seasons: Sequence[int], parts: Parts, until: str = " to ") -> str:
    """Return the first and the last of some seasons; each one that is a part of a season says so.

    Example:
        >>> span([2022, 2023, 2024], {2024: "12 of 24"})
        '2022 to 2024 (12 of 24 races)'
    """
    ends = [season_name(season, parts) for season in dict.fromkeys((seasons[0], seasons[-1]))]
    between = [season_name(season, parts) for season in seasons[1:-1] if season in parts]
    return until.join(ends) + (f", {', '.join(between)}" if between else "")


def marked(rows: Sequence[Row], parts: Parts) -> list[Row]:
    """Return the rows, those of a part of a season with `partial`: "12 of 24"; pooled ones name the season too."""
    shares: dict[int | str, str] = dict(parts.items())
    if parts:
        shares["all"] = ", ".join(f"{season}: {share}" for season, share in parts.items())
    return [{**row, "partial": shares[row["season"]]} if row.get("season") in shares else row for row in rows]


def record(forecasts: Forecasts) -> None:
    """Write down that ours was scored on parts of seasons; complete ones are written down where candidates are judged."""
    plan = forecasts.plan
    own = by_estimator(forecasts.predictions)[plan.ours.name]
    seen = own[own["season"].isin(list(plan.parts))]
    if len(seen):
        holdout_log.record(plan.job.project, plan.job.name, seen, plan.parts)


def _scored(races: pd.DataFrame, frame: pd.DataFrame) -> pd.Series:
    return races["run"] & races["race_id"].isin(frame["race_id"])
