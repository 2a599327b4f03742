"""Statuses of runs in the words of notebooks, one for each of the run store's."""

from __future__ import annotations

from pitwall.domain.errors import UsageError
from pitwall.domain.ports import RunStatus

WORDS = {
    "RUNNING": "running",
    "SCHEDULED": "scheduled",
    "FINISHED": "completed",
    "FAILED": "failed",
    "KILLED": "killed",
}
STATUS = {word: status for status, word in WORDS.items()}
ENDS: dict[str, RunStatus] = {"completed": "FINISHED", "failed": "FAILED", "killed": "KILLED"}


def store_status(word: str) -> RunStatus:
    """Return a status in the run store's words; completed, failed and killed are known, and the store's own.

    Raises:
        UsageError: it is none of these.
    """
    if word.lower() in ENDS:
        return ENDS[word.lower()]
    for known in ENDS.values():
        if word == known:
            return known
    raise UsageError(f"a run ends as {', '.join(ENDS)}; found {word!r}.")
