"""Send what waits to the store: each journal in order, each call once, from where the last sync stopped.

Exactly once in effect, whatever is killed in between: a run is looked up by the tag with its own id before it is made, and each other call
does the same when it is made again (a number with its step, instant and value, a parameter, a tag, a file, an end). How far it came is
written down after each call, so that no more than one is made again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from filelock import Timeout

from pitwall.adapters.spool.away import is_away, is_refusal
from pitwall.adapters.spool.journal import Journal, Line, Progress, Spool
from pitwall.domain.errors import TrackingError
from pitwall.domain.ports import Tracker
from pitwall.domain.project import Project
from pitwall.domain.records.run_tags import OWN_ID
from pitwall.domain.refs import FrameRef

WAIT_SECONDS = 600.0


class Finder(Protocol):
    """Finds runs in the store by a tag."""

    def tagged(self, key: str, value: str) -> list[str]:
        """Return the ids of the runs with this tag, nested ones too, oldest first."""


@dataclass(frozen=True)
class Sent:
    """What a sync did with a run.

    Attributes:
        run_id: the id that it has had so far.
        store_id: the id that it has in the store, empty while it is not there.
        name: of the run, empty where the journal does not say it.
        sent: calls that were sent now.
        waits: calls that still wait.
        open: the run goes on, and so does its journal.
        refused: (number of the line, what the store said) of calls that it refused; they are kept.
        torn: files in which lines that a kill tore are kept.
        trouble: why it went no further; empty where it did.
    """

    run_id: str
    store_id: str = ""
    name: str = ""
    sent: int = 0
    waits: int = 0
    open: bool = False
    refused: Sequence[tuple[int, str]] = ()
    torn: Sequence[str] = ()
    trouble: str = ""


def sync(project: Project, tracker: Tracker, finder: Finder) -> list[Sent]:
    """Send all that waits; a second sync at the same time waits for the first.

    Args:
        project: whose journals are sent.
        tracker: the store itself.
        finder: the same store, asked for runs by a tag.

    Raises:
        TrackingError: another process has been sending for ten minutes.
    """
    spool = Spool(project)
    lock = spool.lock("sync")
    try:
        lock.acquire(timeout=WAIT_SECONDS)
    except Timeout:
        raise TrackingError(
            f"another process has been sending runs for {WAIT_SECONDS:.0f} s; see that it ends, then try again."
        ) from None
    try:
        spool.sweep()
        return [_Sending(spool.journal(run_id), tracker, finder).report() for run_id in spool.ids()]
    finally:
        lock.release()


class _Sending:
    """The sending of one journal."""

    def __init__(self, journal: Journal, tracker: Tracker, finder: Finder) -> None:
        self._journal, self._tracker, self._finder = journal, tracker, finder
        self._before = journal.progress()
        self._progress = Progress(journal.spool.store_id(journal.run_id), self._before.sent)

    def report(self) -> Sent:
        """Send until nothing waits or the store takes no more, and return what was done."""
        self._journal.mend()
        lines, trouble, ended = self._journal.lines(), "", False
        while not (trouble or ended):
            trouble = self._drain(lines)
            refused, torn = self._journal.refused(), self._journal.torn()
            ended = not trouble and self._journal.settle(self._progress)
            lines = self._journal.lines() or lines
        return Sent(
            run_id=self._journal.run_id,
            store_id=self._progress.run or "",
            name=next((line["name"] for line in lines if line["call"] == "start"), ""),
            sent=self._progress.sent - self._before.sent,
            waits=len(lines) - self._progress.sent,
            open=self._journal.folder.is_dir(),
            refused=[(line["line"], line["error"]) for line in refused],
            torn=torn,
            trouble=trouble,
        )

    def _drain(self, lines: Sequence[Line]) -> str:
        """Send the lines that were not; return why not all of them."""
        for number in range(self._progress.sent, len(lines)):
            try:
                run = self._sent(lines[number])
            except Exception as error:
                if is_away(error):
                    return f"the store is away: {error}"
                if not is_refusal(error):
                    raise
                if self._progress.run is None:  # without the run there is nothing to send the rest to
                    return f"the store refused: {error}"
                self._journal.refuse(number, f"{type(error).__name__}: {error}")
                run = self._progress.run
            self._progress = Progress(run, number + 1)
            self._journal.mark(self._progress)
        return ""

    def _sent(self, line: Line) -> str:
        """Make one call and return the run that it was made on."""
        call, run, tracker = line["call"], self._progress.run, self._tracker
        if run is None:
            return self._opened(line)
        match call:
            case "params":
                tracker.params(run, line["params"])
            case "metrics":
                tracker.metrics(run, line["metrics"], line["step"], line["at"])
            case "curve":
                tracker.curve(run, line["metric"], [(step, value) for step, value in line["values"]], line["at"])
            case "files":
                tracker.files(run, self._journal.folder / line["copy"], line["folder"])
            case "dataset":
                frame = {**line["frame"], "columns": tuple(line["frame"]["columns"])}
                tracker.dataset(run, FrameRef(**frame), line["context"])
            case "tag":
                tracker.tag(run, line["tags"])
            case "note":
                tracker.note(run, line["markdown"])
            case "finish":
                tracker.finish(run, line["status"], line["at"])
            case "start":  # it was made before this line was marked as sent
                tracker.tag(run, line["tags"])
            case _:
                raise TrackingError(f"a journal knows no call {call!r}; was it written by a later version of Pitwall?")
        return run

    def _opened(self, line: Line) -> str:
        """Make the run, unless that was done before by a sync that was killed, or by a call that got no answer."""
        tags, parent = line["tags"], line["parent"]
        if found := self._finder.tagged(OWN_ID, tags[OWN_ID]):
            self._tracker.tag(found[0], tags)  # long ones have files of their own, which come after the run
            return found[0]
        store = parent and self._journal.spool.store_id(parent)
        if parent and store is None:
            raise TrackingError(f"its parent {parent} is not in the store yet")
        return self._tracker.start(line["experiment"], line["name"], tags, store, line["at"])
