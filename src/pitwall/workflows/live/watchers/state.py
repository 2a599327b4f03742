"""Start, stop and see the watchers of races: nothing is remembered here, so that whoever asks after a crash is told how things stand."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock

from pitwall.domain.clock import wall
from pitwall.domain.project import Project
from pitwall.live.answer import LiveError
from pitwall.live.feeds import feed
from pitwall.workflows.live.published import END, FINISHED, Line, folder, head, last_lines, published
from pitwall.workflows.live.watch import coming
from pitwall.workflows.live.watchers.notes import Notes, is_held, life, now, read_notes, write_notes
from pitwall.workflows.workspace import Workspace

SILENT_S = 30.0  # without a line, from which on a watcher is called silent
BEGINS_S = 20.0  # that a process may take before it says that it lives
State = Literal["starting", "following", "silent", "finished", "stopped", "failed", "gone"]


@dataclass(frozen=True)
class Watcher:
    """How the watcher of a race stands.

    Attributes:
        race: label.
        source: of the events.
        state: `gone` is one whose process ended without a word.
        said: the same in a sentence.
        lap: of the newest answer; None before the first one.
        can_stop: whether it was started from a page and lives.
    """

    race: str
    source: str
    state: State
    said: str
    lap: int | None = None
    can_stop: bool = False

    @property
    def active(self) -> bool:
        """Whether more may come."""
        return self.state in {"starting", "following", "silent"}


def start(workspace: Workspace, source: str, race: str = "", speed: float | None = None) -> str:
    """Start a watcher and return the race that it follows.

    Args:
        workspace: of the project.
        source: a feed.
        race: label; of a feed of coming races the next one when empty.
        speed: of a replay, seconds of the race in a second; as fast as it goes when None.

    Raises:
        LiveError: the race has a watcher, or is no label.
        UnknownName: there is no such feed.
        UsageError: the feed needs a race.
    """
    label = race or coming(workspace, feed(source))
    feed(source)
    project = workspace.project
    if is_held(life(project, label)) or is_held(_publishing(project, label)):
        raise LiveError(f"{label} has a watcher already; look at it, or stop it and start again.")
    write_notes(project, Notes(label, source, speed, now()))
    command = [sys.executable, "-m", "pitwall.workflows.live.watchers.process", str(project.root), label, source]
    with (folder(project) / f"{label}.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, str(speed or 0)], stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
        )
    threading.Thread(target=process.wait, daemon=True).start()  # so that no process stays behind that has ended
    return label


def stop(project: Project, race: str) -> None:
    """Tell a watcher that a page started to end; it says so to its readers.

    Raises:
        LiveError: there is none that lives.
    """
    notes = read_notes(project, race)
    if notes is None or not notes.pid or not is_held(life(project, race)):
        raise LiveError(f"no watcher of {race} that was started here lives; one of a terminal is stopped there.")
    os.kill(notes.pid, signal.SIGTERM)


def watcher(project: Project, race: str) -> Watcher | None:
    """Return how the watcher of a race stands; None where there never was one."""
    notes, path = read_notes(project, race), published(project).get(race)
    lives = is_held(life(project, race))
    if path is None or (notes is not None and notes.at > head(path).at):
        return _without_a_word(notes, lives=lives) if notes else None
    found = _that_speaks(project, path, lives=lives)
    if notes is not None and notes.failed and found.state == "stopped":
        return replace(found, state="failed", said=f"It could not go on: {notes.failed}")
    return found


def watchers(project: Project) -> list[Watcher]:
    """Return all races that are followed or were, the newest first."""
    names = {path.name.removesuffix(".watcher.json"): path for path in folder(project).glob("*.watcher.json")}
    times = {race: path.stat().st_mtime_ns for race, path in {**names, **published(project)}.items()}
    ordered = sorted(times, key=lambda race: (-times[race], race))
    return [found for race in ordered if (found := watcher(project, race)) is not None]


def _without_a_word(notes: Notes, *, lives: bool) -> Watcher:
    """Return how a watcher stands that has published nothing yet."""
    age = (wall() - datetime.fromisoformat(notes.at)).total_seconds()
    if notes.failed:
        return Watcher(notes.race, notes.source, "failed", f"It could not follow: {notes.failed}")
    if lives or age < BEGINS_S:
        said = f"Starting for {age:.0f} s: models are read and features gathered; the first answer is that of lap 1."
        return Watcher(notes.race, notes.source, "starting", said, can_stop=lives)
    return Watcher(notes.race, notes.source, "gone", "Its process ended before it said anything. Start it again.")


def _that_speaks(project: Project, path: Path, *, lives: bool) -> Watcher:
    answer, last = last_lines(path)
    source = str(head(path).said["source"])
    lap = None if answer is None else int(answer.said["lap"])
    over = (
        last is not None and last.kind == END
    )  # then nobody asks for the lock, which a watcher that begins may want just now
    state, said = _state(last, lives=not over and is_held(_publishing(project, path.stem)))
    return Watcher(path.stem, source, state, said, lap, can_stop=lives)


def _state(last: Line | None, *, lives: bool) -> tuple[State, str]:
    if last is not None and last.kind == END:
        over = last.said["why"] == FINISHED
        return ("finished", "The race is over.") if over else ("stopped", "It was stopped before the race was over.")
    age = 0.0 if last is None else last.age_s
    if not lives:
        return (
            "gone",
            f"Its process ended without a word {age:.0f} s ago: what is shown is what it said last. Start it again.",
        )
    if age >= SILENT_S:
        return "silent", f"Its process lives and has said nothing for {age:.0f} s."
    return "following", "It follows the race."


def _publishing(project: Project, race: str) -> FileLock:
    """Return the lock that whoever publishes a race holds, a terminal too."""
    return FileLock((folder(project) / f"{race}.jsonl").with_suffix(".lock"))
