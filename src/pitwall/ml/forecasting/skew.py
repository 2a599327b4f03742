"""Skew between serving and training: every logged online vector beside what the offline join says of the same instant.

The tolerance is zero: values are compared bit by bit. The join is asked for the logged cut-off, but for no more than the
store knew when it served: a session or a correction that was published between the forecast and its cut-off is news, not
skew. What the source delivered later than the time rules say it was known is skew, and shows up here: training frames then
credit serving with values that it did not have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from pitwall.domain.ports import FeatureReader
from pitwall.domain.when import BEFORE, as_utc
from pitwall.features import feature_sets
from pitwall.ml.forecasting.input_log import ServedVectors, same_bits

EXAMPLES = 3  # offending rows that are kept per feature


@dataclass(frozen=True)
class FeatureSkew:
    """How many values of a feature were compared, and how many differ."""

    feature: str
    compared: int
    differing: int


@dataclass(frozen=True)
class Offence:
    """One value that differs; the values as numbers for people and as exact hexadecimal text."""

    feature: str
    race: str
    model: str
    cutoff: str
    served_at: str
    keys: Mapping[str, int]
    online: str
    offline: str


@dataclass(frozen=True)
class SkewReport:
    """What the replay found.

    Attributes:
        vectors: logged vector sets that were replayed.
        rows: cars in them.
        features: counts per feature, sorted by name.
        offences: the first offending rows of each feature.
        foreign: vector sets of another data source, which cannot be replayed with this one's features.
        gone: logged features and sets that no longer exist, which cannot be compared.
    """

    vectors: int
    rows: int
    features: tuple[FeatureSkew, ...]
    offences: tuple[Offence, ...]
    foreign: int
    gone: tuple[str, ...]

    @property
    def compared(self) -> int:
        """Return the number of values that were compared."""
        return sum(feature.compared for feature in self.features)

    @property
    def differing(self) -> int:
        """Return the number of values that differ."""
        return sum(feature.differing for feature in self.features)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {"compared": self.compared, "differing": self.differing, **asdict(self)}


def replay(served: Sequence[ServedVectors], reader: FeatureReader, world: Mapping[str, Any]) -> SkewReport:
    """Compare logged vectors with the offline join.

    Args:
        served: the log.
        reader: that joins offline.
        world: of the project as it stands; vectors of another one are counted and left out.

    Raises:
        FeatureError, FrameError: the features are not built, or the join failed.
    """
    own = [entry for entry in served if entry.world == world and entry.service in feature_sets()]
    compared, differing, gone = Counter[str](), Counter[str](), {e.service for e in served} - set(feature_sets())
    offences: list[Offence] = []
    for entry, offline in _joined(own, reader):
        gone |= set(entry.features) - set(offline)
        for name in [name for name in entry.features if name in offline]:
            differs = ~same_bits(entry.features[name], offline[name])
            compared[name] += len(differs)
            differing[name] += int(differs.sum())
            room = EXAMPLES - sum(offence.feature == name for offence in offences)
            offences += [_offence(entry, offline, name, row) for row in np.flatnonzero(differs)[: max(room, 0)]]
    return SkewReport(
        vectors=len(own),
        rows=sum(len(entry.keys) for entry in own),
        features=tuple(FeatureSkew(name, compared[name], differing[name]) for name in sorted(compared)),
        offences=tuple(sorted(offences, key=lambda offence: offence.feature)),
        foreign=sum(entry.world != world for entry in served),
        gone=tuple(sorted(gone)),
    )


def _joined(served: Sequence[ServedVectors], reader: FeatureReader) -> list[tuple[ServedVectors, pd.DataFrame]]:
    """Return each entry with the offline features of its cars; one join per feature set answers for all of its entries."""
    found = []
    for service in sorted({entry.service for entry in served}):
        entries = [entry for entry in served if entry.service == service]
        spine = pd.concat([entry.keys.assign(cutoff=_instant(entry)) for entry in entries], ignore_index=True)
        joined = reader.historical(spine.assign(cutoff=as_utc(spine["cutoff"])), service)
        ends = np.cumsum([len(entry.keys) for entry in entries])
        parts = [joined.iloc[end - len(e.keys) : end] for e, end in zip(entries, ends, strict=True)]
        found += [(e, part.reset_index(drop=True)) for e, part in zip(entries, parts, strict=True)]
    return found


def _instant(entry: ServedVectors) -> pd.Timestamp:
    """Return the cut-off to join at. Nothing is known before it happened: a cut in knowledge cuts the events too."""
    return min(entry.cutoff, entry.known + BEFORE)


def _offence(entry: ServedVectors, offline: pd.DataFrame, feature: str, row: int) -> Offence:
    return Offence(
        feature=feature,
        race=entry.race,
        model=f"{entry.model} v{entry.version}",
        cutoff=entry.cutoff.isoformat(),
        served_at=entry.served_at.isoformat(),
        keys={str(name): int(value) for name, value in entry.keys.iloc[row].items()},
        online=_shown(entry.features[feature].iloc[row]),
        offline=_shown(offline[feature].iloc[row]),
    )


def _shown(value: float) -> str:
    return "null" if np.isnan(value) else f"{value:.17g} ({float(value).hex()})"
