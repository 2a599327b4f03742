"""Say what waits: for who looks after a project, without asking the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pitwall.adapters.spool.journal import FOLDER, SET_ASIDE, Spool
from pitwall.domain.project import Project

SHOWN = 3


@dataclass(frozen=True)
class Waiting:
    """What was not sent.

    Attributes:
        calls: {run: how many of its calls wait}; one that goes on is here with 0 as well.
        set_aside: how many journals are kept because the store refused something of them, or a kill tore a line.
    """

    calls: Mapping[str, int] = field(default_factory=dict)
    set_aside: int = 0

    def words(self) -> str:
        """Return it in words, empty where nothing waits."""
        runs = [run for run, count in self.calls.items() if count]
        named = ", ".join(runs[:SHOWN]) + (" ..." if len(runs) > SHOWN else "")
        said = [f"{sum(self.calls.values())} call(s) of {len(runs)} run(s) wait in .pitwall/{FOLDER} ({named})"]
        aside = [f"{self.set_aside} journal(s) in .pitwall/{FOLDER}/{SET_ASIDE} hold what could not be sent"]
        return "; ".join(said * bool(runs) + aside * bool(self.set_aside))

    def do(self) -> str:
        """Return what to do about it."""
        send = ["`pitwall exp sync` when the store answers"] * any(self.calls.values())
        look = [f"look into .pitwall/{FOLDER}/{SET_ASIDE}, then remove what is in it"] * bool(self.set_aside)
        return "; ".join(send + look)


def waiting(project: Project) -> Waiting:
    """Return what waits in a project."""
    spool = Spool(project)
    journals = [spool.journal(run_id) for run_id in spool.ids()]
    calls = {each.run_id: max(0, len(each.lines()) - each.progress().sent) for each in journals}
    return Waiting(calls, len(spool.set_aside()))
