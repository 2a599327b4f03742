"""A race followed with all that hangs on it: published for servers, and entered into the track record where it is no replay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pitwall.domain.records.live_rows import MODEL
from pitwall.live.answer import LiveAnswer
from pitwall.live.control import Control
from pitwall.live.feeds import feed
from pitwall.workflows.live.entering import Entering
from pitwall.workflows.live.published import STOPPED, Publisher
from pitwall.workflows.live.watch import watch
from pitwall.workflows.workspace import Workspace

PER_LAP = "per_lap"


@dataclass(frozen=True)
class Wish:
    """What to follow, and how.

    Attributes:
        source: of the events.
        race: label; of a source of coming races the next one when None.
        speed: of a replay, seconds of the race in a second; as fast as it goes when None.
        every: `per_lap` or `per_sector`.
        lap: to begin at; from the start when None.
        state: a file that a session goes on from.
        location: an address or a file, for sources that need one.
        models: that answer; all that answer within races when empty.
        publish: write what is said where servers read it.
    """

    source: str = "replay"
    race: str | None = None
    speed: float | None = None
    every: str = PER_LAP
    lap: int | None = None
    state: Path | None = None
    location: str | None = None
    models: Sequence[str] = field(default=())
    publish: bool = False


def follow(
    workspace: Workspace, wish: Wish, control: Control | None = None, entering: Entering | None = None
) -> Iterator[LiveAnswer]:
    """Yield what is said of a race.

    Args:
        workspace: of the project.
        wish: what to follow.
        control: pauses, seeks and stops it, from any thread.
        entering: enters what is due into the track record; nothing is entered when None.

    Raises:
        UnknownName: there is no such source, race, model or frequency.
        LiveError: the source has no such race, or another process publishes it.
    """
    hand = control or Control(wish.speed)
    if wish.lap is not None:
        hand.seek(wish.lap)
    asked: dict[str, Any] = {"every": wish.every, "state": wish.state, "location": wish.location, "models": wish.models}
    if entering is not None and feed(wish.source).by_itself:
        asked["beside"] = (MODEL.partition("-")[0],)  # what the record holds has a rule to beat
    answers = watch(workspace, source=wish.source, race=wish.race, speed=wish.speed, control=hand, **asked)
    seen = answers if entering is None else _entered(entering, answers)
    return _published(workspace, wish, seen) if wish.publish else seen


def _entered(entering: Entering, answers: Iterator[LiveAnswer]) -> Iterator[LiveAnswer]:
    for answer in answers:
        entering.see(answer)
        yield answer


def _published(workspace: Workspace, wish: Wish, answers: Iterator[LiveAnswer]) -> Iterator[LiveAnswer]:
    """Yield answers once each is written; the stream begins with the first of them."""
    first = next(answers, None)
    if first is None:
        return
    with Publisher(workspace.project, first.race, source=first.source, every=wish.every) as out:
        out.say(first)
        yield first
        last = first
        for answer in answers:
            last = answer
            out.say(answer)
            yield answer
        if last.state != "finished":
            out.end(STOPPED)
