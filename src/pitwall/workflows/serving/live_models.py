"""The versions that answer, exchanged while questions are answered: what is named live is read, found whole, and then takes over.

Every process that serves looks at the same files, and lets a version take over at one instant, a moment after it was named: so several
workers agree on who answers when. A version that is not whole never takes over; the last good one stays, and it is told why.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from pitwall.domain.errors import PitwallError
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.ml.training.training_job import training_job
from pitwall.workflows.serving.ab.contest import Contest, read_contest
from pitwall.workflows.serving.bundle import ABOUT, Champion, load_bundle
from pitwall.workflows.serving.places import Place, served_names

log = logging.getLogger(__name__)

LEAD = 0.5  # seconds between the naming of a version and its first answer: time for every worker to read it
LOOK = 0.1  # seconds between two looks

Swapped = Callable[[str, str], None]


@dataclass
class _Seat:
    """Who answers under a name.

    Attributes:
        champion: who does; None before the first one that is whole.
        coming: who takes over, and when.
        trouble: why the version that is named live does not answer; empty where it does, or is about to.
        seen: what `live`, and the folder of the version that it names, looked like when they were last read.
        contest: the test of a challenger that runs.
        unfit: why the challenger does not answer; empty where it does, or none runs.
        tested: what the test's file, and the folder of its challenger, looked like when they were last read.
    """

    champion: Champion | None = None
    coming: tuple[Champion, float] | None = None
    trouble: str = ""
    seen: tuple[int, ...] = ()
    contest: Contest | None = None
    unfit: str = ""
    tested: tuple[int, ...] = ()


class LiveModels:
    """The champions of a project, as a server has them.

    Args:
        project: with a `serving` folder.
        params: the project's parameters.
        swapped: is told (name, "swapped" or "refused") of every version that was named live.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        project: Project,
        params: Params,
        swapped: Swapped | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._project, self._params, self._clock = project, params, clock
        self._swapped = swapped or (lambda name, what: None)
        self._seats: dict[str, _Seat] = {}
        self._looking = threading.Lock()
        self._stop = threading.Event()

    def names(self) -> list[str]:
        """Return the registered names that are answered, sorted."""
        return sorted(name for name, seat in self._seats.items() if seat.champion is not None)

    def get(self, name: str) -> Champion | None:
        """Return who answers under a name now; None where nobody does."""
        seat = self._seats.get(name)
        if seat is None:
            return None
        coming = seat.coming
        if coming is not None and self._clock() >= coming[1]:
            seat.champion, seat.coming = coming[0], None
        return seat.champion

    def trouble(self, name: str) -> str:
        """Return why the version that is named live does not answer; empty where it does."""
        seat = self._seats.get(name)
        return seat.trouble if seat else ""

    def troubles(self) -> dict[str, str]:
        """Return all troubles, by name, those of challengers too."""
        seats = sorted(self._seats.items())
        return {name: seat.trouble or seat.unfit for name, seat in seats if seat.trouble or seat.unfit}

    def contest(self, name: str) -> Contest | None:
        """Return the test of a challenger that runs under a name; None where none does."""
        seat = self._seats.get(name)
        return seat.contest if seat else None

    def look(self) -> None:
        """Read what was named live since the last look."""
        with self._looking:
            for name in served_names(self._project):
                self._look(name)
                self._look_at_test(name)

    def watch(self) -> threading.Thread:
        """Look again and again in a thread of its own, until `close`."""

        def run() -> None:
            while not self._stop.wait(LOOK):
                try:
                    self.look()
                except OSError as error:  # the folder is being replaced, or the disk fails: what serves goes on serving
                    log.warning("the serving folder cannot be read: %s", error)

        thread = threading.Thread(target=run, name="live-models", daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        """Stop looking."""
        self._stop.set()

    def _look(self, name: str) -> None:
        place, seat = Place(self._project, name), self._seats.get(name)
        try:
            state = place.live.stat()
        except FileNotFoundError:
            return
        seen = (state.st_mtime_ns, state.st_ino, *_written(place))
        if seat is not None and seat.seen == seen:
            return
        if seat is None:
            seat = _Seat()
            self._take_first(place, seat)
            seat.seen = seen
            self._seats[name] = seat  # whole at once: a question sees a seat with who sits on it
            return
        seat.seen = seen
        self._prepare(place, seat, state.st_mtime_ns / 1e9 + LEAD)

    def _take_first(self, place: Place, seat: _Seat) -> None:
        """Let the live version answer at once, or the newest one that is whole, if it is not."""
        try:
            number = place.named()
        except PitwallError as error:
            number, seat.trouble = None, str(error)
        others = [each for each in reversed(place.versions()) if each != number]
        for each in [*([] if number is None else [number]), *others]:
            try:
                seat.champion = self._load(place, each)
            except PitwallError as error:
                seat.trouble = seat.trouble or str(error)
                log.error("%s: %s", place.name, error)
            else:
                return

    def _prepare(self, place: Place, seat: _Seat, due: float) -> None:
        try:
            number = place.named()
            if number is None:
                return
            settled = seat.coming[0] if seat.coming else seat.champion
            if settled is None or settled.version != number:
                seat.coming = self._load(place, number), due
                self._swapped(place.name, "swapped")
                log.info("%s: version %d takes over", place.name, number)
            seat.trouble = ""
        except PitwallError as error:
            seat.trouble = str(error)
            self._swapped(place.name, "refused")
            log.error("%s keeps version %s: %s", place.name, seat.champion and seat.champion.version, error)

    def _look_at_test(self, name: str) -> None:
        """Read the test of a name, if its file or its challenger's folder was written anew."""
        place, seat = Place(self._project, name), self._seats.get(name)
        try:
            state = place.test.stat()
        except FileNotFoundError:
            if seat is not None and seat.tested:
                seat.contest, seat.unfit, seat.tested = None, "", ()
                log.info("%s: the test has ended", name)
            return
        number = seat.contest.test.challenger if seat and seat.contest else None
        tested = (state.st_mtime_ns, state.st_ino, *_folder(place, number))
        if seat is None or seat.tested == tested:
            return
        try:
            due = state.st_mtime_ns / 1e9 + LEAD
            contest = read_contest(place, lambda each: self._load(place, each), due, self._clock)
            seat.contest, seat.unfit = contest, contest.trouble if contest else ""
        except (PitwallError, TypeError) as error:
            seat.contest, seat.unfit = None, f"the test cannot be read: {error}"
        if seat.unfit:
            log.error("%s: the challenger does not answer: %s", name, seat.unfit)
        number = seat.contest.test.challenger if seat.contest else None
        seat.tested = (state.st_mtime_ns, state.st_ino, *_folder(place, number))

    def _load(self, place: Place, number: int) -> Champion:
        return load_bundle(training_job(self._project, self._params, place.name), place.version(number))


def _written(place: Place) -> tuple[int, ...]:
    """Return what tells the folder of the version that is named live."""
    try:
        return _folder(place, place.named())
    except PitwallError:
        return ()


def _folder(place: Place, number: int | None) -> tuple[int, ...]:
    """Return what tells a folder that was written anew under the same number: what was broken may be whole now."""
    try:
        state = (place.version(number) / ABOUT).stat() if number is not None else None
    except FileNotFoundError:
        return ()
    return (state.st_mtime_ns, state.st_ino) if state else ()
