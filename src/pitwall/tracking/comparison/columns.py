"""Parameters of runs as columns of numbers or names, for pictures: runs keep texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pitwall.domain.ports import RunRecord
from pitwall.tracking.comparison.named import named
from pitwall.tracking.experiments.run import short

Columns = dict[str, list[object]]
NAMES = 12  # different texts of one parameter from which on it tells runs apart rather than kinds of them


def chosen(records: Sequence[RunRecord], names: Sequence[str]) -> tuple[list[RunRecord], Columns]:
    """Return the runs that have all of some parameters, and these parameters.

    Args:
        records: the runs.
        names: of the parameters or beginnings of them; without any, those that all runs have and in which some differ.

    Raises:
        UnknownName: no run has such a parameter.
    """
    whole = [named("parameter", each, records) for each in names]
    kept = [record for record in records if all(name in record.params for name in whole)]
    if whole or not kept:
        return kept, {name: _column(kept, name) for name in whole}
    everywhere = sorted(set.intersection(*(set(record.params) for record in kept)))
    return kept, {name: column for name in everywhere if _tells(column := _column(kept, name))}


def labels(records: Sequence[RunRecord]) -> list[str]:
    """Return what runs are called in a picture: their names, with the beginning of the id where several have one name.

    Example:
        >>> labels([RunRecord("1", "a", "FINISHED", "lab"), RunRecord("2", "a", "FINISHED", "lab")])
        ['a (1)', 'a (2)']
    """
    names = [record.name for record in records]
    return [
        record.name if names.count(record.name) == 1 else f"{record.name} ({short(record.run_id)})"
        for record in records
    ]


def best_last(records: Sequence[RunRecord], values: Mapping[str, float], *, lower: bool) -> list[RunRecord]:
    """Return the runs that have a value, the worst first: what is drawn last lies on top."""
    having = [record for record in records if record.run_id in values]
    return sorted(having, key=lambda record: values[record.run_id], reverse=lower)


def _column(records: Sequence[RunRecord], name: str) -> list[object]:
    """Return a parameter as numbers where it is one in every run, as texts else."""
    texts = [record.params[name] for record in records]
    try:
        return [float(text) for text in texts]
    except ValueError:
        return list(texts)


def _tells(column: Sequence[object]) -> bool:
    different = len(set(column))
    return different > 1 and (isinstance(column[0], float) or different <= NAMES)
