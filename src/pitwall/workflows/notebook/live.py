"""`pw.follow` and `connect_to_stream`: a race while it is driven, as something to loop over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pitwall.domain.errors import UsageError
from pitwall.domain.project import Project
from pitwall.live.answer import LiveAnswer
from pitwall.live.control import Control
from pitwall.live.feeds import feed
from pitwall.live.state.rounds import check_every
from pitwall.live.voices import live_models
from pitwall.workflows.live.course import Course
from pitwall.workflows.live.entering import Entering
from pitwall.workflows.live.followed import Wish
from pitwall.workflows.live.followed import follow as followed
from pitwall.workflows.workspace import Workspace

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TWINS = {"race_winner": "in_race", "podium": "in_race"}  # questions before a race, and who answers them within it


class Stream:
    """What is said of a race, lap by lap; nothing is read before the loop begins, and each loop begins anew.

    Args:
        workspace: of the project.
        wish: what to follow.

    Example:
        `for answer in pw.follow(race="2023-12"): print(answer.lap, answer.cars[0].driver)`
    """

    def __init__(self, workspace: Workspace, wish: Wish) -> None:
        self.wish, self._workspace = wish, workspace
        self.control, self._course = Control(wish.speed), Course()

    def __iter__(self) -> Iterator[LiveAnswer]:
        """Yield the answers; leaving the loop ends the session."""
        self.control, self._course = Control(self.wish.speed), Course()
        for answer in followed(self._workspace, self.wish, self.control, Entering(self._workspace)):
            self._course.see(answer)
            yield answer

    def figure(self) -> Figure:
        """Return the chances to win over the laps that were seen, as ribbons.

        Raises:
            UsageError: none was seen yet.
        """
        return self._course.figure()

    def __repr__(self) -> str:
        return f"Stream(source={self.wish.source!r}, race={self.wish.race!r}, every={self.wish.every!r})"


def follow(
    race: str | None = None,
    *,
    source: str = "replay",
    speed: float | None = None,
    every: str = "per_lap",
    models: Sequence[str] = (),
    location: str | None = None,
    project: Project | None = None,
    workspace: Workspace | None = None,
) -> Stream:
    """Return what is said of a race while it is driven, or as it was.

    Args:
        race: e.g. 2023-12; of a source of coming races the next one when None.
        source: of the events: replay, synthetic, recorded, openf1.
        speed: of a replay, seconds of the race in a second; as fast as it goes when None.
        every: `per_lap` or `per_sector`.
        models: that answer; all that answer within races when empty.
        location: an address or a file, for sources that need one.
        project: the one that we are in when None.
        workspace: its tools, where they are open already.

    Raises:
        UnknownName: there is no such source or frequency.
        UsageError: the source needs a race.
    """
    chosen = feed(source)
    if race is None and not chosen.open_ended:
        raise UsageError(
            f"the source {source} needs a race; name one: pw.follow(race='2023-12') (`pitwall live races` lists them)."
        )
    check_every(every)
    wish = Wish(source=source, race=race, speed=speed, every=every, models=tuple(models), location=location)
    return Stream(workspace or Workspace(project), wish)


def connected(workspace: Workspace, model: str, questions: Sequence[str], wish: Wish) -> Stream:
    """Return the stream of a model: its own answers within a race, or those about the same question of the model that has them.

    Args:
        workspace: of the project.
        model: its name without a stage.
        questions: that it answers.
        wish: source, race, speed and frequency.

    Raises:
        UsageError: nobody answers its questions within a race, or the source needs a race.
        UnknownName: there is no such source or frequency.
    """
    within = live_models()
    names = [model] if model in within else sorted({TWINS[name] for name in questions if name in TWINS})
    if not names:
        raise UsageError(
            f"{model} answers {', '.join(questions)}, of which nothing is said anew lap by lap; within races answer: "
            f"{', '.join(sorted(within))}. Follow all of them with pw.follow(race='2023-12')."
        )
    return follow(wish.race, source=wish.source, speed=wish.speed, every=wish.every, models=names, workspace=workspace)
