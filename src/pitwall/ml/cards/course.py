"""The section of a card that shows durations: how many last how long, as seen and as forecast."""

from __future__ import annotations

from pitwall.ml.cards.subject import Described
from pitwall.ml.evaluation.course import course
from pitwall.ml.evaluation.scoring import scored
from pitwall.report.content.blocks import Block, Picture, Table, Text
from pitwall.report.content.document import Section
from pitwall.report.figures.canvas import png
from pitwall.report.figures.course import course_figure

NAME = "How long it lasts"
HOW = (
    "The share that lasts beyond each step, as it was seen in the held-out races ({level:g} % intervals, whole races resampled), and as it would "
    "be if each of the {of} watched had ended with the chance that was forecast of it. One whose end is not seen counts for as long as it was watched."
)
EVERY = 5  # steps between two rows of the table


def courses(subject: Described) -> tuple[Section, ...]:
    """Return the section; nothing where answers are no durations."""
    candidate = subject.candidate
    how, of = candidate.definition.answers.course, candidate.definition.kind.nouns[1]
    if how is None:
        return ()
    gates, seed = candidate.params.gates, candidate.params.seed
    blocks: list[Block] = [Text(HOW.format(level=100 * gates.confidence, of=of))]
    for template in candidate.templates:
        found = course(how, scored(template, candidate.own, candidate.tables), gates, seed)
        rows = tuple(
            (
                str(row.step),
                str(row.watched),
                f"{row.observed:.3f} ({row.low:.3f} to {row.high:.3f})",
                f"{row.forecast:.3f}",
            )
            for row in found[found["step"] % EVERY == 0].itertuples()
        )
        figure = course_figure(found, template.question, how.axis)
        caption = f"{template.name}: how many last how long"
        blocks += [
            Table((how.axis, f"{of} watched", "seen", "forecast"), rows, ("seen", "forecast")),
            Picture(f"course_{template.name}.png", caption, png(figure)),
        ]
    return (Section(NAME, tuple(blocks)),)
