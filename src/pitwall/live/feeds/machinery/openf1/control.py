"""What messages of race control mean for the state of track and session, in the codes of the canonical tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CLEAR, YELLOW, SAFETY_CAR, RED, VIRTUAL, VIRTUAL_ENDS = "1", "2", "4", "5", "6", "7"
STARTED = "SESSION STARTED"
FLAGS = {"GREEN": CLEAR, "CLEAR": CLEAR, "YELLOW": YELLOW, "DOUBLE YELLOW": YELLOW, "RED": RED}


def track_word(row: Mapping[str, Any]) -> str | None:
    """Return the code of the track's status that a message sets; None where it sets none, or that of a sector alone."""
    message = str(row.get("message") or "").upper()
    if row.get("category") == "SafetyCar" or "SAFETY CAR" in message:
        virtual = "VIRTUAL" in message or "VSC" in message
        if "DEPLOYED" in message:
            return VIRTUAL if virtual else SAFETY_CAR
        return VIRTUAL_ENDS if virtual and "ENDING" in message else None
    if row.get("category") == "Flag" and row.get("scope") == "Track":
        return FLAGS.get(str(row.get("flag")))
    return None


def session_word(row: Mapping[str, Any]) -> str | None:
    """Return the status of the session that a message sets; None where it sets none."""
    flag, message = row.get("flag"), str(row.get("message") or "").upper()
    if flag == "CHEQUERED":
        return "Finished"
    if flag == "RED":
        return "Aborted"
    if STARTED in message or "RACE WILL RESUME" in message or "SESSION RESUMED" in message:
        return "Started"
    return None
