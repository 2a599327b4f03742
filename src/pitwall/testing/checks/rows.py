"""The contract of a kind of row: its key identifies a row at every stage, blocks are races, and nothing told later moves a row."""

from __future__ import annotations

import pandas as pd

from pitwall.domain.errors import FrameError
from pitwall.domain.keys import BLOCK, CUTOFF, SPINE_NAMES, WHEN
from pitwall.domain.tables import SPECS, STAMPS, Tables
from pitwall.domain.when import UTC_US, Stage
from pitwall.ml.rows import RowKind

LATER = pd.Timedelta(days=3650)
CALENDAR = "races"  # one calendar for all: when it moves a race, its rows move (docs/time.md)


def check_row_kind(kind: RowKind, tables: Tables) -> None:
    """Check a kind of row against its contract.

    Args:
        kind: the plug-in.
        tables: canonical tables with all versions, e.g. `tiny_tables()`.

    Raises:
        AssertionError: it breaks the contract; says where.
    """
    _check_words(kind)
    for stage in kind.stages:
        try:
            spine = kind.spine(tables, stage)
        except FrameError as error:
            raise AssertionError(str(error)) from error
        _check_spine(kind, spine, stage)
        read = kind.spine(tables.only(*kind.reads), stage)
        assert read.equals(spine), f"the spine reads other tables than it says ({', '.join(kind.reads)})"
        _check_still(kind, spine, tables, stage)


def _check_words(kind: RowKind) -> None:
    assert kind.key[0] == BLOCK, f"a key begins with the race, which is what is held out; found {kind.key}"
    assert kind.columns[-1] == CUTOFF, f"the last column of a spine is the {CUTOFF}; found {kind.columns[-1]}"
    unknown = [name for name in kind.columns if name not in SPINE_NAMES]
    assert not unknown, (
        f"{', '.join(unknown)}: columns of a spine stand in pitwall.domain.keys.SPINE_NAMES, no feature may be called so"
    )
    for what in ("key", "said", "order"):
        lacking = [name for name in getattr(kind, what) if name not in kind.columns]
        assert not lacking, f"{what} names {', '.join(lacking)}, which the spine lacks"
    lacking = [name for name in (*kind.key, *WHEN) if name not in kind.said]
    assert not lacking, f"a predictions table must name a row, and `said` lacks {', '.join(lacking)}"
    assert kind.stages and set(kind.stages) <= set(Stage), f"stages are some of {', '.join(Stage)}; found {kind.stages}"
    assert all(noun.strip() for noun in kind.nouns) and len(kind.nouns) == 2, "nouns are a singular and a plural"
    assert kind.asked >= 1, "at least one row of a race is asked at once"


def _check_spine(kind: RowKind, spine: pd.DataFrame, stage: str) -> None:
    assert len(spine), f"there are no rows at {stage}; give tables in which there are"
    assert list(spine) == list(kind.columns), f"the spine has {kind.columns}, found {list(spine)}"
    key = list(kind.key)
    assert not spine.duplicated(key).any(), f"{', '.join(key)} must identify a row"
    ordered = spine.sort_values(list(kind.order), kind="stable")
    assert ordered.index.equals(spine.index), f"rows are sorted by {', '.join(kind.order)}"
    assert str(spine[CUTOFF].dtype) == UTC_US, f"the cut-off is {UTC_US}, found {spine[CUTOFF].dtype}"
    assert spine[CUTOFF].notna().all(), "every row has a cut-off"
    null = [name for name in kind.ids if spine[name].isna().any()]
    assert not null, f"{', '.join(null)} must be known of every row"


def _check_still(kind: RowKind, spine: pd.DataFrame, tables: Tables, stage: str) -> None:
    """A correction that comes years later moves no row: it was not public at any cut-off."""
    for name in kind.reads:
        if name == CALENDAR:
            continue
        moved = kind.spine(tables.replace(**{name: _corrected(tables[name], name)}), stage)
        assert moved.equals(spine), (
            f"a row at {stage} depends on a version of {name} that was published after its cut-off"
        )


def _corrected(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a table with another version of every line, that differs in all but its key and is known much later."""
    key = set(SPECS[name].key)
    later = table.copy()
    for column in [each for each in table if each not in {*key, *STAMPS}]:
        if pd.api.types.is_bool_dtype(table[column]):
            later[column] = ~table[column]
        elif pd.api.types.is_numeric_dtype(table[column]):
            later[column] = table[column] + 1
    for stamp in STAMPS:
        if pd.api.types.is_datetime64_any_dtype(later[stamp]):
            later[stamp] = later[stamp] + (LATER if stamp == "known_at" else pd.Timedelta(seconds=1))
    return pd.concat([table, later], ignore_index=True)
