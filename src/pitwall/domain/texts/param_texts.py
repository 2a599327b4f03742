"""Parameters as texts, since run stores keep texts: one way to write a value, and one way to read it back with its type."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Mapping
from typing import Any

READ = (bool, int, float, type(None), list, tuple, dict)
SINGLE = (bool, int, str, type(None))


def flatten(params: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested mappings as one mapping with dotted keys.

    Example:
        >>> flatten({"tuning": {"trials": 3}, "seed": 7})
        {'tuning.trials': 3, 'seed': 7}
    """
    flat: dict[str, Any] = {}
    for key, value in params.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            flat.update(flatten(value, f"{name}."))
        else:
            flat[name] = value
    return flat


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: arrays and tuples are lists, and what JSON does not know is text.

    Example:
        >>> plain({"layers": (64, 32), "rate": float("nan")})
        {'layers': [64, 32], 'rate': 'nan'}
    """
    if type(value) in SINGLE:
        return value
    if type(value) is float:
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    given = value.tolist() if hasattr(value, "tolist") else value  # numbers and arrays of NumPy
    return str(value) if given is value else plain(given)


def text_of(value: Any) -> str:
    """Return a value as text: lists and mappings as JSON, everything else as Python says it.

    Example:
        >>> text_of([64, 32]), text_of(0.1), text_of(None)
        ('[64, 32]', '0.1', 'None')
    """
    given = plain(value)
    return json.dumps(given, ensure_ascii=False) if isinstance(given, list | dict) else str(given)


def read(text: str) -> Any:
    """Return what a text stands for; the text itself where it is no number, truth value, None, list or mapping.

    Example:
        >>> read("0.01"), read("adam"), read('["a", null]')
        (0.01, 'adam', ['a', None])
    """
    try:
        return json.loads(text, parse_constant=_refuse) if text[:1] in {"[", "{"} else _literal(text)
    except ValueError:
        return _literal(text)  # a list as Python writes it, of runs of earlier versions


def _literal(text: str) -> Any:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text
    return value if type(value) in READ and _finite(value) else text


def _finite(value: Any) -> bool:
    return not isinstance(value, float) or math.isfinite(value)  # 1e999 is one


def _refuse(word: str) -> Any:
    raise ValueError(word)
