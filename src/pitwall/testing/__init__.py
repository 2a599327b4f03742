"""What a test needs: contract checks for every kind of plug-in, fakes, and a tiny world; each loaded on first use.

Example:
    >>> from pitwall.testing import check_feature_group, tiny_tables
"""

from importlib import import_module
from typing import Any

_HOME = {
    "FakeFeatureReader": "fakes.ports",
    "FakeRegistry": "fakes.ports",
    "FakeTracker": "fakes.run_store",
    "check_estimator": "checks.estimators",
    "check_audit_check": "checks.audit",
    "check_family": "checks.families",
    "check_feature_group": "checks.features",
    "check_feed": "checks.feeds",
    "check_gate": "checks.gates",
    "check_model": "checks.models",
    "check_row_kind": "checks.rows",
    "check_source": "checks.source",
    "check_template": "checks.templates",
    "good_candidate": "checks.gates",
    "tiny_tables": "worlds.tiny",
}
__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has: {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
