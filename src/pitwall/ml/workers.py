"""What runs first in a worker process: one thread for every numeric library, since the processes share the cores.

This module must import nothing numeric: the libraries read these variables when they are loaded.
"""

from __future__ import annotations

import os

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def single_threaded() -> None:
    """Limit every numeric library that is loaded later in this process to one thread."""
    for name in THREAD_VARIABLES:
        os.environ[name] = "1"


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
