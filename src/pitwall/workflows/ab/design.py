"""What a test compares: the bound and error rate that params.yaml says beforehand for the main loss of a model's main question."""

from __future__ import annotations

from pitwall.domain.params import Params
from pitwall.domain.records.ab_rows import DeclaredTest
from pitwall.ml.templates import Template
from pitwall.monitoring.sequential import Design


def design_for(params: Params, question: Template) -> Design:
    """Return the design of a test that begins now.

    Raises:
        UsageError: params.yaml has no bound for the question or its loss.
    """
    return Design(bound=params.duel.bound_of(question.name, question.loss), alpha=params.duel.alpha)


def design_of(test: DeclaredTest) -> Design:
    """Return the design that a test was declared with."""
    return Design(bound=test.bound, alpha=test.alpha)
