"""Evaluate trials: one after the other here, or in processes of one thread each; outcomes come as they are ready.

Workers never see the study. Each gets the objective once, when it starts, and then trials with what they need; it ends with this process,
however that ends.
"""

from __future__ import annotations

import logging
import math
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pitwall.domain.errors import PitwallError, StageError
from pitwall.ml.search.pruning import Pruning
from pitwall.ml.search.trials import Objective, Pruned, Score, Trial, TrialState
from pitwall.ml.search.workers import single_threaded

log = logging.getLogger(__name__)
EXPECTED = (
    ArithmeticError,
    ValueError,
)  # what a bad configuration may raise: its trial has failed, and the search goes on


@dataclass(frozen=True)
class Task:
    """A trial to be evaluated: number, configuration, seed, and the rule by which it may be stopped."""

    number: int
    params: dict[str, Any]
    seed: int
    rule: Pruning


@dataclass(frozen=True)
class Outcome:
    """What came of a trial; `notes` are the pruner's."""

    number: int
    state: TrialState
    value: float | None
    params: dict[str, Any]
    history: dict[int, float] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    seconds: float = 0.0


Evaluate = Callable[[Sequence[Task]], Iterator[Outcome]]


def evaluate(objective: Objective, task: Task) -> Outcome:
    """Return what comes of one trial.

    Raises:
        StageError: the objective raised what no configuration explains.
    """
    trial = Trial(task.number, dict(task.params), task.seed, hopeless=task.rule.hopeless)
    started = time.perf_counter()
    state, value, params, reason = "FAILED", None, dict(task.params), ""
    try:
        found = objective(trial)
        value = float(found.value if isinstance(found, Score) else found)
        params = dict(found.params) if isinstance(found, Score) else params
        state = "COMPLETE" if math.isfinite(value) else "FAILED"
        reason = "" if state == "COMPLETE" else f"its value is {value}"
    except Pruned:
        state = "PRUNED"
    except EXPECTED as error:
        reason = f"{type(error).__name__}: {error}"
    except PitwallError:
        raise
    except Exception as error:
        log.exception("trial %d", task.number)
        raise StageError(f"trial {task.number} ended the search: {type(error).__name__}: {error}") from error
    seconds = time.perf_counter() - started
    done = value if state == "COMPLETE" else None
    return Outcome(task.number, state, done, params, trial.history, task.rule.notes(), reason, seconds)  # type: ignore[arg-type]


@contextmanager
def evaluator(objective: Objective, workers: int) -> Iterator[Evaluate]:
    """Yield what evaluates tasks.

    Args:
        objective: what a trial is worth; with workers it must be picklable, e.g. a function of a module or a dataclass.
        workers: processes; 0 evaluates here.
    """
    if workers < 1:
        yield lambda tasks: (evaluate(objective, task) for task in tasks)
        return
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=_start, initargs=(objective,)
    )
    finished = False
    try:
        yield lambda tasks: _spread(pool, tasks)
        finished = True
    finally:
        pool.shutdown(wait=finished, cancel_futures=True)
        if not finished:  # stopped in the middle: what still runs is of no use
            for child in set(multiprocessing.active_children()) - before:
                child.terminate()


def _spread(pool: ProcessPoolExecutor, tasks: Sequence[Task]) -> Iterator[Outcome]:
    try:
        for future in as_completed([pool.submit(_evaluate, task) for task in tasks]):
            yield future.result()
    except BrokenProcessPool:
        raise StageError(
            "a worker was killed, most likely for want of memory; what was finished is kept: go on with fewer workers."
        ) from None


_OWN: list[Objective] = []  # of a worker process


def _start(objective: Objective) -> None:
    """Make a process a worker: one thread, deaf to Ctrl-C (the parent hears it), gone when the parent is."""
    single_threaded()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _OWN[:] = [objective]


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _evaluate(task: Task) -> Outcome:
    return evaluate(_OWN[0], task)
