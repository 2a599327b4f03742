"""Where features are joined in time and served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Served:
    """What an online store holds of one feature set at one cut-off.

    Attributes:
        service: the feature set, i.e. what one kind of row reads.
        cutoff: the cut-off that is served.
        known: when the newest of its rows became known; long before any race where it holds none.
        version: another one after every change, never used twice.
    """

    service: str
    cutoff: pd.Timestamp
    known: pd.Timestamp
    version: str


class FeatureReader(Protocol):
    """Joins features in time."""

    def historical(self, spine: pd.DataFrame, service: str | Sequence[str], *, inclusive: bool = False) -> pd.DataFrame:
        """Return the spine with features as known at each row's `cutoff`: same rows, same order.

        Args:
            spine: the keys of the groups and `cutoff` (UTC), any further columns.
            service: a feature set, or the names of feature groups.
            inclusive: also see what happened at the cut-off itself, not only before it.
        """

    def materialise(self, cutoff: pd.Timestamp, service: str) -> Served:
        """Let the online store serve a feature set at a cut-off, beside the others that it serves; return what it then holds."""

    def online(self, rows: Sequence[Mapping[str, int]], service: str, cutoff: pd.Timestamp) -> pd.DataFrame:
        """Return the online values of a feature set at a cut-off for entity rows, in their order."""
