"""Search for the best answer to a question on the rows of a project: from the command line, and for whoever trains what was found."""

from __future__ import annotations

import json
from pathlib import Path

from pitwall.domain.errors import StageError, UsageError
from pitwall.ml.automl import engine
from pitwall.ml.automl.engine import OnProgress
from pitwall.ml.automl.problem import Problem, compared_seasons
from pitwall.ml.automl.result import FACT, AutoMLResult
from pitwall.ml.automl.settings import Settings, settings_of
from pitwall.ml.models.machinery.unlisted import build_frame
from pitwall.ml.templates import answered_by, templates
from pitwall.ml.training.splits import completed_seasons, held_out, known_rows, outcomes
from pitwall.workflows.workspace import Workspace

SEASONS = 4  # that candidates are compared on, at most


def search(
    workspace: Workspace, name: str, settings: Settings, *, seed: int | None = None, progress: OnProgress | None = None
) -> AutoMLResult:
    """Return what a budget of CPU seconds finds for a question; held-out seasons are not looked at.

    Args:
        workspace: of the project.
        name: a template, or a model, whose first question is meant.
        settings: budget, metric, engine.
        seed: of every random choice; that of params.yaml when None.
        progress: called after each candidate.

    Raises:
        UnknownName: there is no such question, metric or estimator.
        StageError: there are no frames, or no candidate was done within the budget.
    """
    problem = problem_of(workspace, name)
    return engine.search(problem, settings, seed=_seed(workspace, seed), progress=progress)


def repeat(workspace: Workspace, name: str, file: Path, *, progress: OnProgress | None = None) -> AutoMLResult:
    """Return what a search found, by as many trials of each estimator, without a clock.

    Args:
        workspace: of the project, with the same data.
        name: the same question.
        file: JSON of the search, with its recipe.
        progress: called after each candidate.

    Raises:
        UsageError: the file holds no search.
    """
    try:
        recipe = json.loads(file.read_text(encoding="utf-8"))["recipe"]
        facts = dict(recipe["facts"][FACT])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{file} holds no search ({type(error).__name__}: {error}); give a file of `pitwall automl --json`."
        ) from None
    settings, counts = settings_of(facts)
    return engine.replay(problem_of(workspace, name), settings, counts, seed=recipe["seed"], progress=progress)


def check_found(workspace: Workspace, name: str) -> None:
    """Repeat by count the search that found a user's model; nothing is done for models that no search found.

    Raises:
        StageError: it finds another one now.
    """
    spec = workspace.job(name).definition.spec
    if not spec.get("found"):
        return
    settings, counts = settings_of(spec["found"])
    recipe = engine.replay(problem_of(workspace, name), settings, counts, seed=workspace.job(name).params.seed).recipe
    params = json.loads(json.dumps(recipe.params))  # as a spec holds them
    if (recipe.estimator, params) != (spec["algorithm"], spec["params"]):
        raise StageError(
            f"the search of {name}, repeated by its counts, finds {recipe.estimator} with other parameters than it found then: code, data or "
            "libraries are others. Search again."
        )


def problem_of(workspace: Workspace, name: str) -> Problem:
    """Return the search of a question: the rows of all seasons before the held-out ones."""
    job = workspace.job(name)
    if not job.listed:
        build_frame(workspace.project, workspace.params, workspace.features, job.name)
    template = templates()[name] if name in templates() else answered_by(job.model)[0]
    frame, tables = job.frame(), job.tables()
    outcome = outcomes(job.model, tables, frame)
    present = set(frame.loc[known_rows(job.model, outcome), "season"])
    seasons = [season for season in completed_seasons(tables) if season in present]
    held = held_out(seasons, job.params.training.held_out_seasons)
    before = (frame["season"] < held[0]).to_numpy()
    rows = frame[before].reset_index(drop=True), outcome[before].reset_index(drop=True)
    compared = compared_seasons([season for season in seasons if season < held[0]], SEASONS)
    return Problem(
        job.definition, template, tables, job.stage, *rows, compared, job.params.training.way, job.params.gates
    )


def _seed(workspace: Workspace, seed: int | None) -> int:
    return workspace.params.seed if seed is None else seed
