"""Search all estimators of a question within a budget, and repeat a search."""

from pitwall.workflows.automl.searching import SEASONS, problem_of, repeat, search

__all__ = ["SEASONS", "problem_of", "repeat", "search"]
