"""Import and call Feast without its noise: no usage reports, no deprecation warnings about its own libraries.

Only warnings are filtered; errors pass.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

NOISY = (DeprecationWarning, FutureWarning, RuntimeWarning, UserWarning)


@contextmanager
def quiet() -> Iterator[None]:
    """Hide library warnings while Feast is imported or called."""
    os.environ.setdefault("FEAST_USAGE", "False")
    with warnings.catch_warnings():
        for category in NOISY:
            warnings.simplefilter("ignore", category)
        yield
