"""A registry in memory with a baseline and a few models, their history in a folder, and a way to die at any write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pitwall.adapters.promotion_history import PromotionHistory, history_file
from pitwall.domain.params import PromotionParams
from pitwall.domain.ports import ModelVersion, Registry
from pitwall.domain.project import Project
from pitwall.domain.refs import Promotion, Verdict
from pitwall.ml.gates import gates
from pitwall.ml.registry._rows import Row
from pitwall.ml.registry.approvals import Approval
from pitwall.ml.registry.promotion import promote
from pitwall.testing.fakes.ports import FakeRegistry

NAME = "order-pre_race"
WRITES = ("tag_model", "set_alias", "drop_alias", "tag")


class Killed(BaseException):
    """What a process that is killed does not survive."""


class Versions:
    """A project whose registry holds a baseline (version 1) and models (versions 2, 3, 4).

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     world = Versions(Path(folder))
        ...     _ = world.promote(world.models[0])
        ...     world.holder(), world.kinds()
        (2, ['baseline', 'promoted'])
    """

    def __init__(self, root: Path, models: int = 3) -> None:
        self.project = Project(root)
        self.registry: Registry = FakeRegistry()
        self.history = PromotionHistory(self.project, self.registry)
        self.baseline, *self.models = [self._version(root, number) for number in range(models + 1)]

    def promote(
        self,
        candidate: ModelVersion,
        verdicts: Sequence[Verdict] | None = None,
        approval: Approval | None = None,
        policy: str = "auto",
        expected: int | None = None,
    ) -> Promotion:
        """Promote a version with verdicts, by default those of gates that all pass."""
        return promote(
            self.registry,
            self.history,
            candidate,
            self.baseline,
            passed() if verdicts is None else verdicts,
            policy=PromotionParams.model_validate({"approval": policy}),
            approval=approval,
            expected=expected,
        )

    def holder(self, alias: str = "champion") -> int | None:
        """Return the number of the version that holds an alias."""
        return self.registry.aliases(NAME).get(alias)

    def kinds(self) -> list[str]:
        """Return the kinds of the history's rows."""
        return [row["kind"] for row in self.history.rows()]

    def lines(self) -> list[str]:
        """Return the history's file, line by line."""
        return history_file(self.project).read_text(encoding="utf-8").splitlines()

    def rewrite(self, lines: Sequence[str]) -> None:
        """Write the history's file, as somebody with an editor would."""
        history_file(self.project).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def found(self) -> list[str]:
        """Return what `verify` says."""
        return [each.reason for each in self.history.verify()]

    def dying(self, at: int) -> Mortal:
        """Return the registry and the history as they are to a process that is killed before its write number `at`."""
        return Mortal(self, at)

    def _version(self, root: Path, number: int) -> ModelVersion:
        folder = root / f"model{number}"
        folder.mkdir()
        (folder / "recipe.json").write_text(str(number), encoding="utf-8")
        role = {"role": "model" if number else "baseline"}
        return self.registry.register(NAME, f"run{number}", folder, pd.DataFrame(), role)


class Mortal:
    """Registry and history that count their writes and die before one of them, the line in the file half written."""

    def __init__(self, world: Versions, at: int) -> None:
        self.writes, self._at, self._registry = 0, at, world.registry
        self.history = PromotionHistory(world.project, self)  # type: ignore[arg-type]  # answers by delegation
        self._write = self.history._write
        self.history._write = self._line  # type: ignore[method-assign]  # the one write that is not the registry's
        self._path = history_file(world.project)

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._registry, name)
        if name not in WRITES:
            return call

        def counted(*arguments: Any) -> Any:
            self._count()
            return call(*arguments)

        return counted

    def _line(self, row: Row) -> None:
        try:
            self._count()
        except Killed:
            with self._path.open("a", encoding="utf-8") as stream:
                stream.write('{"at":"2026')
            raise
        self._write(row)

    def _count(self) -> None:
        self.writes += 1
        if self.writes == self._at:
            raise Killed


def passed(**failing: str) -> list[Verdict]:
    """Return a verdict of every gate, passed but for those named with a reason."""
    return [
        Verdict(name, name not in failing, 1.0, 0.0, "nats", failing.get(name, "fine"), 0.1, "race_winner")
        for name in gates()
    ]
