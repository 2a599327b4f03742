"""On which device a library works: the processor, or a GPU where the library has a version for one and the machine has one.

`PITWALL_DEVICE=cuda` asks for it. Sums come in another order there, so another device is another model: where it is not the
processor it is settled into the parameters, and a refit asks for the same. Answers are given by the processor.
"""

from __future__ import annotations

import os

from pitwall.domain.errors import UsageError
from pitwall.ml.estimators._estimator import Params

VARIABLE = "PITWALL_DEVICE"
CPU, CUDA = "cpu", "cuda"


def device_of(params: Params) -> str:
    """Return `cpu` or `cuda`: as the parameters say, else the environment, else the processor.

    Raises:
        UsageError: it is another word.
    """
    found = str(params.get("device") or os.environ.get(VARIABLE) or CPU)
    if found not in (CPU, CUDA):
        raise UsageError(f"the device is {found!r}; {VARIABLE} may be {CPU} or {CUDA}.")
    return found


def settled_device(device: str) -> Params:
    """Return what a recipe keeps of the device: nothing of the processor."""
    return {} if device == CPU else {"device": device}
