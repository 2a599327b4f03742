"""What stands in the table of a race under way, as text: the same in a terminal and on a page."""

from __future__ import annotations

from collections.abc import Mapping

from pitwall.live.answer import LiveAnswer, LiveCar

LEAST = 0.0005  # a chance below it is shown as none
WITHHELD = "nothing is answered: what is known is too old"


def percent(value: float | None) -> str:
    """Return a chance in percent, with a digit behind the point where it is small."""
    if value is None:
        return ""
    if value < LEAST:
        return "-"
    return f"{value * 100:.1f}" if value < 0.0995 else f"{value * 100:.0f}"


def lap_time(value: float | None) -> str:
    """Return a lap time as people write it.

    Example:
        >>> lap_time(91.2345), lap_time(None)
        ('1:31.235', '')
    """
    if value is None:
        return ""
    minutes, thousandths = divmod(round(value * 1000), 60_000)
    return f"{minutes}:{thousandths / 1000:06.3f}"


def seconds(value: float | None) -> str:
    """Return a gap in seconds with its sign."""
    return "" if value is None else f"{value:+.3f}"


def gap(car: LiveCar, answer: LiveAnswer) -> str:
    """Return how far a car is behind the leader: in laps, where it is more than one."""
    behind = answer.lap - car.laps
    if behind > 1:
        return f"{behind} laps"
    return "leader" if car.place == 1 else seconds(car.gap_s)


def middle(car: LiveCar, question: str) -> float | None:
    """Return the median of an answer in numbers; None where there is none."""
    said = car.answers.get(question)
    return said.get("p50") if isinstance(said, Mapping) else None


def warnings(answer: LiveAnswer) -> list[str]:
    """Return what a reader must know."""
    return [*([WITHHELD] if answer.withheld else []), *answer.notes]


def who_answers(answer: LiveAnswer) -> str:
    """Say who answers, each once with the questions."""
    by: dict[str, list[str]] = {}
    for question, who in answer.provenance.items():
        by.setdefault(who, []).append(question)
    return "; ".join(f"{', '.join(questions)}: {who}" for who, questions in by.items())
