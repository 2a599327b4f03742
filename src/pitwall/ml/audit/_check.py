"""What a check is: one question to a feature group, answered with findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pitwall.ml.audit._finding import Finding
from pitwall.ml.audit._subject import Audited


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        name: of the check and its file.
        title: what it asks, in words.
        sees: what it can see.
        blind: what it cannot.
        run: the group with its data -> what it objects to; an empty list is a pass.
        shared: its answer follows from the group and from what `Subject.digest` covers, whatever model reads the group at which stage: then it
            is asked once in a process.
    """

    name: str
    title: str
    sees: str
    blind: str
    run: Callable[[Audited], list[Finding]]
    shared: bool = False
