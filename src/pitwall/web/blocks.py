"""What pages are made of beside the blocks of the report: links, forms, cards, steps, and parts that are fetched again or later.

Plain data, as in the report; `templates/web_blocks.html` writes each of them. All text is escaped there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pitwall.report.content.blocks import Answers, Block, Contributions, Fold, Heat, Picture, Table
from pitwall.report.content.document import Document

Kind = Literal["text", "number", "select", "checkbox", "textarea", "hidden", "file_text", "order", "password", "file"]


@dataclass(frozen=True)
class Link:
    """A text that leads to an address of ours, or with `outside` to another server of this machine; it stands out as a button if wished.

    `why_not` says why it leads nowhere now.
    """

    text: str
    to: str
    button: bool = False
    outside: bool = False
    file: bool = False  # what it leads to is kept, not shown
    why_not: str = ""


@dataclass(frozen=True)
class Links:
    """Links in a row."""

    links: tuple[Link, ...]


@dataclass(frozen=True)
class LinkTable:
    """A table whose cells may be links; `numbers` are the columns that are set right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | Link, ...], ...]
    numbers: tuple[str, ...] = ()

    def plain(self) -> Table:
        """Return the table with the texts of its links."""
        rows = tuple(tuple(cell.text if isinstance(cell, Link) else cell for cell in row) for row in self.rows)
        return Table(self.columns, rows, self.numbers)


@dataclass(frozen=True)
class Option:
    """One value of a field that has several; `why_not` says why it cannot be chosen."""

    value: str
    label: str
    help: str = ""
    why_not: str = ""


@dataclass(frozen=True)
class Field:
    """One field of a form.

    Attributes:
        name: by which its value comes.
        label: that people read.
        kind: `checkbox` has several values where it has options; `file_text` is a text that a file can be read into; `file` is one
            that is sent as it is, to an upload; `order` is a list of options to tick and to put in order, sent in that order.
        value: that it has now, or those that are ticked.
        options: of `select`, `checkbox` and `order`.
        help: a sentence below.
    """

    name: str
    label: str
    kind: Kind = "text"
    value: str | tuple[str, ...] = ""
    options: tuple[Option, ...] = ()
    help: str = ""


@dataclass(frozen=True)
class Form:
    """A form that posts to an action of ours, or with `get` asks for a page with what is chosen.

    Attributes:
        to: the address.
        fields: in order.
        submit: what its button says.
        get: whether it asks for a page; such a form changes nothing.
        live: whether a `get` form is sent as soon as something is chosen.
        confirm: a sentence that has to be agreed to (a box to tick) before it is sent.
        inline: whether its fields stand in a row.
    """

    to: str
    fields: tuple[Field, ...]
    submit: str
    get: bool = False
    live: bool = False
    confirm: str = ""
    inline: bool = False


@dataclass(frozen=True)
class Card:
    """Something to choose, as a card; `why_not` says why it cannot be chosen."""

    title: str
    text: str
    to: str
    small: str = ""
    why_not: str = ""


@dataclass(frozen=True)
class Cards:
    """Cards beside each other."""

    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Steps:
    """The steps of a way, and the one that we are at; steps with an address can be gone to."""

    steps: tuple[Link | str, ...]
    at: int


@dataclass(frozen=True)
class Status:
    """A sentence about how things stand: `good`, `bad` or neither. A screen reader says it when it changes."""

    text: str
    mood: Literal["", "good", "bad"] = ""


@dataclass(frozen=True)
class Code:
    """Text of a program or a file: to be copied, and with a file name to be kept."""

    text: str
    label: str
    file: str = ""


@dataclass(frozen=True)
class Plotted:
    """A picture with the table of what it shows."""

    picture: Picture
    table: Table | LinkTable | Counted


@dataclass(frozen=True)
class Choice:
    """A table of whose rows some are chosen, with a box before each; what is chosen goes into the query of an address.

    Attributes:
        to: the address.
        name: of the query's values.
        values: one a row.
        table: of the rows; its first column says what is chosen.
        submit: what the button says.
    """

    to: str
    name: str
    values: tuple[str, ...]
    table: LinkTable | Counted
    submit: str


@dataclass(frozen=True)
class GraphNode:
    """A thing of a graph: its layer from above and its place within it (both from 0), what it is called, where it leads; `marked` was asked for."""

    id: str
    layer: int
    at: float
    text: str
    kind: str
    to: str = ""
    marked: bool = False


@dataclass(frozen=True)
class Graph:
    """Things in layers and arrows between them, each from the id of one to that of another; `title` is read aloud."""

    title: str
    nodes: tuple[GraphNode, ...]
    arrows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Again:
    """Blocks that are fetched again so often while the page is open; `name` is theirs alone on the page."""

    name: str
    every_s: float
    blocks: tuple[AnyBlock, ...]


@dataclass(frozen=True)
class Later:
    """What takes long: the page comes without it, and it is fetched from an address of ours afterwards."""

    to: str
    text: str


@dataclass(frozen=True)
class More:
    """Blocks below a line that opens and closes them, as the report's Fold, of any kind."""

    title: str
    blocks: tuple[AnyBlock, ...]
    small: str = ""
    open: bool = False


@dataclass(frozen=True)
class Counted:
    """A table with the number by which it is had as CSV: the core puts it around every table of a page."""

    block: Table | LinkTable | Answers | Heat | Contributions
    number: int


@dataclass(frozen=True)
class Part:
    """A heading and what stands below it, as a Section of the report; a part without a name begins with its blocks."""

    name: str
    blocks: tuple[AnyBlock, ...]
    link: str = ""
    level: int = 2


WebBlock = (
    Link
    | Links
    | LinkTable
    | Form
    | Cards
    | Steps
    | Status
    | Code
    | Plotted
    | Choice
    | Graph
    | Again
    | Later
    | More
    | Counted
)
AnyBlock = Block | WebBlock
TABLES = (Table, LinkTable, Answers, Heat, Contributions)


def parts_of(document: Document) -> tuple[Part, ...]:
    """Return the sections of a document of the report as parts of a page."""
    return tuple(Part(each.name, each.blocks, each.link, each.level) for each in document.sections)


class Tables:
    """Counts the tables of a page, in the order in which they stand there."""

    def __init__(self) -> None:
        self.found: list[Table] = []

    def count(self, parts: Sequence[Part]) -> tuple[Part, ...]:
        """Return parts with every table counted."""
        return tuple(replace(each, blocks=self._all(each.blocks)) for each in parts)

    def _all(self, blocks: Sequence[AnyBlock]) -> tuple[AnyBlock, ...]:
        return tuple(self._one(block) for block in blocks)

    def _one(self, block: AnyBlock) -> AnyBlock:
        if isinstance(block, TABLES):
            self.found.append(block if isinstance(block, Table) else block.plain())
            return Counted(block, len(self.found))
        if isinstance(block, Fold):
            return More(block.title, self._all(block.blocks), block.small, block.open)
        if isinstance(block, Again | More):
            return replace(block, blocks=self._all(block.blocks))
        if isinstance(block, Plotted | Choice):
            counted = self._one(block.table)
            assert isinstance(counted, Counted)
            return replace(block, table=counted)
        return block
