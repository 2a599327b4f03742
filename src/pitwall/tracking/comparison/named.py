"""Find the metric, parameter or experiment that somebody means: by its name, or by a beginning that only one has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.ports import RunRecord

Kind = Literal["metric", "parameter", "experiment"]
SHOWN = 5


def named(kind: Kind, text: str, records: Iterable[RunRecord]) -> str:
    """Return the whole name that a text stands for among those of some runs.

    Raises:
        UnknownName: no run has such a thing; offers the nearest name.
        UsageError: several begin so; lists them.
    """
    known = known_names(kind, records)
    if text in known:
        return text
    found = [name for name in known if text and name.startswith(text)]
    if len(found) > 1:
        shown = ", ".join(found[:SHOWN])
        raise UsageError(f"{len(found)} {kind}s begin with {text!r}: {shown}{' ...' if len(found) > SHOWN else ''}.")
    if not found:
        raise UnknownName(kind, text, known)
    return found[0]


def known_names(kind: Kind, records: Iterable[RunRecord]) -> Sequence[str]:
    """Return the names that some runs have, sorted."""
    if kind == "experiment":
        return sorted({record.experiment for record in records})
    return sorted({name for record in records for name in (record.metrics if kind == "metric" else record.params)})
