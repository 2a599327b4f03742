"""Clean each snapshot once, however often tables are made of all that are kept: what histories of many snapshots spend most of their time on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from unittest.mock import patch

import pandas as pd

from pitwall.sources.machinery.canonical import tables
from pitwall.sources.machinery.canonical.dump import clean_dump
from pitwall.sources.machinery.snapshots.read import Quarantine
from pitwall.sources.machinery.snapshots.store import Snapshot


@contextmanager
def cleaned_once() -> Iterator[None]:
    """Let `build_tables` remember the clean dump of a snapshot by its place and hash; each caller gets copies.

    A snapshot never changes once it is kept, and cleaning reads nothing else. Vetting, before it is kept, cleans by itself as ever.
    """
    known: dict[tuple[Path, str], tuple[dict[str, pd.DataFrame], Quarantine]] = {}

    def clean(snapshot: Snapshot, quarantine: Quarantine) -> dict[str, pd.DataFrame]:
        key = (snapshot.folder, snapshot.hash)
        if key not in known:
            aside = Quarantine(snapshot.name)
            known[key] = clean_dump(snapshot, aside), aside
        dump, aside = known[key]
        vars(quarantine).update(deepcopy(vars(aside)))
        return {name: frame.copy() for name, frame in dump.items()}

    with patch.object(tables, "clean_dump", clean):
        yield
