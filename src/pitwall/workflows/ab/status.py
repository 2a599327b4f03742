"""How a test stands: its declaration, its races with both losses, and after each of them what may be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pitwall.domain.records.ab_races import RaceOfTest, declared, races_of
from pitwall.domain.records.ab_rows import AB, FAILED, DeclaredTest
from pitwall.domain.records.aliases import CHALLENGER, CHAMPION
from pitwall.monitoring.sequential import Look, looks, say
from pitwall.workflows.ab.design import design_of
from pitwall.workflows.ab.exposures import exposures
from pitwall.workflows.workspace import Workspace

UNITS = {"log_loss": "nats"}


@dataclass(frozen=True)
class Status:
    """How a test stands.

    Attributes:
        test: as it was declared.
        races: of the test, in the order of their sessions.
        looks: after each race that counts.
        exposed: {arm: {version: answers of the API}} by the log of answers.
    """

    test: DeclaredTest
    races: tuple[RaceOfTest, ...]
    looks: tuple[Look, ...]
    exposed: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def counted(self) -> list[RaceOfTest]:
        """The races with a pair of losses, one per look."""
        return [race for race in self.races if race.state == "counts"]

    @property
    def waiting(self) -> list[str]:
        """Races that both versions have forecast, without a result."""
        return [race.race for race in self.races if race.state == "waits"]

    @property
    def alone(self) -> list[RaceOfTest]:
        """Races that only one version has forecast."""
        return [race for race in self.races if race.state == "one arm"]

    @property
    def said(self) -> str:
        """What may be said now, of the challenger."""
        return say(self.looks[-1] if self.looks else None, unit_of(self.test.metric))

    def row(self) -> dict[str, Any]:
        """Return it as JSON."""
        after = {race.race: look for race, look in zip(self.counted, self.looks, strict=True)}
        lines = [
            {**asdict(race), "state": race.state, "look": asdict(after[race.race]) if race.race in after else None}
            for race in self.races
        ]
        return {
            "test": self.test.facts(),
            "said": self.said,
            "verdict": self.looks[-1].verdict if self.looks else None,
            "races": lines,
            "waiting": self.waiting,
            "one_arm": [race.race for race in self.alone],
            "exposed": self.exposed,
        }


@dataclass(frozen=True)
class Marked:
    """A version that runs as challenger without a declared test, so that there is no verdict.

    Attributes:
        model: registered name.
        version: that runs.
        races: it has forecast in time.
        failed: {race: why it did not answer}.
    """

    model: str
    version: int
    races: tuple[str, ...]
    failed: dict[str, str]


def status(workspace: Workspace, name: str | None = None) -> list[Status]:
    """Return how the tests of a model, or of all models, stand, oldest first.

    Args:
        workspace: of the project.
        name: a model, or a template that it answers; all models when None.
    """
    rows = workspace.record.rows()
    tests = declared(rows, workspace.job(name).name if name else None)
    exposed = exposures(workspace.project, tests)
    return [_status(rows, test, exposed.get(test.hash, {})) for test in tests]


def status_of(rows: Sequence[dict[str, Any]], test: DeclaredTest) -> Status:
    """Return how one test stands by the rows of a record."""
    return _status(rows, test, {})


def marked(workspace: Workspace, name: str | None = None) -> list[Marked]:
    """Return the versions that run as challengers without a declared test, of a model or of all."""
    rows, found = workspace.record.rows(), []
    tested = {test.model for test in declared(rows) if not test.ended}
    for model in [workspace.job(name).name] if name else workspace.registry.models():
        held = workspace.registry.alias(model, CHALLENGER)
        if held is None or model in tested:
            continue
        own = [
            row
            for row in rows
            if (row.get("model"), row.get("version"), row.get("role")) == (model, held.version, CHALLENGER)
        ]
        said = dict.fromkeys(row["race"] for row in own if row["kind"] == "forecast" and row["in_time"])
        failed = {row["race"]: row["why"] for row in own if row["kind"] == AB and row["event"] == FAILED}
        found.append(Marked(model, held.version, tuple(said), failed))
    return found


def unit_of(metric: str) -> str:
    """Return what a loss is measured in."""
    return UNITS.get(metric, metric)


def sides(test: DeclaredTest) -> dict[str, int]:
    """Return {role: version}, the champion first."""
    return {CHAMPION: test.champion, CHALLENGER: test.challenger}


def _status(rows: Sequence[dict[str, Any]], test: DeclaredTest, exposed: dict[str, dict[str, int]]) -> Status:
    races = races_of(rows, test)
    differences = [race.difference for race in races if race.state == "counts"]
    return Status(test, tuple(races), tuple(looks(differences, design_of(test))), exposed)
