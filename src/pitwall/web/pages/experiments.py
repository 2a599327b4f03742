"""The runs: how each stands, what it reached beside the baseline, and which of them are compared."""

from __future__ import annotations

from collections.abc import Sequence

from pitwall.web.blocks import Choice, Field, Form, Link, Links, LinkTable, Option, Part, Status
from pitwall.web.paging import Ask, View, page, pages
from pitwall.workflows.experiments.headline import named
from pitwall.workflows.experiments.listed import Listed, chosen, lasted, listed, moment

ROUTER = pages()
EACH = 25  # runs on a page
COLUMNS = ("run", "state", "created", "took", "metric", "reached", "baseline", "version")
NUMBERS = ("created", "took", "reached")
NOTHING = "No run yet. `pitwall run race-weekend` trains the models of the project; the wizard trains one of your own."


@page(ROUTER, "/experiments", menu="Experiments", order=40)
def experiments(ask: Ask, model: str = "", state: str = "", at: int = 1) -> View:
    """List the runs, the newest first: what was tried, what it reached beside its baseline, and what became of it."""
    every = ask.kept("experiments", lambda: listed(ask.workspace), 3.0)
    if not every:
        return View("Experiments", "", (Part("", (Status(NOTHING),)),))
    found = chosen(every, model=model, state=state)
    last = max(1, -(-len(found) // EACH))
    at = min(max(at, 1), last)
    shown = found[(at - 1) * EACH : at * EACH]
    said = f"{len(found)} of {len(every)} runs" if len(found) < len(every) else f"{len(every)} runs"
    table = Choice("/compare", "runs", tuple(each.record.run_id for each in shown), _table(shown), "Compare the chosen")
    blocks = (_filters(every, model, state), *((table,) if shown else (Status("No run is like that."),)))
    return View(
        "Experiments", f"{said}, the newest first; times are UTC.", (Part("", (*blocks, *_turn(ask, at, last))),)
    )


def _table(shown: Sequence[Listed]) -> LinkTable:
    return LinkTable(COLUMNS, tuple(map(_row, shown)), NUMBERS)


def _row(each: Listed) -> tuple[str | Link, ...]:
    best = each.headline
    reached = ("", "", "") if best is None else (named(best.metric), best.text, best.other)
    took = lasted(each.seconds)
    name = Link(each.record.name or each.record.run_id[:8], f"/experiments/{each.record.run_id}")
    marks = ", ".join(each.marks)
    version = marks if each.version is None else Link(f"{each.version} {marks}", f"/models/{each.model}/{each.version}")
    return (name, each.state, moment(each.record.started), took, *reached, version)


def _filters(every: Sequence[Listed], model: str, state: str) -> Form:
    models = sorted({each.model for each in every})
    states = sorted({each.state for each in every})
    fields = (
        Field("model", "Model", "select", model, (Option("", "all"), *(Option(each, each) for each in models))),
        Field("state", "State", "select", state, (Option("", "any"), *(Option(each, each) for each in states))),
    )
    return Form("/experiments", fields, "Show", get=True, live=True, inline=True)


def _turn(ask: Ask, at: int, last: int) -> tuple[Links, ...]:
    before = (Link("Newer", ask.here(at=str(at - 1))),) if at > 1 else ()
    after = (Link("Older", ask.here(at=str(at + 1))),) if at < last else ()
    return (Links((*before, *after)),) if before or after else ()
