"""Parameters of an estimator that somebody settled: no search moves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pitwall.domain.errors import UnknownName
from pitwall.ml.estimators import Estimator, traits_of
from pitwall.ml.estimators.shared.learners.device import CPU, CUDA, DEVICE


def with_params(plugin: Estimator, params: Mapping[str, Any]) -> Estimator:
    """Return an estimator some of whose parameters have other values than its defaults; itself without any.

    Raises:
        UnknownName: the estimator has no such parameter; offers the nearest one.
    """
    known = {**plugin.default(), **({DEVICE: ""} if CUDA in asked_devices(plugin) else {})}
    for name in params:
        if name not in known:
            raise UnknownName(f"parameter of {plugin.name}", name, known)
    return _Fixed(plugin, dict(params)) if params else plugin


def asked_devices(plugin: Estimator) -> tuple[str, ...]:
    """Return the devices that somebody may name for an estimator; one that pools others asks the environment for each of them."""
    return (CPU,) if getattr(plugin, "pools", False) else traits_of(plugin).devices


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
