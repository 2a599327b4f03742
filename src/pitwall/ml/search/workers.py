"""What runs first in a worker process: one thread for every numeric library, since the processes share the cores.

This module must import nothing numeric: the libraries read these variables when they are loaded.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def single_threaded() -> None:
    """Limit every numeric library that is loaded later in this process to one thread."""
    for name in THREAD_VARIABLES:
        os.environ[name] = "1"


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(work: Callable[[T], R], items: Sequence[T], count: int | None = None) -> list[R]:
    """Return `work` of every item, in order, made in fresh single-threaded processes.

    Args:
        work: a module-level function, or a partial of one.
        items: what it is called with.
        count: processes; None for one per core, 0 to work in this one.
    """
    count = min(usable_cores() if count is None else count, len(items))
    if count < 1:
        return [work(item) for item in items]
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=single_threaded) as pool:
        return list(pool.map(work, items))
