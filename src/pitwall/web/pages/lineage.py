"""What a thing came from and what came of it, over all tools: a graph to walk along, and the same as tables."""

from __future__ import annotations

from urllib.parse import quote

from pitwall.report.content.blocks import Note, Text
from pitwall.tracking.lineage import Graph as Lineage
from pitwall.tracking.lineage.graph import Direction, Node
from pitwall.tracking.lineage.tree import branches
from pitwall.web.blocks import AnyBlock, Field, Form, Graph, GraphNode, Link, LinkTable, Part
from pitwall.web.paging import Ask, Next, View, page, pages
from pitwall.workflows.browse.origins import Origins, origins, places
from pitwall.workflows.runs import lineage
from pitwall.workflows.versions.listed import models

ROUTER = pages()
KEPT_S = 30.0
MOST = 80  # things in a picture
EXAMPLES = "A run, a version (`order-pre_race@champion`, `order-pre_race/3`), a hash, a snapshot, a commit, a flow run, a forecast, a row of the history (`#12`)."


@page(ROUTER, "/lineage", menu="Lineage", order=60)
def ask_for(ask: Ask, thing: str = "") -> View | Next:
    """Ask where something came from, by any id that any of the tools gave."""
    if thing.strip():
        return ask.to(f"/lineage/{quote(thing.strip(), safe='')}")
    form = Form(
        "/lineage", (Field("thing", "What?", help="its id, its beginning or its name"),), "Show", get=True, inline=True
    )
    crowned = [each for each in ask.kept("models", lambda: models(ask.workspace)) if each.champion]
    rows = tuple(
        (_to(f"{each.name}@champion", each.name), f"version {each.champion.version}")
        for each in crowned
        if each.champion
    )
    blocks: list[AnyBlock] = [Text(EXAMPLES), form]
    if rows:
        blocks += [Text("Or begin with a champion:"), LinkTable(("champion of", "is"), rows)]
    return View("Lineage", "What a thing came from, and what came of it, over all tools.", (Part("", tuple(blocks)),))


@page(ROUTER, "/lineage/{thing:path}")
def shown(ask: Ask, thing: str) -> View:
    """Show what a thing came from and what came of it, as a graph and as tables."""
    graph = ask.kept("lineage", lambda: lineage(ask.workspace), KEPT_S)
    found = origins(ask.workspace, thing, graph)
    own = _page_of(found.node)
    parts = (
        Part(
            "",
            (
                *((Link(f"Page of the {found.node.kind}", own, button=True),) if own else ()),
                *map(Note, found.troubles),
                *_drawn(found),
            ),
        ),
        Part("Came from", _table(found, "from")),
        Part("What came of it", _table(found, "to")),
    )
    return View(f"Lineage of {found.node.label}", f"A {found.node.kind}; its id is {found.node.id}.", parts)


def _drawn(found: Origins) -> tuple[AnyBlock, ...]:
    part, near = found.part, found.part
    if len(part.nodes) > MOST:
        near = _near(part, found.node.id)
    place = places(near)
    nodes = tuple(
        GraphNode(each.id, *place[each.id], each.label, each.kind, _address(each.id), each.id == found.node.id)
        for each in near.nodes.values()
    )
    drawn = Graph(
        f"graph of what {found.node.label} came from and what came of it",
        nodes,
        tuple((e.used, e.made) for e in near.edges),
    )
    if near is part:
        return (drawn,)
    return (drawn, Text(f"The {len(near.nodes)} nearest of {len(part.nodes)} things; the tables have more."))


def _near(part: Lineage, start: str) -> Lineage:
    """Return a part that a picture has room for: all that a thing came from, and the first of what came of it."""
    kept = [start, *(node.id for node in part.reach(start, "from")), *(node.id for node in part.reach(start, "to"))][
        :MOST
    ]
    near = Lineage()
    for node in part.nodes.values():
        if node.id in kept:
            near.add(node)
    for edge in part.edges:
        if edge.used in near.nodes and edge.made in near.nodes:
            near.link(edge.used, edge.made, edge.how)
    return near


def _table(found: Origins, direction: Direction) -> tuple[AnyBlock, ...]:
    rows = tuple(
        (
            "\u2003" * each.depth + each.how,
            _to(each.node.id, each.node.label) if each.node else each.text(),
            each.node.kind if each.node else "",
            _own(each.node) if each.node else "",
        )
        for each in branches(found.part, found.node.id, direction)
    )
    return (LinkTable(("how", "what", "kind", "page"), rows),) if rows else (Text("Nothing that is recorded."),)


def _own(node: Node) -> str | Link:
    own = _page_of(node)
    return Link("open", own) if own else ""


def _page_of(node: Node) -> str:
    """Return the address of the page that a thing has of its own; empty where it has none."""
    if node.kind == "run":
        return f"/experiments/{quote(node.key, safe='')}"
    if node.kind == "version":
        model, _, version = node.key.rpartition("/")
        return f"/models/{quote(model, safe='')}/{version}"
    return "/data" if node.kind == "snapshot" else ""


def _to(thing: str, text: str) -> Link:
    return Link(text, _address(thing))


def _address(thing: str) -> str:
    return f"/lineage/{quote(thing, safe='')}"
