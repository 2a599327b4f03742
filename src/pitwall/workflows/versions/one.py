"""One model and one version: who was champion when, what may become of a version, its card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pitwall.domain.clock import wall
from pitwall.domain.ports import ModelVersion
from pitwall.domain.records.aliases import LEGAL, stage_of
from pitwall.ml.registry.champion_tenures import Reign, succession
from pitwall.ml.registry.moves import BY_HAND
from pitwall.report.content.blocks import Picture, Table
from pitwall.report.figures.canvas import png
from pitwall.report.figures.over_time.tenures import tenures_figure
from pitwall.workflows.versions.listed import tenures
from pitwall.workflows.workspace import Workspace


@dataclass(frozen=True)
class Standing:
    """A version with its stage, the aliases that it holds, and where a person may move it."""

    version: ModelVersion
    stage: str
    aliases: tuple[str, ...]
    may_become: tuple[str, ...]


def standings(workspace: Workspace, name: str) -> list[Standing]:
    """Return all versions of a model, the newest first."""
    aliases = workspace.registry.aliases(name)
    return [standing(each, aliases) for each in reversed(workspace.registry.versions(name))]


def standing(version: ModelVersion, aliases: dict[str, int]) -> Standing:
    """Return how a version stands."""
    stage = stage_of(version, aliases)
    held = tuple(sorted(alias for alias, holder in aliases.items() if holder == version.version))
    return Standing(version, stage, held, tuple(each for each in LEGAL[stage] if each in BY_HAND))


def earlier_champions(workspace: Workspace, name: str) -> list[int]:
    """Return the versions that a rollback can go back to, the last one first."""
    line = succession(workspace.history.rows(name))
    present = workspace.registry.aliases(name).get("champion")
    before = dict.fromkeys([*reversed(line[:-1]), *(each.version for each in reversed(tenures(workspace, name)))])
    return [version for version in before if version != present]


def tenures_shown(held: Sequence[Reign], name: str) -> tuple[Picture, Table]:
    """Return who was champion when, drawn and as a table; `held` is not empty."""
    ends = [(f"version {each.version}", _at(each.since), _at(each.until) if each.until else None) for each in held]
    figure = tenures_figure(ends, max(wall(), ends[-1][1]), f"champions of {name}")
    rows = tuple(
        (str(each.version), each.since, each.until or "now", each.kind.replace("_", " "), each.by, each.why)
        for each in reversed(held)
    )
    table = Table(("version", "since", "until", "how", "by", "why"), rows, ("version",))
    return Picture("champions.png", "which version was champion when; red: now", png(figure), wide=True), table


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
