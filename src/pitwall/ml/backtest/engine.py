"""The backtest engine: every (estimator, season) is one fit in a worker process, cached by what decides it.

The parent prepares tasks a few ahead of the workers, keeps the cache (one writer) and tells how far it is. A fit that
fails or a worker that is killed ends the run with an error that names it, after everything else was kept.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from pitwall.domain.errors import PitwallError, StageError
from pitwall.ml.backtest.cache import FoldCache, fold_key
from pitwall.ml.backtest.fold import WHOLE, FoldResult, FoldTask, predict_fold
from pitwall.ml.backtest.plan import Entrant, Plan
from pitwall.ml.families.predictions import stack
from pitwall.ml.search.workers import single_threaded, usable_cores

log = logging.getLogger(__name__)

AHEAD = 2  # tasks prepared per worker: enough that none waits, few enough to spare memory
KILLED = "its worker process was killed, most likely for want of memory; run again, with fewer --workers if it recurs"
Fit = Callable[[FoldTask], FoldResult]


@dataclass(frozen=True)
class Progress:
    """How far a backtest is; `seconds_left` is None until a fit has been timed."""

    label: str
    done: int
    total: int
    cached: int
    seconds_left: float | None


@dataclass(frozen=True)
class Forecasts:
    """What the fits of one plan gave.

    Attributes:
        plan: what was asked for.
        predictions: the predictions table of all entrants over all seasons.
        shuffled: ours on the permuted frames, with the column `permuted`.
        seconds: {estimator: seconds of all its fits, cached ones as timed when they ran}.
        cached: how many fits came from the cache.
        damaged: cache entries that were found damaged and computed again.
        truth: the true places of these races (`pitwall.ml.evaluation.synthetic_truth`), known of a synthetic world only.
    """

    plan: Plan
    predictions: pd.DataFrame
    shuffled: pd.DataFrame
    seconds: dict[str, float]
    cached: int
    damaged: tuple[str, ...]
    truth: pd.DataFrame | None = None


@dataclass
class _State:
    """Books of one run."""

    total: int
    on_progress: Callable[[Progress], None]
    results: dict[tuple[str, int], FoldResult] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    cached: int = 0
    fitted: int = 0
    started: float = field(default_factory=time.perf_counter)

    def add(self, task: FoldTask, result: FoldResult, *, cached: bool) -> None:
        self.results[task.recipe.estimator, task.season] = result
        self.cached += cached
        self.fitted += not cached
        self._tell(task.label)

    def fail(self, task: FoldTask, why: str) -> None:
        self.failures.append(f"{task.label}: {why}")
        self._tell(f"{task.label} failed")

    def _tell(self, label: str) -> None:
        done = len(self.results) + len(self.failures)
        pace = (time.perf_counter() - self.started) / self.fitted if self.fitted else None
        left = None if pace is None else pace * (self.total - done)
        self.on_progress(Progress(label, done, self.total, self.cached, left))


@dataclass(frozen=True)
class Workers:
    """Processes that make fits: how many, and the pool of them; none when fits are made in this process."""

    count: int
    pool: ProcessPoolExecutor | None


@contextmanager
def shared_workers(count: int | None = None) -> Iterator[Workers]:
    """Open fresh, single-threaded processes for several plans: each costs seconds of imports before its first fit.

    Args:
        count: processes; None for one per core, 0 to fit in this process.
    """
    count = usable_cores() if count is None else count
    if not count:
        yield Workers(0, None)
        return
    pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=single_threaded)
    finished = False
    try:
        yield Workers(count, pool)
        finished = True
    finally:
        pool.shutdown(wait=finished, cancel_futures=True)  # after an error nobody waits for the rest


def forecast_seasons(
    plan: Plan,
    *,
    workers: Workers | int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    fit: Fit = predict_fold,
    cache: FoldCache | None = None,
) -> Forecasts:
    """Fit and predict every entrant of a plan for every season; what the cache holds is not fitted again.

    Args:
        plan: what to fit.
        workers: processes (see `shared_workers`): opened before and shared by several plans, or how many to open.
        on_progress: called after every fit.
        fit: what a worker runs; a module-level function.
        cache: default: below the project's local state.

    Raises:
        StageError: a fit failed or a worker was killed; everything that was finished is in the cache.
    """
    cache = cache or FoldCache(cache_folder(plan))
    state = _State(len(plan.folds()), on_progress or _log_progress)
    todo = _uncached(plan, cache, state)
    with nullcontext(workers) if isinstance(workers, Workers) else shared_workers(workers) as opened:
        for task, key, result in _results(todo, opened, fit):
            if isinstance(result, str):
                state.fail(task, result)
                continue
            cache.save(task, key, result)
            state.add(task, result, cached=False)
    if state.failures:
        raise StageError(
            f"{len(state.failures)} of {state.total} fits of the backtest failed; {len(state.results)} are kept in the "
            f"cache and will not run again. Failed: {' | '.join(sorted(state.failures))}"
        )
    return _gather(plan, state, cache)


def cache_folder(plan: Plan) -> Path:
    """Return where the results of a plan's fits are kept."""
    return plan.job.project.state / "backtest" / plan.job.name


