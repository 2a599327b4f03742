"""The process of a watcher: it follows a race and publishes what is said, until the race ends or it is told to stop.

`python -m pitwall.workflows.live.watchers.process ROOT RACE SOURCE SPEED`; a speed of 0 is as fast as it goes.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pitwall.domain.project import Project
from pitwall.live.control import Control
from pitwall.workflows.live.entering import Entering
from pitwall.workflows.live.followed import Wish, follow
from pitwall.workflows.live.watchers.notes import Notes, life, now, read_notes, write_notes
from pitwall.workflows.workspace import Workspace

ASKED_S = 2.0  # for which somebody who asks whether a watcher lives may hold its lock


def main(arguments: Sequence[str]) -> int:
    """Follow a race and return the exit code; why it failed is in the notes."""
    root, race, source, speed = arguments
    project = Project(Path(root))
    asked = read_notes(project, race) or Notes(race, source, float(speed) or None, now())
    notes = replace(asked, pid=os.getpid())
    with life(project, race).acquire(timeout=ASKED_S):
        write_notes(project, notes)
        try:
            _follow(project, Wish(source, race, notes.speed, publish=True))
        except Exception as error:  # noqa: BLE001 - whatever it is, the page that started it tells it
            write_notes(project, replace(notes, failed=f"{error}" or type(error).__name__))
            return 1
    return 0


def _follow(project: Project, wish: Wish) -> None:
    control = Control(wish.speed)
    signal.signal(signal.SIGTERM, lambda *_: control.stop())
    with Workspace(project) as workspace:
        for _ in follow(workspace, wish, control, Entering(workspace)):
            pass


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
