"""The catalogue: what every feature is, from which stage it may stand and where it comes from, as rows and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pitwall.domain.errors import UnknownName
from pitwall.domain.plugins import pick
from pitwall.domain.project import Project
from pitwall.domain.when import Stage
from pitwall.features import feature_sets, groups
from pitwall.features.machinery.catalogue.unavailable import UNAVAILABLE, Unavailable, unavailable
from pitwall.features.machinery.group import Feature, FeatureGroup

STAGES = list(Stage)


@dataclass(frozen=True)
class Entry:
    """A feature with its group."""

    feature: Feature
    group: FeatureGroup

    def row(self) -> dict[str, str | list[str]]:
        """Return all that is said of the feature, as JSON values."""
        return {
            "name": self.feature.name,
            "group": self.group.name,
            "keys": self.group.keys,
            "unit": self.feature.unit,
            "meaning": self.feature.meaning,
            "null": self.feature.null,
            "since": self.feature.since.value,
            "sets": [name for name, members in feature_sets().items() if self.group in members],
            "reads": list(self.group.reads),
            "module": self.group.compute.__module__,
        }


def entries(feature_set: str | None = None, stage: str | None = None) -> list[Entry]:
    """Return the features of a set (all when None) that may hold a value at a stage (any when None), by group.

    Raises:
        UnknownName: there is no such feature set or stage.
    """
    members = pick("feature set", feature_set, feature_sets()) if feature_set else tuple(groups().values())
    reached = STAGES if stage is None else STAGES[: STAGES.index(_stage(stage)) + 1]
    return [Entry(feature, group) for group in members for feature in group.features if feature.since in reached]


def find(name: str, project: Project | None = None) -> Entry | FeatureGroup | Unavailable:
    """Return what the catalogue says of a feature, else the group of that name, or that it cannot be had with the project's data.

    Raises:
        UnknownName: nothing has this name; says the nearest one.
    """
    features = {entry.feature.name: entry for entry in entries()}
    absent = {each.name: each for each in unavailable(project)}
    known: dict[str, Entry | FeatureGroup | Unavailable] = {**groups(), **features, **absent}
    found: Entry | FeatureGroup | Unavailable = pick("feature", name, known)
    return found


def group_row(group: FeatureGroup) -> dict[str, str | list[str]]:
    """Return what is said of a group, as JSON values."""
    return {
        "name": group.name,
        "keys": group.keys,
        "features": group.names,
        "sets": [name for name, members in feature_sets().items() if group in members],
        "reads": list(group.reads),
        "module": group.compute.__module__,
    }


def _stage(name: str) -> Stage:
    if name not in {stage.value for stage in Stage}:
        raise UnknownName("stage", name, [stage.value for stage in Stage])
    return Stage(name)


INTRODUCTION = """\
# Feature catalogue

Made by `pitwall features list --markdown docs/features.md`; a test compares this page with the registry. What a single
feature is: `pitwall features describe NAME`. How its values are spread in the data at hand: `pitwall features profile`;
[drift](drift.md) is held against such a profile of the rows that a champion learned from.

*From* is the leak class: the first stage of a race at which the race's own row may hold a value (`pre_weekend`: always,
because it is a state that earlier races left behind). Before it the feature is null, and the contract test of the groups
refuses a group that says otherwise. A feature set is the name under which a model asks for groups; `all` holds every one.

What a *green* lap is, and why another is not, is told in [the laps of the data](data.md#green-laps). A group whose tables the source in
use does not bring (laps, sectors of sessions, forecasts, a user's files) has no rows: its features are there and null.
"""


def page() -> str:
    """Return the catalogue as the Markdown page docs/features.md."""
    found = entries()
    sets = [[f"`{name}`", ", ".join(group.name for group in members)] for name, members in feature_sets().items()]
    parts = [
        INTRODUCTION,
        f"{len(found)} features in {len(groups())} groups.\n",
        "## Feature sets\n",
        _table(["set", "groups"], [row for row in sets if row[0] != "`all`"]),
        *(_section(group) for group in groups().values()),
        "## Unavailable\n",
        "What the data cannot support is not faked. Those with features above are there once a user's own file brings their data:\n",
        _table(
            ["feature", "why not", "what it would take", "nearest"],
            [[f"`{each.name}`", each.reason, each.needs, each.instead] for each in UNAVAILABLE],
        ),
    ]
    return "\n".join(parts)


def _section(group: FeatureGroup) -> str:
    rows = [[f"`{each.name}`", each.unit, each.meaning, each.null, each.since.value] for each in group.features]
    about = f"Keys: {', '.join(group.keys)}. Reads: {', '.join(group.reads)}.\n"
    return "\n".join([f"## {group.name}\n", about, _table(["feature", "unit", "meaning", "null means", "from"], rows)])


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"
