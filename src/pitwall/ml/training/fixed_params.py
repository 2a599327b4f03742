"""Parameters of an estimator that somebody settled: no search moves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pitwall.domain.errors import UnknownName
from pitwall.ml.estimators import Estimator


def with_params(plugin: Estimator, params: Mapping[str, Any]) -> Estimator:
    """Return an estimator some of whose parameters have other values than its defaults; itself without any.

    Raises:
        UnknownName: the estimator has no such parameter; offers the nearest one.
    """
    for name in params:
        if name not in plugin.default():
            raise UnknownName(f"parameter of {plugin.name}", name, plugin.default())
    return _Fixed(plugin, dict(params)) if params else plugin


@dataclass(frozen=True)
class _Fixed:
    """The estimator, with what is settled over what it would choose."""

    plugin: Any
    params: dict[str, Any]

    def default(self) -> dict[str, Any]:
        return {**self.plugin.default(), **self.params}

    def space(self, trial: Any) -> dict[str, Any]:
        return {**self.plugin.space(trial), **self.params}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plugin, name)
