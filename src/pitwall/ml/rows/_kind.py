"""What a kind of row is: who is forecast about, how a row is known again, when it is cut off, and how all of them are made.

A row kind owns the key by which frames, predictions, logs and the feature store know a row. What is resampled, split and
held out is always a whole race, whatever the kind: rows of one race share its luck.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from pitwall.domain.errors import FrameError, UsageError
from pitwall.domain.keys import BLOCK, CUTOFF, WHEN
from pitwall.domain.tables import Tables


@dataclass(frozen=True)
class RowKind:
    """One kind of row.

    Attributes:
        name: of the kind and its file.
        nouns: singular and plural, as people say it.
        key: columns that identify a row, the race first.
        columns: of the spine, in order; the cut-off is the last.
        said: columns of a predictions table that name a row, in order.
        stages: at which such rows can be forecast.
        reads: canonical tables that the spine is made of.
        make: (tables with all versions, stage) -> rows with `columns`.
        asked: rows of one race that are asked at once in production, for the latency harness.
        newcomer: how a row is forecast of whose ids the data know nothing, as a sentence for cards.
        each: ids that every race has alike, {column: values}, by which the rows of a race to come are made.
        moment: at which a row within a race is cut off, in words for cards; that of its stage where it is empty.
    """

    name: str
    nouns: tuple[str, str]
    key: tuple[str, ...]
    columns: tuple[str, ...]
    said: tuple[str, ...]
    stages: tuple[str, ...]
    reads: tuple[str, ...]
    make: Callable[[Tables, str], pd.DataFrame]
    asked: int
    newcomer: str = ""
    each: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    moment: str = ""

    @property
    def own(self) -> tuple[str, ...]:
        """The key without the race: what tells the rows of one race apart."""
        return tuple(name for name in self.key if name != BLOCK)

    @property
    def order(self) -> tuple[str, ...]:
        """Columns that rows are sorted by: time, then what tells the rows of a race apart."""
        return (*WHEN, *self.own)

    @property
    def ids(self) -> tuple[str, ...]:
        """The spine's ids, by which features are found."""
        return tuple(name for name in self.columns if name.endswith("_id") or name in self.own)

    def spine(self, tables: Tables, stage: str) -> pd.DataFrame:
        """Return the rows to be forecast at a stage, without features and without labels.

        Args:
            tables: canonical tables with all versions; needs `reads`.
            stage: one of `stages`.

        Returns:
            `columns`, sorted by `order`; `cutoff` in UTC with microseconds.

        Raises:
            UsageError: such rows are not forecast at this stage.
            FrameError: the spine lacks a column, or two of its rows have one key.
        """
        if stage not in self.stages:
            known = ", ".join(self.stages)
            raise UsageError(f"{self.nouns[1]} are forecast at {known}; found the stage {stage!r}.")
        rows = self.make(tables, stage)
        if lacking := [name for name in self.columns if name not in rows.columns]:
            raise FrameError(f"the spine of {self.name} lacks {', '.join(lacking)}; it has {', '.join(rows.columns)}.")
        rows = rows.sort_values(list(self.order), ignore_index=True)[list(self.columns)]
        check_unique(rows, self)
        return rows


def check_unique(rows: pd.DataFrame, kind: RowKind) -> None:
    """Raise FrameError where two rows have one key: nobody could say which of them an answer belongs to."""
    key = list(kind.key)
    repeated = rows.duplicated(key)
    if repeated.any():
        twice = rows.loc[repeated, key].iloc[0].to_dict()
        raise FrameError(
            f"{int(repeated.sum())} rows of {kind.name} have the key of another one, first {twice}; {', '.join(key)} must "
            "identify a row. Give the row kind a key that does."
        )


def as_published(rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Return of each key the version that was public at its cut-off, else its first: a later correction moves no row."""
    ordered = rows.sort_values([*key, "known_at"], kind="stable")
    public = ordered[ordered["known_at"] <= ordered[CUTOFF]]
    return pd.concat([ordered.drop_duplicates(key), public]).drop_duplicates(key, keep="last")
