"""What somebody typed into a notebook as plain data that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pitwall.domain.errors import UsageError


def plain(value: Any, where: str) -> Any:
    """Return a value as plain data; numbers of NumPy become Python's.

    Args:
        value: mappings with text as keys, lists, text, numbers, truth values, None.
        where: what it is, for the error.

    Raises:
        UsageError: a part of it is something else; names where.
    """
    if isinstance(value, Mapping):
        return {_key(key, where): plain(each, f"{where}.{key}") for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each, f"{where}[{place}]") for place, each in enumerate(value)]
    if isinstance(value, np.generic | np.ndarray):
        return plain(value.tolist(), where)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise UsageError(f"{where} is a {type(value).__name__}; give text, numbers, truth values, None, lists or mappings.")


def _key(key: Any, where: str) -> str:
    if not isinstance(key, str):
        raise UsageError(f"{where} has the key {key!r} ({type(key).__name__}); keys must be text.")
    return key
