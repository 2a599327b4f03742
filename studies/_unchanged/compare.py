"""Compare two runs part by part: what is equal is counted, every other difference is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isnan
from typing import Any

import numpy as np
import pandas as pd

from _unchanged.identity import Side
from _unchanged.parts import PARTS, Thing

LACKS = object()


@dataclass
class Part:
    """One part of the comparison.

    Attributes:
        compared: how many things both runs have.
        new: things of models and questions that the version before did not have.
        differences: in words, each with its place.
    """

    name: str
    compared: int = 0
    new: int = 0
    differences: list[str] = field(default_factory=list)


def compare(before: Side, after: Side) -> list[Part]:
    """Return every part with its differences."""
    return [_part(name, dict(read(before)), dict(read(after))) for name, read in PARTS.items()]


def _part(name: str, before: dict[str, Thing], after: dict[str, Thing]) -> Part:
    part, known = Part(name), {thing.owner for thing in before.values()}
    for key in sorted({*before, *after}):
        if key not in after:
            part.differences.append(f"{key}: only before")
        elif key not in before and after[key].owner in known:
            part.differences.append(f"{key}: only after")
        elif key not in before:
            part.new += 1
        else:
            part.compared += 1
            part.differences += [f"{key}: {each}" for each in _apart(before[key].value, after[key].value)]
    return part


def _apart(before: Any, after: Any) -> Iterator[str]:
    if isinstance(before, pd.DataFrame) and isinstance(after, pd.DataFrame):
        yield from _tables_apart(before, after)
    elif isinstance(before, dict) and isinstance(after, dict):
        for path in sorted({*before, *after}):
            old, new = before.get(path, LACKS), after.get(path, LACKS)
            if type(old) is not type(new) or not _same(old, new):
                yield f"{path} was {_text(old)}, is {_text(new)}"
    elif before != after:
        yield f"was {before}, is {after}"


def _tables_apart(before: pd.DataFrame, after: pd.DataFrame) -> Iterator[str]:
    if list(before.columns) != list(after.columns):
        apart = sorted(set(before.columns) ^ set(after.columns))
        yield f"columns {', '.join(apart) or 'in another order'} differ"
    elif len(before) != len(after):
        yield f"had {len(before)} rows, has {len(after)}"
    else:
        for name in before.columns:
            if before[name].dtype != after[name].dtype:
                yield f"column {name} was {before[name].dtype}, is {after[name].dtype}"
            elif wrong := int((~_same_values(before[name], after[name])).sum()):
                yield f"column {name}: {wrong} of {len(before)} values differ"


def _same_values(before: pd.Series, after: pd.Series) -> np.ndarray:
    """Return where two columns are equal; numbers to the last bit."""
    if before.dtype == np.float64:
        return np.asarray(before.to_numpy().view(np.int64) == after.to_numpy().view(np.int64))
    return np.asarray((before == after) | (before.isna() & after.isna()))


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, float) and isnan(old):
        return isnan(new)  # a number that is none equals itself here
    return bool(old == new)


def _text(value: Any) -> str:
    if value is LACKS:
        return "absent"
    text = repr(value)
    return text if len(text) <= 160 else f"{text[:159]}…"
