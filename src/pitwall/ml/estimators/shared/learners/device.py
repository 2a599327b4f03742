"""On which device a library learns: the processor, or a GPU where the library has a version for one and the machine has one.

`PITWALL_DEVICE=cuda` asks for it, or a parameter `device`, as of an order. Sums come in another order there, so another device is another model: where it is not the
processor it is settled into the parameters, and a refit asks for the same, whatever the environment says by then. What was
settled without one was settled on the processor. Answers are given by the processor.
"""

from __future__ import annotations

import os

from pitwall.domain.errors import UsageError
from pitwall.ml.estimators._estimator import Params

VARIABLE = "PITWALL_DEVICE"
DEVICE = "device"  # of the parameters
CPU, CUDA = "cpu", "cuda"
SETTLED = ("rounds", "epochs")  # parameters that an earlier fit decided


def device_of(params: Params) -> str:
    """Return `cpu` or `cuda`: as the parameters say; else, where nothing is settled yet, as the environment does; else the processor.

    Raises:
        UsageError: it is another word.
    """
    asked = None if any(name in params for name in SETTLED) else os.environ.get(VARIABLE)
    found = str(params.get(DEVICE) or asked or CPU)
    if found not in (CPU, CUDA):
        raise UsageError(f"the device is {found!r}; {VARIABLE} may be {CPU} or {CUDA}.")
    return found


def settled_device(device: str) -> Params:
    """Return what a recipe keeps of the device: nothing of the processor."""
    return {} if device == CPU else {DEVICE: device}


def none_found(library: str) -> UsageError:
    """Return the error of a library that would learn on the processor, or not at all, where a GPU was asked for."""
    return UsageError(
        f"{library} finds no GPU that it can use; set {VARIABLE}={CPU}, or train where there is one with the library's version for it."
    )
