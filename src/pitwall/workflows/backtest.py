"""How good the forecasts would have been: plan the seasons, fit them, score them, write the report; and the step `evaluate`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pitwall.adapters.git import code_state
from pitwall.domain.params import FoldParams
from pitwall.domain.tables import load_tables
from pitwall.ml.backtest import published_scores
from pitwall.ml.backtest.asked import asked_job, asked_model, asked_stages
from pitwall.ml.backtest.engine import Progress, forecast_seasons, shared_workers
from pitwall.ml.backtest.market import READS, Market, read_market
from pitwall.ml.backtest.plan import Plan, make_plan
from pitwall.ml.backtest.regret import with_truth
from pitwall.ml.backtest.rendering.figures import write_summary
from pitwall.ml.backtest.rendering.page import write_page
from pitwall.ml.backtest.result import payload
from pitwall.ml.backtest.scores import Scored, score
from pitwall.ml.backtest.under_way import record
from pitwall.workflows.train import make_frame
from pitwall.workflows.workspace import Workspace

FOLDER = "backtest"


def _quiet(_plan: Plan) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True)
class Watch:
    """Who is told how far it is: for a plan, a context that gives what to call after each fit, and after each race counted."""

    fits: Callable[[Plan], AbstractContextManager[Callable[[Progress], None] | None]] = _quiet
    chances: Callable[[Plan], AbstractContextManager[Callable[[int, int], None] | None]] = _quiet


@dataclass(frozen=True)
class Done:
    """A finished backtest: the scores of each stage, all rows as JSON, and the cache entries that were damaged, by stage."""

    scored: tuple[Scored, ...]
    result: dict[str, Any]
    damaged: tuple[tuple[str, ...], ...]


def stages(workspace: Workspace, templates: Sequence[str] = ()) -> list[str]:
    """Return the stages at which the model of some questions is trained and they are asked; see `asked_model`.

    Raises:
        UnknownName: there is no such question.
        UsageError: the questions are of several models, or are asked at no stage at which theirs is trained.
    """
    return asked_stages(workspace.params, asked_model(workspace.params, templates), templates)


def plans(
    workspace: Workspace,
    stages: Sequence[str],
    seasons: list[int] | None = None,
    templates: Sequence[str] = (),
    only: Sequence[str] | None = None,
    *,
    folds: FoldParams | None = None,
    make_frames: bool = True,
) -> list[Plan]:
    """Return what a backtest fits, one plan per stage, read from frames and tables while nobody changes them.

    The frame of a model that params.yaml does not list is made first: nobody else keeps it up to date.

    Args:
        workspace: of the project.
        stages: of the forecasts.
        seasons: to score; the held-out ones when None.
        templates: the questions, of one model; all of the first model of params.yaml when none is named.
        only: estimators beside ours and the baseline to beat; all when None.
        folds: which races before a season are learned from; as params.yaml says when None.
        make_frames: of a model that is not listed; False where that was done just now.

    Raises:
        UnknownName: no such stage, template or estimator.
        UsageError: the questions are of several models, or are not asked at a stage.
        StageError: frame or tables are missing, or a season cannot be scored.
    """
    project, params = workspace.project, workspace.params
    asked, kept = list(templates), list(only or []) or None
    model = asked_model(params, asked)
    jobs = [asked_job(project, params, model, stage) for stage in dict.fromkeys(stages)]
    with workspace.exclusive("pitwall backtest"):
        for job in jobs if make_frames else ():
            make_frame(workspace, job.name)
        return [
            make_plan(project, params, job.stage, seasons=seasons, templates=asked, only=kept, folds=folds)
            for job in jobs
        ]


def market_of(workspace: Workspace, path: Path) -> Market:
    """Return a market's odds out of a user's file, which nothing but the comparison ever sees.

    Raises:
        SourceError: the file cannot be read, or no line of it can be used.
    """
    return read_market(path, load_tables(workspace.project.tables, list(READS)))


def fit_season(chosen: Plan, season: int) -> dict[str, Any]:
    """Fit every estimator for one season in a process of its own; the results stay in the cache."""
    made = forecast_seasons(replace(chosen, seasons=(season,)), workers=1)
    seconds = round(sum(made.seconds.values()), 2)
    return {"stage": chosen.stage, "season": season, "seconds": seconds, "cached": made.cached}


def run(
    workspace: Workspace,
    plans: Sequence[Plan],
    *,
    workers: int | None = None,
    watch: Watch | None = None,
    spent: float = 0.0,
    market: Market | None = None,
) -> Done:
    """Fit what the cache lacks, score against all baselines and the truth where it is known, and log the opened seasons.

    Args:
        workspace: of the project.
        plans: one per stage.
        workers: processes; 0 for none beside this, one per core when None.
        watch: who is told how far it is.
        spent: seconds that the backtest took before.
        market: odds to compare with; see `market_of`.

    Raises:
        StageError: a fit failed; everything that was finished is in the cache.
    """
    started, watch = time.perf_counter(), watch or Watch()
    scored: list[Scored] = []
    damaged: list[tuple[str, ...]] = []
    with shared_workers(workers) as opened:
        for each in plans:
            with watch.fits(each) as tell:
                forecasts = forecast_seasons(each, workers=opened, on_progress=tell)
            with watch.chances(each) as counted:
                forecasts = with_truth(forecasts, opened.pool, counted)
            scored.append(score(forecasts, market))
            record(forecasts)
            damaged.append(tuple(forecasts.damaged))
    commit, seconds = code_state(workspace.project.root).commit, spent + time.perf_counter() - started
    return Done(tuple(scored), payload(scored, commit=commit, seconds=seconds, market=market), tuple(damaged))


def write_report(workspace: Workspace, done: Done) -> Path:
    """Write numbers, page and picture below `reports/backtest` and return the folder."""
    folder = workspace.project.reports / FOLDER
    write_page(done.scored, done.result, folder / "report.html")
    write_summary(done.scored, folder / "summary.png")
    (folder / "backtest.json").write_text(json.dumps(done.result, indent=1) + "\n", encoding="utf-8")
    return folder


def evaluate(workspace: Workspace) -> published_scores.Backtest:
    """Score every trained model and its baselines over the held-out seasons, from what their trainings published."""
    return published_scores.evaluate(workspace.project, workspace.params)
