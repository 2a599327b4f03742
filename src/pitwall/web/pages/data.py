"""The data: sources with their snapshots, tables line by line, lines that were set aside, and where two sources disagree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from pitwall.domain.errors import SourceError
from pitwall.domain.tables.specs import SPECS
from pitwall.report.content.blocks import Note, Table, Text
from pitwall.web.blocks import AnyBlock, Field, Form, Later, Link, Links, LinkTable, More, Option, Part, Status
from pitwall.web.paging import Ask, View, page, pages
from pitwall.workflows import sources
from pitwall.workflows.browse import tables
from pitwall.workflows.browse.told import changes_table, disagreement_table, new_team, snapshot_moment

ROUTER = pages()
KEPT_S = 30.0
NOTHING = "No data yet: `pitwall run race-weekend` fetches them and makes the tables."
OUTDATED = "Snapshots came or went after these tables were made; bring them up to date with dvc repro."


@page(ROUTER, "/data", menu="Data", order=70)
def data(ask: Ask) -> View:
    """Show the sources in use, their snapshots, the tables, what was set aside or assumed."""
    found = ask.kept("data", lambda: sources.status(ask.workspace), KEPT_S)
    parts = (
        Part("Sources", tuple(_sources(found))),
        Part("Tables", tuple(_tables(found))),
        Part("Set aside", tuple(_set_aside(found))),
        *_beside(found),
    )
    return View("Data", "What came from which source, and what was made of it.", parts)


@page(ROUTER, "/data/quarantine")
def quarantine(ask: Ask, reason: str = "", at: int = 1) -> View:
    """Show the lines of sources that were set aside, each with the reason."""
    found = ask.kept("data", lambda: sources.status(ask.workspace), KEPT_S)["quarantine"]
    table, total = tables.set_aside(ask.project, reason, at)
    options = (Option("", "any"), *(Option(each, f"{each} ({count:,})") for each, count in found.items()))
    form = Form(
        "/data/quarantine",
        (Field("reason", "Reason", "select", reason, options),),
        "Show",
        get=True,
        live=True,
        inline=True,
    )
    blocks: tuple[AnyBlock, ...] = (Status("Nothing was set aside.", "good"),)
    if total:
        blocks = (form, table, *_turn(ask, at, total))
    return View(
        "Lines set aside", f"{total:,} lines; they are kept in data/tables/quarantine.parquet.", (Part("", blocks),)
    )


@page(ROUTER, "/data/differences")
def differences(ask: Ask) -> View:
    """Show where sources that stand beside disagree with the one that the project lives on."""
    try:
        found = ask.kept("differences", lambda: sources.diff(ask.workspace), 10 * KEPT_S)
    except SourceError as error:
        return View("Disagreements", "", (Part("", (Status(str(error)),)),))
    parts = tuple(Part(name, (disagreement_table(each),)) for name, each in found.items())
    return View(
        "Disagreements",
        "Where a source that stands beside says otherwise: `pitwall data diff` lists every line.",
        parts,
    )


@page(ROUTER, "/data/{name}")
def table(ask: Ask, name: str, at: int = 1) -> View:
    """Show a canonical table, a page at a time, with what each column holds."""
    found = tables.preview(ask.project, name, at)
    parts = (
        Part(
            "Lines",
            (found.lines, *_turn(ask, at, found.total)) if found.lines.rows else (Text("It has no lines here."),),
        ),
        Part("Columns", (found.columns,)),
    )
    about = f"{found.total:,} lines. Each is {found.spec.row.replace('`', '')}."
    return View(f"Table {found.spec.name}", about, parts)


def _sources(found: Mapping[str, Any]) -> Iterator[AnyBlock]:
    rows = tuple(
        (
            name,
            source["location"] or "embedded",
            str(len(source["snapshots"])),
            snapshot_moment(source["snapshots"][-1]) if source["snapshots"] else "none",
            f"beside: {source['beside']}" if "beside" in source else "in use",
        )
        for name, source in found["sources"].items()
    )
    yield Table(("source", "where", "snapshots", "the newest, UTC", "role"), rows, ("snapshots",))
    for name, source in found["sources"].items():
        if "trouble" in source:
            yield Note(f"{name}: {source['trouble']}")
        if "changed" in source:
            changed = changes_table(source["changed"])
            yield More(
                f"What the newest snapshot of {name} changed",
                (changed,) if changed.rows else (Text("No line changed."),),
            )
    for team in found["new_teams"]:
        yield Note(new_team(team))


def _tables(found: Mapping[str, Any]) -> Iterator[AnyBlock]:
    if not found["tables"]:
        yield Status(NOTHING)
        return
    if found["outdated"]:
        yield Note(OUTDATED)
    rows = tuple(
        (Link(name, f"/data/{name}"), f"{count:,}", SPECS[name].row.replace("`", ""))
        for name, count in found["tables"].items()
        if name in SPECS
    )
    yield LinkTable(("table", "lines", "a line is"), rows, ("lines",))
    yield Links((Link("What is made of them: features", "/features"),))


def _set_aside(found: Mapping[str, Any]) -> Iterator[AnyBlock]:
    if found["quarantine"]:
        rows = tuple((Link(why, _reason(why)), f"{count:,}") for why, count in found["quarantine"].items())
        yield LinkTable(("reason", "lines"), rows, ("lines",))
    else:
        yield Text("No line was set aside.")
    if found["assumed"]:
        read = tuple((what, f"{count:,}") for what, count in found["assumed"].items())
        yield Text("Not given or not readable, and read as something; the lines stay:")
        yield Table(("read as", "values"), read, ("values",))


def _beside(found: Mapping[str, Any]) -> Iterator[Part]:
    if any("beside" in each for each in found["sources"].values()):
        yield Part("Disagreements", (Later("/data/differences", "The sources are being compared."),))


def _reason(why: str) -> str:
    return f"/data/quarantine?{urlencode({'reason': why})}"


def _turn(ask: Ask, at: int, total: int) -> tuple[Links, ...]:
    last = max(1, -(-total // tables.EACH))
    before = (Link("Back", ask.here(at=str(at - 1))),) if at > 1 else ()
    after = (Link("On", ask.here(at=str(at + 1))),) if at < last else ()
    return (
        (Links((*before, Link(f"page {min(max(at, 1), last)} of {last}", ask.here(at=str(at))), *after)),)
        if last > 1
        else ()
    )
