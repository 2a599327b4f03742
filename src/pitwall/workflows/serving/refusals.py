"""Why a question is not answered: what was found, what was expected, what to do, and the nearest names that are known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Literal

from pitwall.domain.errors import UsageError

NEAR = 5
Kind = Literal["unknown", "state", "content"]


class Refused(UsageError):
    """A question that cannot be answered as it was asked.

    Attributes:
        kind: `unknown`, a name is not known; `state`, not as things stand; `content`, the question itself is wrong.
        title: in a few words.
        found: what was given.
        expected: what would have been right.
        do: what to do.
        near: known names that are near to the one that was given.
    """

    def __init__(self, kind: Kind, title: str, *, found: str, expected: str, do: str, near: Iterable[str] = ()) -> None:
        self.kind, self.title, self.found, self.expected, self.do = kind, title, found, expected, do
        self.near = tuple(near)
        hint = f" Near: {', '.join(self.near)}." if self.near else ""
        super().__init__(f"{title}: found {found}; expected {expected}; {do}.{hint}")


def unknown(what: str, name: str, known: Iterable[str], do: str) -> Refused:
    """Return the refusal of a name that is not known.

    Example:
        >>> unknown("template", "race_winer", ["podium", "race_winner"], "name one of them").near
        ('race_winner',)
    """
    names = sorted(known)
    near = get_close_matches(name, names, n=NEAR, cutoff=0.5) or names[:NEAR]
    expected = (
        ", ".join(names) if 0 < len(names) <= 25 else f"one of {len(names)} known names" if names else "a known name"
    )
    return Refused("unknown", f"unknown {what}", found=repr(name), expected=expected, do=do, near=near)


def wrong(title: str, *, found: str, expected: str, do: str) -> Refused:
    """Return the refusal of a question whose content is wrong."""
    return Refused("content", title, found=found, expected=expected, do=do)
