"""Make the canonical tables from the snapshots of one world: read, clean, shape, stamp, version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pitwall.domain.errors import SourceError
from pitwall.domain.params import TimeParams
from pitwall.domain.tables import SPECS, empty_table
from pitwall.sources._dump import clean_dump
from pitwall.sources._read import Quarantine
from pitwall.sources._shape import shape
from pitwall.sources._snapshots import Snapshot
from pitwall.sources._stamps import stamp
from pitwall.sources._versions import add_snapshot


@dataclass(frozen=True)
class TableBuild:
    """The canonical tables with all versions of their rows, the rows set aside, and a count per table.

    `counts` has one row per table: rows (versions included), corrected, gone (absent from the newest snapshot).
    """

    tables: Mapping[str, pd.DataFrame]
    quarantine: pd.DataFrame
    counts: pd.DataFrame


def build_tables(snapshots: Sequence[Snapshot], time: TimeParams) -> TableBuild:
    """Build every canonical table from the snapshots of one world, oldest first.

    Raises:
        SourceError: there is no snapshot.
    """
    if not snapshots:
        raise SourceError("there is no raw snapshot to make tables from; fetch one with `dvc repro ingest`.")
    tables = {name: empty_table(name) for name in SPECS}
    aside: list[pd.DataFrame] = []
    corrected, gone = dict.fromkeys(SPECS, 0), dict.fromkeys(SPECS, 0)
    for snapshot in sorted(snapshots, key=lambda each: each.fetched_at):
        bad = Quarantine(snapshot.name)
        for name, frame in stamp(shape(clean_dump(snapshot, bad), time), time).items():
            tables[name], counts = add_snapshot(name, tables[name], frame, snapshot.fetched_at)
            corrected[name] += counts["changed"]
            gone[name] = counts["gone"]
        aside.append(bad.frame())
    summary = [(name, len(tables[name]), corrected[name], gone[name]) for name in SPECS]
    columns = ["table", "rows", "corrected", "gone"]
    quarantine = pd.concat(aside).drop_duplicates(["table", "reason", "row"]).reset_index(drop=True)
    return TableBuild(tables, quarantine, pd.DataFrame(summary, columns=columns))
