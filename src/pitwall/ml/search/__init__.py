"""Search over configurations: spaces as data, methods and pruners of Optuna, studies that any number of workers makes alike and no kill ends.

It knows Optuna and no models: `pitwall.ml.training.tuning` says what a trial of a model is.
"""

from importlib import import_module
from typing import Any

_HOME = {
    "Pruned": "trials",
    "Score": "trials",
    "SearchResult": "engine",
    "SearchSettings": "settings",
    "Space": "space",
    "Trial": "trials",
    "TrialRecord": "trials",
    "parse_space": "spec",
    "read_sweep": "sweep",
    "search": "engine",
}
__all__ = sorted(_HOME)  # noqa: PLE0605  (one list of names, kept in one place)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has: {', '.join(__all__)}")
