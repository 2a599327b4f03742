"""One text for one value: canonical JSON in the manner of RFC 8785, with the type of every value written down.

Plain JSON cannot be trusted with an identity: `default=str` makes different objects equal, and RFC 8785 itself writes
1 and 1.0 alike. Here every value is a pair of its type and its content, and a type that has no canonical form is refused.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from pitwall.domain.errors import UsageError


class Missing(Enum):
    """The value of a key that is not there, which is not the same as None."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return self.value

    __str__ = __repr__


MISSING: Final = Missing.MISSING
# exact types: a NumPy number or an enum member is a subclass of one of these and means something else
SCALARS: dict[type, tuple[str, Callable[[Any], str]]] = {
    bool: ("bool", lambda truth: str(truth).lower()),
    float: ("float", lambda number: repr(number + 0.0)),  # -0.0 and 0.0 are one number
    int: ("int", str),
    str: ("text", str),
    type(None): ("null", lambda _: ""),
}


@dataclass(frozen=True)
class Change:
    """One field that differs between two nested mappings; `MISSING` on a side that lacks it."""

    field: str
    old: Any
    new: Any

    def row(self) -> dict[str, Any]:
        """Return the change as a JSON row; a side that lacks the field has no key."""
        sides = {"old": self.old, "new": self.new}
        return {"field": self.field, **{side: value for side, value in sides.items() if value is not MISSING}}


def canonical(value: Any) -> str:
    """Return the canonical text of a value made of mappings, lists, text, numbers, truth values and None.

    Tuples count as lists, as YAML and JSON know no other. Not-a-number, infinities, keys that are no text and every other
    type are refused.

    Raises:
        UsageError: a value has no canonical form; names where it is.

    Example:
        >>> canonical({"b": 1, "a": 1.0})
        '["map",{"a":["float","1.0"],"b":["int","1"]}]'
    """
    return json.dumps(_tagged(value, "value"), separators=(",", ":"), ensure_ascii=False)


def hash_of(value: Any) -> str:
    """Return the sha256 of a value's canonical text."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def changes(old: Any, new: Any, where: str = "") -> list[Change]:
    """Return what differs between two nested values, in the order of the first one's keys, then of the second one's.

    Example:
        >>> changes({"a": {"b": 1}, "c": None}, {"a": {"b": 1.0}})
        [Change(field='a.b', old=1, new=1.0), Change(field='c', old=None, new=missing)]
    """
    if _descends(old, new):
        first, second = ({} if side is MISSING else side for side in (old, new))
        keys = [*first, *(key for key in second if key not in first)]
        dotted = {key: f"{where}.{key}" if where else str(key) for key in keys}
        found = [changes(first.get(key, MISSING), second.get(key, MISSING), dotted[key]) for key in keys]
        return [change for each in found for change in each]
    same = old is new if MISSING in (old, new) else canonical(old) == canonical(new)
    return [] if same else [Change(where, old, new)]


def _descends(old: Any, new: Any) -> bool:
    """Tell whether to look inside: two mappings, or one with content where the other side has nothing."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return True
    return any(isinstance(one, Mapping) and one and other is MISSING for one, other in ((old, new), (new, old)))


def _tagged(value: Any, where: str) -> Any:
    if isinstance(value, Mapping):
        return ["map", {key: _tagged(value[key], f"{where}.{key}") for key in sorted(_keys(value, where), key=_utf16)}]
    if type(value) in (list, tuple):
        return ["list", [_tagged(each, f"{where}[{place}]") for place, each in enumerate(value)]]
    kind = type(value)
    if kind not in SCALARS or (kind is float and not math.isfinite(value)):
        raise UsageError(
            f"{where} is {value if kind is float else kind.__name__}, which has no canonical form; use text, int, finite "
            "float, bool, None, lists or mappings."
        )
    name, write = SCALARS[kind]
    return [name, write(value)]


def _keys(value: Mapping[Any, Any], where: str) -> list[str]:
    for key in value:
        if type(key) is not str:
            raise UsageError(f"{where} has the key {key!r} ({type(key).__name__}); keys must be text.")
    return list(value)


def _utf16(key: str) -> bytes:
    """Order keys as RFC 8785 does, by UTF-16 code units."""
    return key.encode("utf-16-be", "surrogatepass")
