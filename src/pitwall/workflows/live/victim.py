"""A process that follows a race and is killed in the midst of it, for the proof that nothing is lost by that.

`python -m pitwall.workflows.live.victim ROOT RACE STATE LAP [MODEL ...]`
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from pitwall.domain.project import Project
from pitwall.workflows.live.watch import watch
from pitwall.workflows.workspace import Workspace


def main(arguments: Sequence[str]) -> None:
    """Follow a race until a lap is told, then die without a word."""
    root, race, state, lap, *models = arguments
    with Workspace(Project(Path(root))) as workspace:
        for answer in watch(workspace, race=race, state=Path(state), models=models):
            if answer.lap >= int(lap):
                os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
