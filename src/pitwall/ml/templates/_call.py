"""How the chances of a row become one class where the likeliest is nearly always the same one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pitwall.domain.tables import Tables
from pitwall.ml.families.shared.calling import WEIGHT
from pitwall.ml.templates._known_shares import Label, known_shares

LAST = 40  # races, about two seasons: one number for all questions; neither 20 nor 60 nor 100 was better for all (studies/calls.py)


@dataclass(frozen=True)
class Call:
    """The class that is called: the one whose chance is raised most over its known share.

    A chance of 15 % says little for a class that is seldom, and much against one that is not; whose chance is largest calls the second
    one either way. Chances stay as they are: this says only what precision, recall, macro F1 and confusion count, of rules as of models.

    Attributes:
        power: of the share that a chance is divided by: 1 how many times it was raised, 0 the chance itself.
        label: tables -> what came true, where it must not change because of a later race (see `known_shares`).
        reads: tables that it reads.
        last: how many known races the share is counted in.
        found: tables -> the shares before each race; counted when None.
    """

    power: float
    label: Label
    reads: tuple[str, ...]
    last: int = LAST
    found: Callable[[Tables], pd.DataFrame] | None = None

    @property
    def rule(self) -> str:
        """Which class is called, in words."""
        by = "its share" if self.power == 1.0 else f"its share to the power of {self.power:g}"
        return (
            f"the class whose chance, divided by {by} in the last {self.last} races known before the weekend, is the largest; "
            "another may be likelier"
        )

    def shares(self, tables: Tables) -> pd.DataFrame:
        """Return the known share of each class before each race: index race_id, columns the classes in order."""
        found = self.found or (lambda given: known_shares(given, self.label, self.reads, self.last))
        return found(tables)

    def said(self, race: int, tables: Tables) -> str:
        """Return what stands beside a class that is called: the shares before a race, and how they count, in words."""
        known = self.shares(tables).loc[race]
        told = ", ".join(f"{name} {share:.0%}" for name, share in known.items())
        return f"called: {self.rule}. Shares then: {told}"

    def once(self, tables: Tables) -> Call:
        """Return the call with its shares counted already, for tables that lack seasons."""
        shares = self.shares(tables)
        return replace(self, found=lambda _: shares)

    def weights(self, race: pd.Series, tables: Tables) -> pd.DataFrame:
        """Return what the chance of each class is multiplied by, aligned with the race of each row: columns `weight_<class>`."""
        known = self.shares(tables)
        weight = np.power(known.reindex(race).fillna(1.0), -self.power)
        return weight.add_prefix(WEIGHT).set_axis(race.index)
