"""Read the track's status and the session's from the messages of race control.

The API tells flags and messages; FastF1's form is a log of codes: 1 clear, 2 yellow, 4 safety car, 5 red flag, 6 virtual safety car, 7 its
end. A safety car and a red flag hide the yellow flags below them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

CLEAR, YELLOW, SAFETY_CAR, RED, VIRTUAL, VIRTUAL_ENDS = "1", "2", "4", "5", "6", "7"
CALLED = {
    CLEAR: "AllClear",
    YELLOW: "Yellow",
    SAFETY_CAR: "SCDeployed",
    RED: "Red",
    VIRTUAL: "VSCDeployed",
    VIRTUAL_ENDS: "VSCEnding",
}
YELLOWS = ("YELLOW", "DOUBLE YELLOW")
STARTED, ABORTED, FINISHED = "Started", "Aborted", "Finished"
LIGHTS_OUT, GOES_ON = "SESSION STARTED", "SESSION RESUMED"


@dataclass
class TrackLog:
    """The two logs as they grow: (seconds, code) of the track and (seconds, status) of the session."""

    track: list[tuple[float, str]] = field(default_factory=list)
    session: list[tuple[float, str]] = field(default_factory=list)
    _sectors: set[str] = field(default_factory=set)
    _over: str = CLEAR  # what hides the sectors: a safety car, a red flag, or nothing

    def add(self, seconds: float, row: Mapping[str, Any]) -> None:
        """Read one message."""
        message, flag = str(row["message"]).upper(), str(row.get("flag") or "").upper()
        self._neutralised(message, flag)
        self._flagged(flag, str(row.get("sector") or "track"))
        self._say(seconds)
        if flag == "RED":
            self._session(seconds, ABORTED)
        elif LIGHTS_OUT in message or GOES_ON in message:
            self._session(seconds, STARTED)
        elif flag == "CHEQUERED":
            self._session(seconds, FINISHED)

    def _neutralised(self, message: str, flag: str) -> None:
        if "VIRTUAL SAFETY CAR" in message or message.startswith("VSC"):
            self._over = VIRTUAL_ENDS if "ENDING" in message else VIRTUAL
        elif "SAFETY CAR DEPLOYED" in message:
            self._over = SAFETY_CAR
        elif flag == "RED":
            self._over = RED
        elif GOES_ON in message or (flag in ("GREEN", "CLEAR") and "SECTOR" not in message):
            self._over = CLEAR

    def _flagged(self, flag: str, where: str) -> None:
        if flag in YELLOWS:
            self._sectors.add(where)
        elif flag in ("CLEAR", "GREEN"):
            self._sectors = set() if where == "track" else self._sectors - {where}

    def _say(self, seconds: float) -> None:
        code = self._over if self._over != CLEAR else (YELLOW if self._sectors else CLEAR)
        if (self.track[-1][1] if self.track else CLEAR) != code:
            self.track.append((seconds, code))

    def _session(self, seconds: float, status: str) -> None:
        if not self.session or self.session[-1][1] != status:
            self.session.append((seconds, status))


def read_log(messages: Iterable[tuple[float, Mapping[str, Any]]]) -> TrackLog:
    """Return the logs of messages, each with its instant in seconds."""
    log = TrackLog()
    for seconds, row in sorted(messages, key=lambda each: each[0]):
        log.add(seconds, row)
    return log


def in_force(track: list[tuple[float, str]], start: float, end: float) -> str:
    """Return all codes in force at some time of a lap, each once, in order.

    Example:
        >>> in_force([(10.0, "4"), (30.0, "1")], 20.0, 40.0)
        '41'
    """
    before = [code for seconds, code in track if seconds <= start]
    codes = [before[-1] if before else CLEAR, *(code for seconds, code in track if start < seconds < end)]
    return "".join(dict.fromkeys(codes))
