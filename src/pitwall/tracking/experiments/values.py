"""Parameters keep their types: a run store keeps texts, and a text reads back as the number, list or word that was logged."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

TEXT_PARAMS = "pitwall.text_params"  # the tag that names the texts which would read back as something else
READ = (bool, int, float, type(None), list, tuple, dict)


def read_param(text: str) -> Any:
    """Return what a parameter's text stands for; the text itself where it is no number, truth value, None or list.

    Example:
        >>> read_param("0.01"), read_param("adam"), read_param("[64, 32]")
        (0.01, 'adam', [64, 32])
    """
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return value if type(value) in READ else text


def ambiguous(params: Mapping[str, Any]) -> list[str]:
    """Return the keys of texts that would read back as something else, e.g. the text "1"."""
    return [key for key, value in params.items() if isinstance(value, str) and read_param(value) is not value]


def typed(params: Mapping[str, str], tags: Mapping[str, str]) -> dict[str, Any]:
    """Return parameters as they were logged."""
    texts = set(json.loads(tags.get(TEXT_PARAMS, "[]")))
    return {key: text if key in texts else read_param(text) for key, text in params.items()}
