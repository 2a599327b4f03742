"""Title forecasts as rows of the track record: entered before the next weekend begins, scored when the season is over.

Beside our chances stands a baseline that needs no model: the share of the points scored so far, everybody given one point more, so that nobody has no
chance and all have the same before the first round. A score is the log loss of who took the title; a chance from draws is taken to be at least half a draw.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from pitwall.domain.records.chain import Row, canonical
from pitwall.domain.records.track_record import TITLE, TITLES, instant
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage
from pitwall.ml.championship.forecast import ChampionshipForecast, Chance, chances
from pitwall.ml.championship.rest import rest_of
from pitwall.ml.championship.season import season_of

DIGITS = 6
Sides = Mapping[str, Mapping[str, float]]  # ours and baseline -> id -> P(title)


def title_row(made: ChampionshipForecast, race: str, starts_at: datetime) -> Row:
    """Return the row of a title forecast, without its place in the chain.

    Args:
        made: the forecast of a season with races to come.
        race: the next one, e.g. 2024-13.
        starts_at: when its weekend starts, as known now.
    """
    said = {name: _sides(each) for name, each in zip(TITLES, (made.drivers, made.teams), strict=True)}
    about = {
        "kind": TITLE,
        "race": race,
        "stage": Stage.PRE_WEEKEND.value,
        "model": made.model,
        "version": made.version,
        "season": made.season,
        "after": made.after,
        "draws": made.draws,
        "said": said,
        "starts_at": instant(starts_at),
    }
    return {**about, "content": sha256(canonical(about).encode()).hexdigest()}


def title_scores(row: Row, tables: Tables) -> dict[str, dict[str, dict[str, float]]]:
    """Return {title: {ours and baseline: {log_loss: value}}} of a title forecast; nothing before the season is over."""
    known = season_of(tables, row["season"])
    if known.after < known.rounds:
        return {}
    final = chances(known, None, rest_of(known), draws=0, seed=0)
    return {
        title: {side: {"log_loss": _loss(said, took, row["draws"])} for side, said in row["said"][title].items()}
        for title, took in zip(TITLES, final, strict=True)
    }


def _sides(lines: Sequence[Chance]) -> dict[str, dict[str, float]]:
    total = sum(each.points + 1 for each in lines)
    share = {str(each.who): round((each.points + 1) / total, DIGITS) for each in lines}
    return {"ours": {str(each.who): each.title for each in lines}, "baseline": share}


def _loss(said: Mapping[str, float], took: Sequence[Chance], draws: int) -> float:
    """Return the log loss of who took the title; one that is shared counts by its shares."""
    losses = (-each.title * math.log(max(said.get(str(each.who), 0.0), 0.5 / draws)) for each in took if each.title)
    return round(sum(losses), DIGITS)
