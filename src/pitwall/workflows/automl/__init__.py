"""Search all estimators of a question within a budget, and repeat a search."""

from pitwall.workflows.automl.searching import SEASONS, check_found, problem_of, repeat, search

__all__ = ["SEASONS", "check_found", "problem_of", "repeat", "search"]
