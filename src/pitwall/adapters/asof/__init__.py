"""A Feast offline store on DuckDB's ASOF JOIN: complete, in order, on two axes of time. Use it from any `feature_store.yaml`.

    offline_store:
      type: pitwall.adapters.asof.AsofOfflineStore

It knows nothing of the rest of Pitwall, so that it can be taken away whole. Feast is imported with the first name used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .store import AsofOfflineStore, AsofOfflineStoreConfig

__all__ = ["AsofOfflineStore", "AsofOfflineStoreConfig"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import store

    return getattr(store, name)
