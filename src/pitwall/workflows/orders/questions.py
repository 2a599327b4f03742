"""Which questions can be learned from the data at hand: how many seasons tell what came true, and what is missing where too few do."""

from __future__ import annotations

from dataclasses import dataclass

from pitwall.domain.keys import BLOCK
from pitwall.domain.tables import Tables, load_tables
from pitwall.ml.models import model
from pitwall.ml.templates import Template, templates
from pitwall.ml.training.splits import completed_seasons
from pitwall.workflows.orders.counts import empty_tables
from pitwall.workflows.workspace import Workspace

FEWEST = 2  # seasons: one to learn from, one to judge
MANY = "laps"  # a table of which a label takes long to make; which seasons hold some is enough to know


@dataclass(frozen=True)
class Question:
    """A question that people can order a model of.

    Attributes:
        template: what is asked.
        seasons: completed ones in which what came true is known.
        why_not: it cannot be trained on these data; empty where it can.
    """

    template: Template
    seasons: tuple[int, ...]
    why_not: str = ""

    @property
    def name(self) -> str:
        """Of the template."""
        return self.template.name


def questions(workspace: Workspace) -> list[Question]:
    """Return all questions, those of the finishing order first, each with why it cannot be trained if so.

    Costs about a second for each hundred thousand rows of the tables; callers keep it for as long as the data are the same.
    """
    empty = empty_tables(workspace.project)
    tables = load_tables(workspace.project.tables)
    done = completed_seasons(tables)
    return [_question(each, tables, done, empty) for each in templates().values()]


def _question(asked: Template, tables: Tables, done: list[int], empty: frozenset[str]) -> Question:
    if lacking := sorted({*model(asked.model).kind.reads, *asked.tables[:2]} & empty):
        return Question(asked, (), f"requires more data: the project's sources bring no {' and no '.join(lacking)}")
    told = tuple(sorted(set(done) & _told(asked, tables)))
    if len(told) < FEWEST:
        found = f"found {', '.join(map(str, told)) or 'none'}"
        return Question(asked, told, f"requires more data: two completed seasons in which the answer is known; {found}")
    return Question(asked, told)


def _told(asked: Template, tables: Tables) -> set[int]:
    """Return the seasons in which what came true is known."""
    read = {*model(asked.model).kind.reads, *asked.tables}
    seasons = tables.only("races").as_of()["races"].set_index(BLOCK)["season"]
    if MANY in read:
        races = tables[MANY][BLOCK].unique()
    else:
        known = asked.label(tables).dropna()
        races = known.index.get_level_values(BLOCK).unique()
    return {int(season) for season in seasons.reindex(races).dropna()}
