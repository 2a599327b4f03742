"""Seed every global source of random numbers, and say which were.

Pitwall's own code draws from generators of its own, made from `seed` in params.yaml; seeding the global ones too means
that a library which draws behind our back draws the same. XGBoost and Optuna have no global state: they are handed the seed.
"""

from __future__ import annotations

import os
import random
import sys
from importlib.util import find_spec
from typing import Any

NUMPY_LIMIT = 2**32
NOT_LOADED = "not loaded"


def seed_everything(seed: int, *, load_torch: bool = False) -> dict[str, Any]:
    """Seed Python, NumPy and PyTorch; return the manifest's section on seeds.

    Args:
        seed: for all of them.
        load_torch: load PyTorch (seconds) to seed it and to ask it for deterministic operations; else it is seeded only
            where it is loaded already, and its choice of operations stays as it is.
    """
    import numpy as np

    random.seed(seed)
    np.random.seed(seed % NUMPY_LIMIT)  # the global state is what is to be seeded
    torch = "torch" in sys.modules or (load_torch and find_spec("torch") is not None)
    if torch:
        _seed_torch(seed, strict=load_torch)
    return {
        "seed": seed,
        "python": seed,
        "numpy": seed,
        "torch": seed if torch else NOT_LOADED,
        "xgboost": seed,
        "optuna": seed,
        "python_hash_seed": os.environ.get("PYTHONHASHSEED", "random"),
    }


def _seed_torch(seed: int, *, strict: bool) -> None:
    import torch

    torch.manual_seed(seed)  # the GPUs' generators too
    if strict:
        torch.use_deterministic_algorithms(True, warn_only=True)
