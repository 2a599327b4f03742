"""What a test needs: contract checks for every kind of plug-in, fakes, and a tiny world; each loaded on first use.

Example:
    >>> from pitwall.testing import check_feature_group, tiny_tables
"""

from importlib import import_module
from typing import Any

_HOME = {
    "FakeFeatureReader": "_fakes",
    "FakeRegistry": "_fakes",
    "FakeTracker": "_fakes",
    "check_estimator": "_ml",
    "check_feature_group": "_features",
    "check_gate": "_gates",
    "check_source": "_source",
    "check_template": "_ml",
    "good_candidate": "_gates",
    "tiny_tables": "_tiny",
}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has: {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