def _uncached(plan: Plan, cache: FoldCache, state: _State) -> Iterator[tuple[FoldTask, str]]:
    """Yield the tasks that must run, one at a time; those that the cache answers are booked on the way."""
    for entrant, season in plan.folds():
        task = plan.task(entrant, season)
        key = fold_key(task)
        found = cache.load(task, key)
        if found is None:
            yield task, key
        else:
            state.add(task, found, cached=True)


def _results(
    todo: Iterator[tuple[FoldTask, str]], workers: Workers, fit: Fit
) -> Iterator[tuple[FoldTask, str, FoldResult | str]]:
    """Yield results as they come."""
    if workers.pool is None:
        for task, key in todo:
            yield task, key, _guarded(partial(fit, task))
        return
    running: dict[Future[FoldResult], tuple[FoldTask, str]] = {}
    while True:
        while len(running) < AHEAD * workers.count and (following := next(todo, None)) is not None:
            try:
                running[workers.pool.submit(fit, following[0])] = following
            except BrokenProcessPool:
                todo = iter(())
                yield *following, KILLED
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            yield *running.pop(future), _guarded(future.result)


def _guarded(result: Callable[[], FoldResult]) -> FoldResult | str:
    """Return the result, or why there is none."""
    try:
        return result()
    except BrokenProcessPool:
        return KILLED
    except PitwallError as error:
        return str(error)
    except Exception as error:
        log.exception("a fit of the backtest failed")
        return f"{type(error).__name__}: {error}"


def _gather(plan: Plan, state: _State, cache: FoldCache) -> Forecasts:
    order = [(entrant, season) for entrant in plan.entrants for season in plan.seasons]
    tables = stack([_table(state, entrant, season) for entrant, season in order], plan.job.definition.answers)
    seconds: dict[str, float] = {}
    for (name, _), result in sorted(state.results.items()):
        seconds[name] = seconds.get(name, 0.0) + result.seconds
    counts = tables["permuted"] == WHOLE
    return Forecasts(
        plan,
        tables[counts].drop(columns="permuted").reset_index(drop=True),
        tables[~counts].reset_index(drop=True),
        seconds,
        state.cached,
        tuple(cache.damaged),
    )


def _table(state: _State, entrant: Entrant, season: int) -> pd.DataFrame:
    return state.results[entrant.name, season].predictions


def _log_progress(progress: Progress) -> None:
    left = "" if progress.seconds_left is None else f", about {progress.seconds_left:.0f} s left"
    log.info("backtest %d/%d %s%s", progress.done, progress.total, progress.label, left)
