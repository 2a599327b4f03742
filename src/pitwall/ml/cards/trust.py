"""The section that a card opens with: one sentence per question on how far its answers can be trusted."""

from __future__ import annotations

from pitwall.ml.cards.subject import Described
from pitwall.ml.evaluation.trust import trust
from pitwall.report.content.blocks import Text
from pitwall.report.content.document import Document, Section

NAME = "Can it be trusted?"
NOTHING = (
    "Not known: the project's tables hold no result of the races that this version was judged on (another source)."
)


def opening(subject: Described) -> Section:
    """Return the sentences, measured as the gates measure."""
    candidate = subject.candidate
    if not subject.judged_here:
        return Section(NAME, (Text(NOTHING),))
    params = candidate.params
    said = (
        trust(
            template,
            candidate.predictions,
            candidate.estimator,
            candidate.tables,
            stage=candidate.stage,
            gates=params.gates,
            seed=params.seed,
        )
        for template in candidate.templates
    )
    names = (template.name for template in candidate.templates)
    return Section(NAME, tuple(Text(sentence, name) for sentence, name in zip(said, names, strict=True)))


def sentences(card: Document) -> str:
    """Return what a card opens with as one text; nothing of a card from before there was such a section."""
    found = next((section for section in card.sections if section.name == NAME), Section(NAME, ()))
    return " ".join(block.text for block in found.blocks if isinstance(block, Text))
