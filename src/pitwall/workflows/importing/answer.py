"""What a jail has told of cells, read as strangers' words: of known form, of known length, and nothing besides."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from pitwall.domain.errors import NotImported

MOST_LINES = 2000


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    cell: int = Field(ge=1)
    state: Literal["begins", "ran", "refused"]
    why: str = Field("", max_length=400)
    lines: list[dict[str, JsonValue] | str] = Field(default_factory=list, max_length=20)


@dataclass
class Heard:
    """What was told of one cell: its state, why, what it declares, and how long it took."""

    state: str
    why: str = ""
    lines: list[Any] = field(default_factory=list)
    began: float = 0.0
    seconds: float = 0.0


def heard(told: Iterable[tuple[float, str]], cells: set[int]) -> dict[int, Heard]:
    """Return what was told of each cell.

    Args:
        told: lines, each with when it came.
        cells: the numbers of those that were handed in.

    Raises:
        NotImported: a line is none that we know, or about another cell.
    """
    found: dict[int, Heard] = {}
    for number, (at, line) in enumerate(told):
        said = _read(line)
        here = found.get(said.cell)
        if number > MOST_LINES or said.cell not in cells or (said.state == "begins") == (here is not None):
            _strange("lines in another order")
        if here is None:
            found[said.cell] = Heard("begins", began=at)
        elif here.state != "begins":
            _strange("two endings of a cell")
        else:
            found[said.cell] = Heard(said.state, said.why, list(said.lines), here.began, at - here.began)
    return found


def _read(line: str) -> _Said:
    try:
        return _Said.model_validate(json.loads(line, parse_constant=_strange))
    except (ValidationError, ValueError, RecursionError):
        _strange(repr(line[:60]))


def _strange(found: str) -> NoReturn:
    raise NotImported(f"the cells have told what no cell tells ({found}); nothing of it is taken.")
