"""What a test compares: the bound and error rate that params.yaml says beforehand for the main loss of a model's main question."""

from __future__ import annotations

from pitwall.domain.errors import UnknownName
from pitwall.domain.params import Params
from pitwall.domain.records.ab_rows import DeclaredTest
from pitwall.ml.templates import Template, templates
from pitwall.monitoring.sequential import Design


def design_for(params: Params, question: Template) -> Design:
    """Return the design of a test of a question, as params.yaml declares it.

    Raises:
        UsageError: params.yaml has no bound for the question or its loss.
        UnknownName: it has a bound of nothing that is known.
    """
    known = {question.name, *templates(), *(each.loss for each in templates().values())}
    for name in params.duel.bounds:
        if name not in known:
            raise UnknownName("question or metric in duel.bounds", name, known)
    return Design(bound=params.duel.bound_of(question.name, question.loss), alpha=params.duel.alpha)


def design_of(test: DeclaredTest) -> Design:
    """Return the design that a test was declared with."""
    return Design(bound=test.bound, alpha=test.alpha)
