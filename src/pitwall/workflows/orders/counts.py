"""How many rows of each race there are at a stage, and how many hold a value of each feature: what any choice of races is summed from.

The rows of all races are joined once per stage and state of the data, in memory and by the rule of the feature store, and only
their counts are kept: a preview is then a sum, however often somebody changes their mind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from pitwall.domain.files import write_atomically
from pitwall.domain.keys import BLOCK
from pitwall.domain.project import Project
from pitwall.domain.tables import Tables, load_tables
from pitwall.features.machinery.group import FeatureGroup
from pitwall.features.machinery.known import as_known
from pitwall.ml.data.race_conditions import CONDITIONS
from pitwall.ml.rows import RowKind
from pitwall.workflows.workspace import Workspace

ROWS, CONDITION = "rows", "is "  # columns; a condition's is `is wet`
KEPT = 40  # files of earlier choices and data
PLACES = ["season", "circuit_id"]


@dataclass(frozen=True)
class Counts:
    """Counts by race.

    Attributes:
        races: index race_id; columns season, circuit_id, rows, one `is CONDITION` each (null where nobody knows), and for each
            feature how many rows hold a value of it.
        circuits: references by circuit_id.
        empty: canonical tables without a row.
    """

    races: pd.DataFrame
    circuits: dict[int, str]
    empty: frozenset[str]

    def chosen(
        self, seasons: Iterable[int] = (), circuits: Iterable[str] = (), conditions: dict[str, bool] | None = None
    ) -> pd.DataFrame:
        """Return the counts of some races; all seasons or circuits where none is named.

        Args:
            seasons: that are chosen.
            circuits: by reference.
            conditions: {name: wanted}; a race of which nobody knows it is not chosen.
        """
        kept, named, places = self.races, set(seasons), set(circuits)
        if named:
            kept = kept[kept["season"].isin(named)]
        if places:
            kept = kept[kept["circuit_id"].map(self.circuits).isin(places)]
        for name, wanted in (conditions or {}).items():
            kept = kept[kept[CONDITION + name].eq(wanted).fillna(value=False)]
        return kept


def counts(workspace: Workspace, kind: RowKind, stage: str, groups: Iterable[FeatureGroup]) -> Counts:
    """Return the counts of rows of a kind at a stage; made anew where tables or features have changed.

    Args:
        workspace: of the project.
        kind: of the rows.
        stage: whose cut-offs they have.
        groups: of features that are counted, whose keys the rows hold; one that is not built counts as empty.
    """
    project, wanted = workspace.project, sorted(groups, key=lambda group: group.name)
    read = [project.tables / f"{name}.parquet" for name in (*kind.reads, "circuits", "laps")]
    state = _state([*read, *(project.features / f"{group.name}.parquet" for group in wanted)])
    path = project.state / "previews" / f"{kind.name}-{stage}-{state[:16]}.parquet"
    if not path.is_file():
        _keep(path, _counted(project, kind, stage, wanted))
    circuits = load_tables(project.tables, ["circuits"]).as_of()["circuits"]
    return Counts(_read(path), circuits.set_index("circuit_id")["ref"].to_dict(), empty_tables(project))


def empty_tables(project: Project) -> frozenset[str]:
    """Return the canonical tables that hold nothing, or that are not there."""
    from pitwall.domain.tables import SPECS

    paths = {name: project.tables / f"{name}.parquet" for name in SPECS}
    return frozenset(name for name, path in paths.items() if not path.is_file() or not pq.read_metadata(path).num_rows)


@lru_cache(maxsize=8)
def _read(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path)


def _state(paths: Iterable[Path]) -> str:
    """Return a hash of which files there are, from their names, sizes and times."""
    there = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in paths if path.is_file()]
    return hashlib.sha256(repr(there).encode()).hexdigest()


def _keep(path: Path, made: pd.DataFrame) -> None:
    write_atomically(path, made.to_parquet())
    for old in sorted(path.parent.glob("*.parquet"), key=lambda each: each.stat().st_mtime_ns)[:-KEPT]:
        old.unlink(missing_ok=True)


def _counted(project: Project, kind: RowKind, stage: str, groups: Iterable[FeatureGroup]) -> pd.DataFrame:
    tables = load_tables(project.tables, sorted({*kind.reads, "races", "circuits", "laps"}))
    spine = kind.spine(tables, stage)
    races = tables.only("races").as_of()["races"].set_index(BLOCK)[PLACES]
    made = races.join(spine.groupby(BLOCK).size().rename(ROWS), how="inner")
    values = [_with_value(project, spine, group) for group in groups]
    return pd.concat([made, *_conditions(tables, made), *values], axis=1)


def _conditions(tables: Tables, races: pd.DataFrame) -> list[pd.Series]:
    """Return what is known of each race by each condition."""
    said = {name: each.holds(tables.only(*each.reads).as_of()) for name, each in CONDITIONS.items()}
    return [values.reindex(races.index).astype("boolean").rename(CONDITION + name) for name, values in said.items()]


def _with_value(project: Project, spine: pd.DataFrame, group: FeatureGroup) -> pd.DataFrame:
    """Return how many rows of each race hold a value of each feature of a group."""
    path = project.features / f"{group.name}.parquet"
    rows = pd.read_parquet(path) if path.is_file() else pd.DataFrame()
    if rows.empty:
        return pd.DataFrame(0, index=pd.Index(spine[BLOCK].unique(), name=BLOCK), columns=group.names)
    known = as_known(spine, group, rows)[group.names].notna()
    return known.groupby(spine[BLOCK]).sum().astype("int64")
