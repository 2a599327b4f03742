"""The chances of a season's titles as they were exported, beside the rule that needs no model, and as they stood after earlier rounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pitwall.domain.project import Project
from pitwall.domain.records.track_record import TITLE, TITLES
from pitwall.ml.championship.forecast import Chance
from pitwall.workflows.serving.shelf import championship

SIDES = dict(zip(TITLES, ("drivers", "teams"), strict=True))


@dataclass(frozen=True)
class Title:
    """One title of a season.

    Attributes:
        name: `drivers_title` or `constructors_title`.
        lines: of the competitors, the likeliest champion first.
        baseline: {id: share of the points so far}; empty where the record has no row of this state.
        after: rounds after which chances were entered into the record.
        over_rounds: {name: chance after each of these rounds}.
    """

    name: str
    lines: tuple[Chance, ...]
    baseline: Mapping[int, float]
    after: tuple[int, ...]
    over_rounds: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class Titles:
    """Both titles of a season, with the facts of the export (`season`, `written`, `vintage`, `championship`)."""

    facts: Mapping[str, Any]
    titles: tuple[Title, ...]


def seasons(project: Project) -> list[int]:
    """Return the seasons whose chances were exported, the newest first."""
    found = (project.serving / "championship").glob("[0-9]*.json")
    return sorted((int(path.stem) for path in found if path.stem.isdecimal()), reverse=True)


def titles(project: Project, rows: Iterable[Mapping[str, Any]], season: int | None = None) -> Titles:
    """Return both titles.

    Args:
        project: with a `serving` folder.
        rows: of the track record.
        season: the newest exported one when None.

    Raises:
        Refused: it was not exported.
    """
    facts = championship(project, season)
    made = facts["championship"]
    own = {row["after"]: row for row in rows if row["kind"] == TITLE and row["season"] == facts["season"]}
    return Titles(facts, tuple(_title(name, made, own) for name in TITLES))


def _title(name: str, made: Mapping[str, Any], own: Mapping[int, Mapping[str, Any]]) -> Title:
    lines = tuple(Chance(**each) for each in made[SIDES[name]])
    now = own.get(made["after"], {}).get("said", {}).get(name, {}).get("baseline", {})
    after = tuple(sorted(own))
    said = [own[each]["said"][name]["ours"] for each in after]
    return Title(name, lines, {int(who): share for who, share in now.items()}, after, _over_rounds(lines, said))


def _over_rounds(lines: Sequence[Chance], said: Sequence[Mapping[str, float]]) -> dict[str, tuple[float, ...]]:
    return {each.name: tuple(float(of.get(str(each.who), 0.0)) for of in said) for each in lines}
