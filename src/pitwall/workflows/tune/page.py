"""The report of a search: pictures as PNG, and one page with Optuna's own interactive plots inside."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pitwall.ml.search.comparison import best_so_far
from pitwall.ml.search.engine import SearchResult
from pitwall.ml.search.methods import named
from pitwall.ml.search.record import SECONDS
from pitwall.report.content.blocks import Block, Facts, Note, Table
from pitwall.report.content.document import Document, Section
from pitwall.report.figures.canvas import write_png
from pitwall.report.figures.interactive import embed
from pitwall.report.figures.search.trials import (
    contour_figure,
    importances_figure,
    parallel_figure,
    pareto_figure,
    slices_figure,
    strategies_figure,
)
from pitwall.report.html import write_html
from pitwall.workflows.tune.subject import Subject

if TYPE_CHECKING:
    import optuna

log = logging.getLogger(__name__)
FEW = 3  # complete trials that a picture of parameters needs


def write(subject: Subject, result: SearchResult, folder: Path) -> list[Path]:
    """Write `report.html` and the pictures; return the files.

    Args:
        subject: what was searched for.
        result: what was found.
        folder: to write into.
    """
    shares = importances(result)
    pictures = draw(result, shares, subject.label, folder)
    return [*pictures, write_html(_document(subject, result, shares), folder / "report.html")]


def importances(result: SearchResult) -> dict[str, float]:
    """Return which share of the differences between complete trials each parameter explains, by fANOVA; none of few trials."""
    import optuna

    done = [trial for trial in result.trials if trial.value is not None]
    if len(done) < FEW or len({trial.value for trial in done}) == 1:
        return {}
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=result.settings.seed)
    return {
        name: float(share)
        for name, share in optuna.importance.get_param_importances(result.study, evaluator=evaluator).items()
    }


def draw(result: SearchResult, shares: Mapping[str, float], label: str, folder: Path) -> list[Path]:
    """Write the pictures and return their files.

    Args:
        result: of the search.
        shares: of `importances`.
        label: of the values.
        folder: to write into.
    """
    done = [trial for trial in result.trials if trial.value is not None]
    values = np.array([trial.value for trial in done])
    every = np.array([np.nan if trial.value is None else trial.value for trial in result.trials])
    made = {
        "history": strategies_figure(
            {result.settings.method: [every]},
            {result.settings.method: [best_so_far(result)]},
            result.name,
            label,
            float(result.best.value or 0.0),
        )
    }
    sought = sorted({name for trial in result.study.get_trials(deepcopy=False) for name in trial.params})
    columns = {name: [_shown(trial.chosen.get(name)) for trial in done] for name in sought}
    if sought and len(done) >= FEW:
        made["slice"] = slices_figure(columns, values, label)
        made["parallel"] = parallel_figure(columns, values, label)
        made["pareto"] = pareto_figure(np.array([trial.seconds for trial in done]), values, label, result.settings.sign)
    if shares:
        made["importances"] = importances_figure(shares)
    if len(first := list(shares)[:2]) == 2:
        made["contour"] = contour_figure({name: columns[name] for name in first}, values, label)
    return [write_png(figure, folder / f"{name}.png") for name, figure in made.items()]


def _document(subject: Subject, result: SearchResult, shares: Mapping[str, float]) -> Document:
    best, job = result.best, subject.job
    sampler, pruner = named(result.settings)
    facts = {
        "estimator": subject.recipe.estimator,
        "scored by": f"{subject.label}, on seasons {', '.join(map(str, subject.seasons.validation))}",
        "never seen": f"seasons {', '.join(map(str, subject.seasons.held_out))}, which judge the model",
        "method": sampler,
        "pruner": pruner,
        "trials": f"{len(result.trials)} in batches of {result.settings.batch}",
        "default configuration": _number(result.trials[0].value),
        "best": f"{_number(best.value)}, trial {best.number}",
    }
    notes = [Note(result.note)] if result.note else []
    told = [Note(f"The search was stopped ({result.stopped}); this is the best so far.")] if result.stopped else []
    found = Table(("setting", "value"), tuple((name, str(_shown(value))) for name, value in best.chosen.items()))
    return Document(
        f"Search for {job.name}",
        f"{result.name}: {len(result.trials)} trials",
        (
            Section("What was found", (Facts(tuple(facts.items())), *notes, *told, found)),
            Section("Pictures", tuple(_drawings(result, list(shares)[:2]))),
            Section("Trials", (_trials(result),)),
        ),
        kind="search",
    )


def _drawings(result: SearchResult, two: list[str]) -> list[Block]:
    """Return Optuna's plots; one that cannot be drawn of these trials is left out with a log line."""
    import optuna
    from optuna import visualization as plots

    study = result.study
    complete = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
    drawn: list[Callable[[], Any]] = [lambda: plots.plot_optimization_history(study)]
    if len(complete) >= FEW and any(trial.params for trial in complete):
        drawn += [
            lambda: plots.plot_parallel_coordinate(study),
            lambda: plots.plot_slice(study),
            lambda: plots.plot_pareto_front(study, targets=_both, target_names=["value", "seconds"]),
        ]
    if two:
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=result.settings.seed)
        drawn += [lambda: plots.plot_param_importances(study, evaluator=evaluator)]
    if len(two) == 2:
        drawn += [lambda: plots.plot_contour(study, params=two)]
    if any(trial.intermediate_values for trial in complete):
        drawn += [lambda: plots.plot_intermediate_values(study)]
    blocks: list[Block] = []
    for draw_one in drawn:
        try:
            blocks.append(embed(draw_one()))
        except (ValueError, RuntimeError) as error:
            log.info("a plot of Optuna is left out: %s", error)
    return blocks


def _both(trial: optuna.trial.FrozenTrial) -> tuple[float, float]:
    return float(trial.value or 0.0), float(trial.user_attrs.get(SECONDS, 0.0))


def _trials(result: SearchResult) -> Table:
    names = list(dict.fromkeys(name for trial in result.trials for name in trial.chosen))
    rows = [
        (
            str(trial.number),
            trial.state.lower(),
            _number(trial.value),
            f"{trial.seconds:.2f}",
            *(
                _number(value) if isinstance(value := trial.chosen.get(name), float) else str(_shown(value))
                for name in names
            ),
        )
        for trial in result.trials
    ]
    return Table(("trial", "state", "value", "s", *names), tuple(rows), ("trial", "value", "s"))


def _shown(value: Any) -> Any:
    return str(value) if isinstance(value, list | dict | tuple) else value


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.5g}"
