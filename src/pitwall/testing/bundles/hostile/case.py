"""One hostile bundle."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Hostile:
    """A bundle that must be refused.

    Attributes:
        name: what is wrong, for the reader of a test.
        reason: the name by which it must be refused.
        content: the bytes of the file.
        parsed: whether its signature holds, so that its files may be looked at.
    """

    name: str
    reason: str
    content: bytes = field(repr=False)
    parsed: bool = False
