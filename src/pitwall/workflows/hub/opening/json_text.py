"""JSON of a stranger: its depth and its numbers are looked at before a parser builds anything of it."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from pitwall.workflows.hub.opening.refusal import BundleRefused

MOST_BYTES = 64_000_000
MOST_DEPTH = 40
MOST_DIGITS = 40  # a double needs 17, and an exponent
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]|[-+0-9][-+0-9.eE]*', re.DOTALL)


def see_json(name: str, content: bytes) -> None:
    """Look at a JSON file.

    Raises:
        BundleRefused: it is none, or would cost more than it says.
    """
    parsed_json(name, content)


def parsed_json(name: str, content: bytes) -> Any:
    """Return what a JSON file says, after a look at it; raises as `see_json`."""
    if len(content) > MOST_BYTES:
        raise BundleRefused("json", f"{name} of {len(content):,} bytes")
    see_shape(name, content)
    try:
        return json.loads(content.decode("utf-8"), object_pairs_hook=_distinct, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise BundleRefused("json", f"{name}: {error}") from None


def see_shape(name: str, content: bytes) -> None:
    """Look at the depth of a JSON text and the length of its numbers, in one pass that builds nothing.

    Raises:
        BundleRefused: it is too deep, or a number has more digits than any has.
    """
    depth = 0
    for found in TOKEN.finditer(content):
        token = found.group()
        if token in (b"[", b"{"):
            depth += 1
            if depth > MOST_DEPTH:
                raise BundleRefused("json", f"{name}: more than {MOST_DEPTH} brackets deep")
        elif token in (b"]", b"}"):
            depth -= 1
        elif not token.startswith(b'"') and len(token) > MOST_DIGITS:
            raise BundleRefused("json", f"{name}: a number of {len(token)} characters")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("an object has a key twice")
    return made


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is more than a number can be")
    return value
