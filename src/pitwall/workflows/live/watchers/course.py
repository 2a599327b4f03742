"""A published race as it was told until now, for a page: its answers in order, and the chances lap by lap."""

from __future__ import annotations

from collections.abc import Sequence

from pitwall.domain.project import Project
from pitwall.live.answer import LiveAnswer
from pitwall.workflows.live.course import Course
from pitwall.workflows.live.published import ANSWER, Follower, published
from pitwall.workflows.serving.refusals import unknown

SHOWN = 9  # drivers with a column of their own


def told(project: Project, race: str) -> list[LiveAnswer]:
    """Return what was said of a race, in order.

    Raises:
        Refused: it was not published.
    """
    there = published(project)
    if race not in there:
        raise unknown("live race", race, there, "start a watcher of it")
    lines = Follower(there[race]).read()
    return [LiveAnswer.from_json(line.said) for line in lines if line.kind == ANSWER]


def at_lap(answers: Sequence[LiveAnswer], lap: int | None) -> LiveAnswer | None:
    """Return the newest answer that knows no more than a lap; the newest of all when None, none where there is none so early."""
    found = [each for each in answers if lap is None or each.lap <= lap]
    return found[-1] if found else None


def chances(answers: Sequence[LiveAnswer]) -> tuple[list[int], dict[str, list[float]]]:
    """Return the laps and {driver: chance to win after each}, of those who were likeliest in the mean."""
    course = Course()
    for each in answers:
        course.see(each)
    laps = sorted(course.laps)
    means = {driver: sum(course.of(driver)) for driver in {who for said in course.laps.values() for who in said}}
    likeliest = sorted(means, key=lambda driver: (-means[driver], driver))[:SHOWN]
    return laps, {driver: course.of(driver) for driver in likeliest}
