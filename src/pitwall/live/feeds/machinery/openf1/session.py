"""Which session of OpenF1 a race of the calendar is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pitwall.live.answer import LiveError
from pitwall.live.feeds.machinery.openf1.client import Client
from pitwall.ml.data.calendar import Race

FAR_S = 36 * 3600.0  # a race starts within so many seconds of what the calendar says


@dataclass(frozen=True)
class Session:
    """A session: its key, and its scheduled start in seconds since 1970."""

    key: int
    starts: float


def instant(text: str) -> float:
    """Return an instant of the API in seconds since 1970; raise ValueError for a text that is none."""
    return datetime.fromisoformat(text).timestamp()


def find_session(client: Client, race: Race) -> Session:
    """Return the session of a race: the one of the season called `Race` that starts nearest to it.

    Raises:
        LiveError: the API does not answer, or has none within a day and a half.
    """
    rows = client.ask("sessions", year=race.season, session_name="Race")
    if rows is None:
        raise LiveError("openf1 does not answer; try again, or replay a race of the data (`--source replay`).")
    asked = race.starts_at.timestamp()
    try:
        found = [Session(int(row["session_key"]), instant(row["date_start"])) for row in rows]
    except (KeyError, TypeError, ValueError) as error:
        raise LiveError(
            f"openf1 tells sessions in another form ({type(error).__name__}: {error}); update pitwall."
        ) from error
    near = [each for each in found if abs(each.starts - asked) <= FAR_S]
    if not near:
        raise LiveError(
            f"openf1 has no race within a day and a half of {race.label}, {race.name} ({race.starts_at:%Y-%m-%d %H:%M} UTC)."
        )
    return min(near, key=lambda each: abs(each.starts - asked))
