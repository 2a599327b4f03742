"""Questions of one's own: the columns of the data that can be asked for, about which rows, and the rules that a model can be held against."""

from __future__ import annotations

from dataclasses import dataclass

from pitwall.domain.tables import SPECS
from pitwall.ml.models import models
from pitwall.ml.rows import RowKind, row_kind
from pitwall.workflows.bench.target import OWN, rules

NUMBERS, WORDS = ("int64", "float64", "Int64", "Float64"), ("bool", "boolean", "string", "category", "object", "str")


@dataclass(frozen=True)
class Column:
    """A column: `table.column`, and what a row of its table is."""

    name: str
    row: str

    @property
    def label(self) -> str:
        """For people."""
        return f"{self.name} ({self.row})"


def kinds(task: str) -> list[RowKind]:
    """Return the kinds of rows that some model of a task answers about; a car in a race first."""
    names = dict.fromkeys(
        each.rows for each in models().values() if each.family in OWN[task] and not each.start and _asked(each.rows)
    )
    return [row_kind(name) for name in sorted(names, key=lambda name: (name != "race_driver", name))]


def columns_of(task: str, rows: str) -> tuple[Column, ...]:
    """Return the columns that could be asked for, of tables that know rows of a kind by their key.

    Args:
        task: a number for a regression, yes or no or a few words for a classification.
        rows: their kind.
    """
    key, wanted = set(row_kind(rows).key), NUMBERS if task == "regression" else WORDS
    return tuple(
        Column(f"{name}.{column}", spec.row)
        for name, spec in SPECS.items()
        if set(spec.key) == key
        for column, kind in spec.columns.items()
        if column not in key and not column.endswith("_id") and kind in wanted
    )


def rules_of(task: str, rows: str) -> tuple[str, ...]:
    """Return the rules that a model of a task can be held against."""
    kind = row_kind(rows)
    return tuple(sorted({name for family in OWN[task] for name in rules(family, kind)}))


def _asked(rows: str) -> bool:
    """Return whether some table knows such rows by their key."""
    return any(set(spec.key) == set(row_kind(rows).key) for spec in SPECS.values())
