"""What a person sees while a flow runs: one line per finished step with its time; everything else goes to a log file.

The lines of the log are Prefect's, in the format that `LOG_FORMAT` asks of it through its own logging settings, so what is read here
is what was asked for. A step is a task, or a stage that DVC runs inside one; tasks that only keep the books are counted to the
step after them, and gates, of which each is a task, make one step together.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pitwall.domain import clock

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

    from pitwall.domain.project import Project

_STANDARD = "PREFECT_LOGGING_FORMATTERS_STANDARD"
LOG_FORMAT = {
    f"{_STANDARD}_FORMAT": "%(asctime)s | %(levelname)s | %(name)s - %(message)s",
    f"{_STANDARD}_FLOW_RUN_FMT": "%(asctime)s | %(levelname)s | flow %(flow_run_name)s - %(message)s",
    f"{_STANDARD}_TASK_RUN_FMT": "%(asctime)s | %(levelname)s | task %(task_run_name)s - %(message)s",
    f"{_STANDARD}_DATEFMT": "%Y-%m-%dT%H:%M:%S",
    "PREFECT_LOGGING_COLORS": "false",
    "PYTHONUNBUFFERED": "1",
}
TASK = re.compile(r"\S+ \| \w+ \| task (?P<name>.+?) - Finished in state (?P<state>\w+)")
STAGE = re.compile(r".* - Running stage '(?P<name>.+)':$")
WARNING = re.compile(r"\S+ \| WARNING \| (?P<text>.*)")
ERROR = "error: "

BOOKKEEPING = ("close_killed_runs", "is-stale", "keep", "open-run", "record", "register")
UNNAMED = re.compile(r"-[0-9a-f]{3}$")  # what Prefect adds to the name of a task that has no name of its own
GATE = "gate-"
DATA = "reproduce_data"
WIDTH = 40
KEPT = 50
TAIL = 12


@dataclass
class Steps:
    """Turns the lines of a flow's log into lines for people.

    Attributes:
        say: gets each line for people.
        clock: seconds, only differences matter.
    """

    say: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    _since: float = field(init=False)
    _stage: str = field(default="", init=False)
    _gates: int = field(default=0, init=False)
    _last_gate: float = field(default=0.0, init=False)
    _began: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._since = self.clock()

    def hear(self, line: str) -> None:
        """Take one line of the log; the first one says that the flow has begun."""
        if not self._began:
            self._began = True
            self._finished("start")
        if found := TASK.match(line):
            self._task(UNNAMED.sub("", found["name"]), found["state"])
        elif found := STAGE.match(line):
            self._end_stage()
            self._stage = found["name"]
        elif found := WARNING.match(line):
            self.say(f"! {found['text']}")

    def _task(self, name: str, state: str) -> None:
        if state != "Completed":
            self._end_gates()
            self._finished(f"{name}: {state.lower()}", mark="!")
        elif name.startswith(GATE):
            self._gates, self._last_gate = self._gates + 1, self.clock()
        else:
            self._end_gates()
            staged = self._end_stage()
            if not (name.startswith(BOOKKEEPING) or staged):
                self._finished("data up to date" if name == DATA else name.replace("-", " ", 1))

    def _end_gates(self) -> None:
        if self._gates:
            self._finished(f"{self._gates} gates", at=self._last_gate)
        self._gates = 0

    def _end_stage(self) -> bool:
        stage, self._stage = self._stage, ""
        if stage:
            self._finished(stage.replace("@", " "))
        return bool(stage)

    def _finished(self, step: str, mark: str = " ", at: float | None = None) -> None:
        now = self.clock() if at is None else at
        self.say(f"{mark} {step:<{WIDTH}}{now - self._since:>7.1f} s")
        self._since = now


@dataclass
class Log:
    """The log file of one run of a flow, and its last words for when it fails."""

    path: Path
    stream: IO[str]
    last: deque[str] = field(default_factory=lambda: deque(maxlen=TAIL))
    error: list[str] = field(default_factory=list)

    def hear(self, line: str) -> None:
        """Write one line; from the error message on, what follows belongs to it."""
        self.stream.write(line + "\n")
        self.stream.flush()
        if self.error or line.startswith(ERROR):
            self.error.append(line)
        else:
            self.last.append(line)

    def end(self) -> list[str]:
        """Return what to show of a failed run: the end of the log, then the error."""
        return [f"the end of {self.path}:", *(f"  {line}" for line in self.last), *self.error]


def open_log(project: Project, flow: str) -> Log:
    """Return a new log below `.pitwall/logs/`, named by instant and flow; the oldest beyond fifty are removed."""
    folder = project.state / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.glob("*.log"))[: -KEPT + 1]:
        old.unlink(missing_ok=True)
    path = folder / f"{clock.wall():%Y%m%dT%H%M%S.%f}-{flow}.log"
    return Log(path, path.open("w", encoding="utf-8"))
