"""Import a notebook: run its tagged cells in a jail, and make an order of what they declare. All of it is taken, or nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from pitwall.adapters.processes.jail.outside import Ended, jailed
from pitwall.adapters.processes.jail.outside import why_not as no_jail
from pitwall.adapters.processes.jail.settings import USUAL_LIMITS, JailLimits
from pitwall.domain.errors import NotImported, PitwallError
from pitwall.workflows.importing.answer import Heard, heard
from pitwall.workflows.importing.merging import Declared, merged
from pitwall.workflows.importing.reading import TAGS, Cell, read_cells
from pitwall.workflows.orders.order import TrainingOrder, written

PROGRAM = "pitwall.workflows.importing.cells"
UNTAGGED = f"without a tag; tagged cells are read: {', '.join(TAGS)}"


@dataclass(frozen=True)
class Fate:
    """What became of a cell: `ran`, `read` (text, which is not run), `left out` or `refused`, with why, and the seconds that it took."""

    cell: int
    tag: str
    title: str
    state: str
    why: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Imported:
    """What came of a notebook: of each cell its fate, the order where there is one, why there is none else, and what the cells printed."""

    cells: tuple[Fate, ...]
    order: TrainingOrder | None
    why: str = ""
    printed: str = ""

    def content(self) -> dict[str, Any]:
        """Return it as JSON values; the order as its text."""
        order = None if self.order is None else written(self.order)
        return {
            "order": order,
            "why": self.why,
            "printed": self.printed,
            "cells": [asdict(each) for each in self.cells],
        }

    def taken(self) -> TrainingOrder:
        """Return the order.

        Raises:
            NotImported: there is none; says why.
        """
        if self.order is None:
            raise NotImported(f"the notebook was not imported: {self.why}")
        return self.order


def import_notebook(content: bytes, limits: JailLimits = USUAL_LIMITS) -> Imported:
    """Return what comes of a notebook's bytes. Nothing is trained, and nothing of it is kept.

    Args:
        content: of an .ipynb, or of Python text with `# %%` lines.
        limits: of the process that runs its cells.

    Raises:
        NotImported: it is no notebook that can be read.
        UnknownName: a tag is almost one of ours.
        JailRefused: this machine cannot run strangers' cells safely; nothing was run.
    """
    cells = read_cells(content)
    tagged = [each for each in cells if each.role]
    if not tagged:
        raise NotImported(
            f"no cell of the notebook has a tag of ours; tag one with {' and one with '.join(TAGS)} (docs/import.md)."
        )
    if texts := [each for each in tagged if each.kind == "markdown"]:
        raise NotImported(
            f"cell {texts[0].number} is text to read and has a tag of ours; tag code, or a raw cell with an order in it."
        )
    coded = [each for each in tagged if each.kind == "code"]
    ended = jailed(PROGRAM, _handed(coded), limits) if coded else Ended((), "", "", 0.0)
    return _result(cells, ended)


def why_not() -> str:
    """Say why no notebook can be imported on this machine; empty where it can."""
    return no_jail()


def _handed(cells: list[Cell]) -> bytes:
    return json.dumps([{"cell": each.number, "tag": each.role, "source": each.source} for each in cells]).encode()


def _result(cells: tuple[Cell, ...], ended: Ended) -> Imported:
    """Return what came of it: the fates of the cells, and one order if none was refused."""
    try:
        told = heard(ended.told, {each.number for each in cells if each.role and each.kind == "code"})
    except NotImported as error:
        return Imported(tuple(_fate(each, {}, "") for each in cells), None, str(error), ended.printed)
    fates = tuple(_fate(each, told, ended.why) for each in cells)
    if refused := [each for each in fates if each.state == "refused"]:
        why = f"cell {refused[0].cell} was refused: {refused[0].why}."
        return Imported(fates, None, why, ended.printed)
    try:
        return Imported(fates, merged(_declared(cells, told)), printed=ended.printed)
    except PitwallError as error:
        return Imported(fates, None, str(error), ended.printed)


def _fate(cell: Cell, told: Mapping[int, Heard], why: str) -> Fate:
    tag = next((each for each in cell.tags if each in TAGS), "")
    fate = Fate(
        cell.number, tag, cell.title, "left out", UNTAGGED if not tag else "not run: a cell before it was refused"
    )
    if cell.kind == "raw" and tag:
        return replace(fate, state="read", why="")
    if (here := told.get(cell.number)) is None:
        return fate
    if here.state == "begins":  # it has begun, and its process was ended
        return replace(fate, state="refused", why=why or "it ended its process")
    return replace(fate, state=here.state, why=here.why, seconds=round(here.seconds, 3))


def _declared(cells: tuple[Cell, ...], told: Mapping[int, Heard]) -> list[Declared]:
    found: list[Declared] = [
        (each.number, each.role, each.source) for each in cells if each.role and each.kind == "raw"
    ]
    roles = {each.number: each.role for each in cells}
    return found + [(number, roles[number], said) for number, here in told.items() for said in here.lines]
