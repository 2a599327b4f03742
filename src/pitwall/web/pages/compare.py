"""Runs beside each other: what they reached, how they differ on the same races, and in which parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pitwall.domain.ports import RunRecord
from pitwall.report.content.blocks import Text
from pitwall.report.content.intervals import number
from pitwall.tracking.comparison.columns import labels
from pitwall.tracking.comparison.table import Comparison
from pitwall.web.blocks import AnyBlock, Field, Form, Link, LinkTable, Option, Part, Plotted, Status
from pitwall.web.paging import Ask, View, page, pages
from pitwall.workflows.experiments import beside
from pitwall.workflows.experiments.headline import named

ROUTER = pages()
LONG_S, SOON_S = 300.0, 3.0
FEW = 2
NOTHING = "Choose at least two runs on the page of experiments, then *Compare the chosen*."


@page(ROUTER, "/compare")
def compare(ask: Ask, metric: str = "") -> View:
    """Compare runs: metrics, paired differences on the same races, parameters in which they differ."""
    asked = [name for each in ask.query.many("runs") for name in each.split(",")]
    records = ask.kept(("records", *asked), lambda: beside.records_of(ask.workspace, asked), SOON_S)
    if len(records) < FEW:
        one = f" One is chosen: {records[0].name}." if records else ""
        blocks = (Status(NOTHING.replace("*", "") + one), Link("To the experiments", "/experiments", button=True))
        return View("Compare", "", (Part("", blocks),))
    wanted = (metric,) if metric else ()
    found = ask.kept(("compared", wanted, *asked), lambda: beside.compared(ask.workspace, records, wanted), 10 * SOON_S)
    parts = (
        Part("", (_choose(records, found),)),
        Part("What they reached", (_reached(ask, found),)),
        Part("On the same races", tuple(_paired(ask, records))),
        Part("Parameters that differ", tuple(_parameters(found))),
    )
    return View(f"Compare {len(records)} runs", "The first run is the one that others are held against.", parts)


def _choose(records: Sequence[RunRecord], found: Comparison) -> Form:
    known = sorted({name for each in records for name in each.metrics if not name.endswith((".low", ".high"))})
    options = tuple(Option(name, named(name)) for name in known)
    runs = Field("runs", "", "hidden", ",".join(each.run_id for each in records))
    return Form(
        "/compare",
        (runs, Field("metric", "Sorted by", "select", found.metric, options)),
        "Sort",
        get=True,
        live=True,
        inline=True,
    )


def _reached(ask: Ask, found: Comparison) -> LinkTable:
    shown = tuple(map(named, found.metrics))
    columns = ("run", "", *shown, "to the best", "s", "MB", "take out")
    rows = tuple(
        (
            Link(each.record.name, f"/experiments/{each.record.run_id}"),
            "best" if each.best else "",
            *(number(each.values[name]) for name in found.metrics),
            number(each.delta),
            number(each.seconds),
            number(each.memory),
            Link("take out", ask.here(runs=_without(found, each.record.run_id))),
        )
        for each in found.rows
    )
    return LinkTable(columns, rows, (*shown, "to the best", "s", "MB"))


def _without(found: Comparison, run_id: str) -> str:
    return ",".join(each.record.run_id for each in found.rows if each.record.run_id != run_id)


def _paired(ask: Ask, records: Sequence[RunRecord]) -> Iterator[AnyBlock]:
    key = ("paired", *(f"{each.run_id}{each.ended}" for each in records))
    held = ask.kept(key, lambda: beside.paired(ask.workspace, records), LONG_S)
    first = labels(records)[0]
    drawn = beside.gains(held, first)
    if drawn:
        yield Plotted(*drawn)
    yield from beside.paired_blocks(ask.workspace, held, first)


def _parameters(found: Comparison) -> Iterator[AnyBlock]:
    table = beside.parameter_table(found)
    yield table or Text(
        "None: what differs is the code, the data or chance. `pitwall exp diff` holds their manifests against each other."
    )
    if table and found.same:
        yield Text(f"{len(found.same)} parameters are alike in all of these runs.")
