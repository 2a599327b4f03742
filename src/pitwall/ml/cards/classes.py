"""The section of a card that reads answers as classes: what was said against what came true, and the curves behind it."""

from __future__ import annotations

from pitwall.ml.cards.subject import Described
from pitwall.ml.evaluation.classes import Confusion, confusion, curves
from pitwall.ml.evaluation.scoring import scored
from pitwall.report.content.blocks import Block, Picture, Table, Text
from pitwall.report.content.document import Section
from pitwall.report.content.intervals import digits, interval
from pitwall.report.figures.canvas import png
from pitwall.report.figures.classes import confusion_matrix_figure, curves_figure

NAME = "Classes"
HOW = "Counts of {of} in the held-out races with {level:g} % intervals, whole races resampled."


def classes(subject: Described) -> tuple[Section, ...]:
    """Return the section; nothing where answers are no classes, or where nothing can be scored."""
    candidate = subject.candidate
    how, of = candidate.definition.answers.classes, candidate.definition.kind.nouns[1]
    if how is None or not subject.judged_here:
        return ()
    gates, seed = candidate.params.gates, candidate.params.seed
    rules = dict.fromkeys(
        f"Called is {template.call.rule}." if template.call else how.rule for template in candidate.templates
    )
    blocks: list[Block] = [Text(" ".join([*rules, HOW.format(of=of, level=100 * gates.confidence)]))]
    for template in candidate.templates:
        known = scored(template, candidate.own, candidate.tables)
        found, drawn = confusion(how, known, gates, seed), curves(how, known)
        pictures = {
            "confusion": (
                "said against came true",
                confusion_matrix_figure(found.counts, found.names, template.question, of=of),
            ),
            "curves": ("precision and hits at every threshold", curves_figure(drawn, found.shares, template.question)),
        }
        blocks += [
            _table(found),
            *(
                Picture(f"{kind}_{template.name}.png", f"{template.name}: {shows}", png(figure), kind == "curves")
                for kind, (shows, figure) in pictures.items()
            ),
        ]
    return (Section(NAME, tuple(blocks)),)


def _table(found: Confusion) -> Table:
    said = tuple(f"said {name}" for name in found.names)
    rows = tuple(
        (true, *(interval(found.intervals[true, name], digits(0)) for name in found.names)) for true in found.names
    )
    return Table(("came true", *said), rows, said)
