"""A forecast within a race, as the track record holds it: what was said of every car at one of a few shares of the distance.

Its session has begun, so what makes it a forecast is another thing than of one before the start: it was written while what it knows was new. A
row is prompt if it was written within minutes of the instant that it knows nothing after. Whether the race was over by then is looked at again
when it is scored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from pitwall.domain.records.chain import canonical

LIVE = "live"  # kind of a row
SHARES = (0.0, 0.25, 0.5, 0.75)  # of the usual distance
PROMPT_S, AHEAD_S = 300.0, 5.0  # written so long after its instant at most; clocks may differ by so much
MODEL = "in_race-in_race"  # who answers all of these questions
SCORED_AS = {"race_winner_live": "race_winner", "podium_live": "podium"}  # the same event, asked before the race
BASELINE = ".baseline"  # ends the name under which the answer to beat stands beside ours
VERSION = re.compile(r"model version (\d+)")
HOLDS = {
    "starts_at",
    "in_time",
    "version",
    "role",
    "content",
    "share",
    "lap",
    "distance",
    "instant",
    "source",
    "said",
    "baseline",
}

Row = dict[str, Any]
Chances = Mapping[str, Mapping[str, float]]  # question -> driver id -> chance


def live_row(about: Mapping[str, Any], said: Chances, baseline: Chances) -> Row:
    """Return the row of a forecast within a race, without its place in the chain.

    Args:
        about: race, model, version, share, lap, distance, revision, instant (ISO, UTC), source and starts_at.
        said: by question the chances of the cars.
        baseline: the same of the answer to beat, of questions that have it.
    """
    row = {"kind": LIVE, "stage": "in_race", "role": "champion", **about, "said": said, "baseline": baseline}
    return {**row, "content": sha256(canonical(row).encode()).hexdigest()}


def is_prompt(row: Mapping[str, Any]) -> bool:
    """Return whether a row was written while what it knows was new."""
    late = (datetime.fromisoformat(row["at"]) - datetime.fromisoformat(row["instant"])).total_seconds()
    return -AHEAD_S <= late <= PROMPT_S


def share_of(lap: int, distance: int | None) -> float | None:
    """Return the share of the distance that a lap stands for; None of laps that stand for none.

    A lap stands for the share that it is the first to reach, within a twentieth of the distance: who joins a race late forecasts from there on.

    Example:
        >>> [share_of(lap, 52) for lap in (0, 1, 12, 13, 14, 20, 26, 39)]
        [0.0, 0.0, None, 0.25, 0.25, None, 0.5, 0.75]
    """
    if not distance:
        return None
    done = lap / distance
    reached = max(share for share in SHARES if share <= done)
    return reached if done - reached <= 0.05 else None


def question_at(question: str, share: float) -> str:
    """Return what a question is called in tables, with the share of the distance.

    Example:
        >>> question_at("race_winner_live", 0.25)
        'race_winner_live at 25 %'
    """
    return f"{question} at {share * 100:.0f} %"
