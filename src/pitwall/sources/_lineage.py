"""Which constructors are one team under several names.

A team keeps its people, factory and much of its form when it is sold and renamed, but a dump gives it a new id each
time. The lists name constructors by their Ergast reference; every member maps to the id of the first one in the data.
"""

from __future__ import annotations

import pandas as pd

LINEAGES = (
    ("toro_rosso", "alphatauri", "rb"),
    ("force_india", "racing_point", "aston_martin"),
    ("sauber", "alfa"),
    ("renault", "lotus_f1", "alpine"),
    ("honda", "brawn", "mercedes"),
)


def lineage(ids: pd.Series, refs: pd.Series) -> pd.Series:
    """Return the id shared by a team's names: that of the first member of its list which is in the data.

    Args:
        ids: constructor ids.
        refs: their references, aligned.
    """
    known = dict(zip(refs, ids, strict=True))
    shared = {}
    for names in LINEAGES:
        present = [name for name in names if name in known]
        shared.update(dict.fromkeys(present, known[present[0]]) if present else {})
    return refs.map(shared).fillna(ids).astype("int64")
