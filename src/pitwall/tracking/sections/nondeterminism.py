"""What could make a second run differ although code, data, configuration and seeds are the same: stated, not hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pitwall.tracking.seeds import NOT_LOADED

MEASURED = "Times, memory and latencies are measurements: they differ from run to run and enter no model file."
INSTANTS = "Run ids, run names and instants differ from run to run and enter no model file."
KERNELS = (
    "Linear algebra chooses its kernels by the processor ({cpu}): another one may round sums differently, which shows in "
    "the last digits."
)
THREADS = (
    "Linear algebra and OpenMP run on up to {threads} threads here; sums over threads may be added in another order. "
    "OMP_NUM_THREADS=1 rules it out. XGBoost is always handed one thread."
)
HASHES = "PYTHONHASHSEED is random: the order of sets of text differs between processes; results are sorted before use."
TORCH = "PyTorch warns where an operation has no deterministic form; such an operation may differ on a GPU."


def sources(environment: Mapping[str, Any], seeds: Mapping[str, Any]) -> list[str]:
    """Return the sources of non-determinism of a run, in sentences."""
    threads = max((each.get("num_threads", 1) for each in environment["blas"]), default=1)
    stated = [MEASURED, INSTANTS, KERNELS.format(cpu=environment["cpu"])]
    if threads > 1:
        stated.append(THREADS.format(threads=threads))
    if seeds["python_hash_seed"] == "random":
        stated.append(HASHES)
    if seeds["torch"] != NOT_LOADED:
        stated.append(TORCH)
    if environment["gpu"] != "none":
        stated.append("A GPU is present; no estimator of Pitwall uses it.")
    return stated
