"""What a check is: one question to a feature group, answered with findings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pitwall.ml.audit._finding import Finding
from pitwall.ml.audit._subject import Audited

Follows = Literal["data", "stage", "frame"]


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        name: of the check and its file.
        title: what it asks, in words.
        sees: what it can see.
        blind: what it cannot.
        run: the group with its data -> what it objects to; an empty list is a pass.
        follows: from what its answer follows beside the group: from the data alone, from them at a stage, or from the model's frame too. What
            follows from no frame is asked once for all models that read the group.
    """

    name: str
    title: str
    sees: str
    blind: str
    run: Callable[[Audited], list[Finding]]
    follows: Follows = "frame"
