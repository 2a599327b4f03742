"""Strategies of search beside each other on one model: the same trials, several seeds, what each still loses to the best that is known."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pitwall.domain.errors import UsageError
from pitwall.domain.files import write_atomically
from pitwall.ml.search import comparison
from pitwall.ml.search.engine import SearchResult, search
from pitwall.ml.search.evaluation import evaluator
from pitwall.ml.search.record import plain
from pitwall.ml.search.settings import SearchSettings
from pitwall.report.figures.canvas import write_png
from pitwall.report.figures.search.trials import strategies_figure
from pitwall.workflows.tune.study import FOLDER, Kept
from pitwall.workflows.tune.subject import Subject
from pitwall.workflows.workspace import Workspace


@dataclass(frozen=True)
class Compared:
    """Strategies compared.

    Attributes:
        scores: of the strategies, the smallest regret first.
        known: the best value that any trial of any of them found.
        default: the value of the estimator's default configuration, which no strategy is given.
        picture: one panel per strategy.
        content: all of it as JSON.
    """

    scores: list[comparison.StrategyScore]
    known: float
    default: float
    picture: Path
    content: dict[str, Any]


def compare(
    workspace: Workspace,
    subject: Subject,
    strategies: Sequence[tuple[str, str]],
    seeds: int,
    settings: SearchSettings,
    *,
    workers: int | None = None,
    on_study: Callable[[int, int], None] | None = None,
) -> Compared:
    """Run every strategy with every seed at the same number of trials, and score them; nothing is given to any beforehand.

    Args:
        workspace: of the project.
        subject: what is searched for.
        strategies: (method, pruner) of each.
        seeds: how many; the first is that of the settings.
        settings: of all.
        workers: processes; one per core when None.
        on_study: called with how many studies of how many are done.

    Raises:
        UsageError: there is no strategy, one is named twice, or no seed.
    """
    if not strategies or len(set(strategies)) < len(strategies) or seeds < 1:
        raise UsageError(
            f"expected different strategies and at least one seed; found {list(strategies)} and {seeds} seeds."
        )
    results: dict[str, list[SearchResult]] = {}
    only, default = replace(settings, trials=1, timeout=None), subject.recipe.params
    with evaluator(subject.objective, Kept(workers=workers).processes(settings.batch)) as evaluate:
        reference = search(subject.objective, lambda _: dict(default), only, workers=evaluate)
        for number, (method, pruner) in enumerate(strategies):
            for seed in range(seeds):
                own = replace(settings, method=method, pruner=pruner, seed=settings.seed + seed)
                found = search(
                    subject.objective, subject.space, own, name=f"{method}-{pruner}-{own.seed}", workers=evaluate
                )
                results.setdefault(_called(method, pruner), []).append(found)
                (on_study or (lambda _done, _total: None))(number * seeds + seed + 1, len(strategies) * seeds)
    scores, known = comparison.compare(results), comparison.best_known(results)
    folder = workspace.project.reports / FOLDER / f"compare-{subject.job.name}-{subject.recipe.estimator}"
    picture = write_png(_figure(subject, results, known), folder / "strategies.png")
    content = plain(
        {
            "model": subject.job.name,
            "estimator": subject.recipe.estimator,
            "trials": settings.trials,
            "batch": settings.batch,
            "seeds": [settings.seed + seed for seed in range(seeds)],
            "scored_by": subject.label,
            "best_known": known,
            "default": reference.best.value,
            "strategies": [score.row() for score in scores],
        }
    )
    write_atomically(folder / "strategies.json", json.dumps(content, indent=1) + "\n")
    return Compared(scores, known, float(reference.best.value or 0.0), picture, content)


def _called(method: str, pruner: str) -> str:
    return method if pruner == "none" else f"{method} + {pruner}"


def _figure(subject: Subject, results: dict[str, list[SearchResult]], known: float) -> Any:
    values = {
        name: [np.array([np.nan if t.value is None else t.value for t in each.trials]) for each in own]
        for name, own in results.items()
    }
    best = {name: [comparison.best_so_far(each) for each in own] for name, own in results.items()}
    title = f"{subject.job.name}, {subject.recipe.estimator}: strategies at equal numbers of trials"
    return strategies_figure(values, best, title, subject.label, known)
