"""Take fields out of decoded pages, and say what is wrong where one is missing or of another form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from pitwall.domain.errors import SourceError
from pitwall.sources.machinery.reading.format import nearest

CHANGED = "The API has changed, or this is another one; use another source of results until Pitwall knows the new form."


def need(holder: Any, field: str, where: str) -> Any:
    """Return a field that must be there.

    Args:
        holder: the object that has it.
        field: its name.
        where: the page and the object, for messages.

    Raises:
        SourceError: the holder is no object, or lacks the field; names the fields that are there and the nearest one.
    """
    if not isinstance(holder, Mapping):
        raise SourceError(f"{where}: expected an object with {field!r}, found {type(holder).__name__}. {CHANGED}")
    if field not in holder or holder[field] is None:
        near = nearest(field, holder)
        hint = f"; did {near!r} take its place?" if near else ""
        raise SourceError(f"{where}: {field!r} is missing (found: {', '.join(holder) or 'nothing'}){hint} {CHANGED}")
    return holder[field]


def need_text(holder: Any, field: str, where: str) -> str:
    """Return a field that must be there and be a text or a number; see `need`."""
    value = need(holder, field, where)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise SourceError(f"{where}: {field!r} is {value!r}; expected a text. {CHANGED}")
    return str(value)


def need_whole(holder: Any, field: str, where: str) -> int:
    """Return a field that must be there and read as a whole number; see `need`."""
    text = need_text(holder, field, where)
    try:
        return int(text)
    except ValueError:
        raise SourceError(f"{where}: {field!r} is {text!r}; expected a whole number. {CHANGED}") from None


def need_list(holder: Any, field: str, where: str) -> list[Any]:
    """Return a field that must be there and be a list; see `need`."""
    value = need(holder, field, where)
    if not isinstance(value, list):
        raise SourceError(f"{where}: {field!r} is {type(value).__name__}; expected a list. {CHANGED}")
    return value


def get(holder: Any, *path: str) -> Any:
    """Return a field that may be missing, from an object in objects; None where it, or one of them, is."""
    for field in path:
        if not _is_object(holder):
            return None
        holder = holder.get(field)
    return holder


def _is_object(value: Any) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)
