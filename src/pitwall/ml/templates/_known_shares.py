"""How often each class of a question had come true lately, as it was known before the weekend of each race.

A race counts from the instant at which all that its label is made of had happened and was public; a later correction changes nothing
of what was known before it. The same shares stand at every stage of a weekend.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.domain.when import UTC_US

Label = Callable[[Tables], pd.Series]
RACES = "races"
YES_NO = ("yes", "no")


def known_shares(tables: Tables, label: Label, reads: tuple[str, ...], last: int) -> pd.DataFrame:
    """Return the share of each class among the rows of the last races before each race: index race_id, columns the classes in order.

    One row in equal parts is added: no share is 0, and before the first known race all are alike.

    Args:
        tables: canonical tables with all versions.
        label: tables -> class or yes/no by race_id, or by a key that begins with it; what it says of a race must not change because
            of a later one.
        reads: tables that it reads.
        last: how many of the newest known races are counted.
    """
    own = tables.only(*dict.fromkeys((RACES, *reads)))
    classes = _indicators(label(own)).columns
    found = {}
    for asked, then in _epochs(own):
        counts = _indicators(label(then)).groupby("race_id").sum()
        since = _known_since(then, reads).reindex(counts.index).to_numpy()
        order = since.argsort(kind="stable")
        sums = np.vstack([np.zeros(len(classes)), counts.to_numpy()[order].cumsum(axis=0)])
        upto = since[order].searchsorted(asked.astype("int64"), side="left")
        for race, end in zip(asked.index, upto, strict=True):
            found[race] = sums[end] - sums[max(end - last, 0)]
    rows = pd.DataFrame.from_dict(found, orient="index", columns=classes).rename_axis("race_id").sort_index()
    return (rows + 1.0 / len(classes)).div(rows.sum(axis=1) + 1.0, axis=0)


def _epochs(tables: Tables) -> Iterator[tuple[pd.Series, Tables]]:
    """Yield the instants at which races are asked about, by race_id, with the versions that stood then: snapshot by snapshot."""
    asked = tables.only(RACES).as_of()[RACES].set_index("race_id")["practice_at"].dropna().sort_values(kind="stable")
    epoch = np.searchsorted(pd.DatetimeIndex(tables.vintages()), asked, side="right") if tables.vintages() else 0
    for _, part in asked.groupby(np.broadcast_to(epoch, len(asked))):
        yield part, tables.as_of(part.iloc[-1])


def _known_since(tables: Tables, reads: tuple[str, ...]) -> pd.Series:
    """Return from when on the label of each race was known (microseconds), by race_id: all that it is made of had happened and was public."""
    lines = [tables[name][["race_id", "event_timestamp", "known_at"]] for name in reads]
    late = pd.concat(lines).groupby("race_id")[["event_timestamp", "known_at"]].max()
    return late.max(axis=1).astype(UTC_US).astype("int64")


def _indicators(label: pd.Series) -> pd.DataFrame:
    """Return 1.0 in the column of the class that came true, rows with a known label alone."""
    known = label.dropna()
    if isinstance(known.dtype, pd.CategoricalDtype):
        names, codes = tuple(map(str, known.cat.categories)), known.cat.codes.to_numpy()
    else:
        names, codes = YES_NO, (~known.astype("bool")).to_numpy().astype(np.int64)
    return pd.DataFrame(np.eye(len(names))[codes], index=known.index, columns=list(names))
