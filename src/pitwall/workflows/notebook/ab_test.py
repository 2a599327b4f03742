"""A test of two versions for notebooks: who answers a race, how it stands, what it would have been, and its end."""

from __future__ import annotations

from getpass import getuser

from pitwall.domain.records.ab_races import declared
from pitwall.domain.records.ab_rows import DeclaredTest
from pitwall.workflows.ab import declare
from pitwall.workflows.ab.rehearse import Rehearsal, rehearse
from pitwall.workflows.ab.status import Status, status
from pitwall.workflows.workspace import Workspace


class AbTest:
    """A declared test, as `ModelRegistry.ab_test` returns it.

    Args:
        workspace: of the project.
        test: as the track record declares it.
    """

    def __init__(self, workspace: Workspace, test: DeclaredTest) -> None:
        self._workspace, self.declared = workspace, test

    def route(self, race: str) -> int:
        """Return the version that answers a race such as 2026-05: the same one at every call, for everybody."""
        return self.declared.version(self.declared.arm(race))

    def status(self) -> Status:
        """Return how it stands: `said`, and `races` and `looks`, one look after each race that counts."""
        return next(
            each for each in status(self._workspace, self.declared.model) if each.test.hash == self.declared.hash
        )

    def rehearse(self) -> Rehearsal:
        """Return what it would have shown on the races that both versions were judged on, divided as those to come; no verdict."""
        test = self.declared
        return rehearse(self._workspace, test.model, test.champion, test.challenger, split=test.split, salt=test.salt)

    def stop(self, *, by: str = "", note: str = "") -> DeclaredTest:
        """End it and return it; one that has ended meanwhile, by a promotion say, stays as it is.

        Args:
            by: who ends it; the user of the machine when empty.
            note: why.
        """
        ended = next(each for each in declared(self._workspace.record.rows()) if each.hash == self.declared.hash)
        if not ended.ended:
            declare.stop(self._workspace, self.declared.model, by=by or getuser(), note=note)
            ended = next(each for each in declared(self._workspace.record.rows()) if each.hash == self.declared.hash)
        self.declared = ended
        return ended
