"""`pitwall live` on a race that nobody drives: what it prints and obeys is real, only the answers are made up. Arguments: those of the command."""

from __future__ import annotations

import sys

from pitwall.testing.live.watched import watched
from pitwall.workflows.live import followed


def played(_workspace, *, control, race=None, **_wishes):
    """Play laps at a lap each third of a second, as the hand says."""
    answers, lap = list(watched(race or "2023-12", laps=40)), 0
    while lap < len(answers) and not control.stopped:
        yield answers[lap]
        control.wait(0.3)
        sought = control.sought()
        lap = lap + 1 if sought is None else min(sought, len(answers) - 1)


followed.watch = played

from pitwall.cli import main  # noqa: E402  (after the race is in place)

if __name__ == "__main__":
    sys.exit(main())
