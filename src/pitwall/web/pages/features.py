"""The catalogue of features: what each one is, from which stage on it may stand, and how much of it the data hold."""

from __future__ import annotations

from pitwall.report.content.blocks import Table, Text
from pitwall.web.blocks import Link, Links, LinkTable, Part
from pitwall.web.paging import Ask, View, page, pages
from pitwall.workflows.browse import catalogue

ROUTER = pages()
KEPT_S = 60.0
GROUPS = ("group", "features", "from", "rows", "without a value", "in the sets", "reads", "version")
LEAK = (
    "`from` is the leak class: the first stage of a race at which the race's own row may hold a value; before it the feature is null, and the "
    "audit refuses a group that says otherwise. The version is the beginning of a hash of the code that computes the group."
)


@page(ROUTER, "/features", menu="Features", order=75)
def features(ask: Ask) -> View:
    """List the groups of features, and what cannot be had with the data at hand."""
    found = ask.kept("features", lambda: catalogue.groups_of(ask.project), KEPT_S)
    rows = tuple(_line(each) for each in found)
    absent = tuple((each.name, each.reason, each.needs, each.instead) for each in catalogue.absent(ask.project))
    parts = (
        Part("Groups", (Text(LEAK), LinkTable(GROUPS, rows, ("features", "rows", "without a value")))),
        Part("Not available", (Table(("feature", "why not", "what it would take", "the nearest"), absent),)),
    )
    count = sum(len(each.group.features) for each in found)
    return View("Features", f"{count} features in {len(found)} groups.", parts)


@page(ROUTER, "/features/{group}")
def group(ask: Ask, group: str) -> View:
    """Show one group: each feature with meaning, unit, leak class and the share of rows without a value."""
    found = catalogue.group_of(ask.project, group)
    rows = tuple(
        (each.name, each.unit, each.since.value, each.meaning, each.null, _share(found.nulls.get(each.name)))
        for each in found.group.features
    )
    columns = ("feature", "unit", "from", "meaning", "null means", "without a value")
    built = "not built yet: `dvc repro features`" if found.rows is None else f"{found.rows:,} rows"
    about = Text(
        f"Keys: {', '.join(found.group.keys)}. Reads: {', '.join(found.group.reads)}. Version {found.version}, {built}."
    )
    back = Links((Link("All groups", "/features"),))
    return View(
        f"Features: {found.group.name}", "", (Part("", (about, Table(columns, rows, ("without a value",)), back)),)
    )


def _line(each: catalogue.GroupLine) -> tuple[str | Link, ...]:
    nulls = sum(each.nulls.values()) / len(each.nulls) if each.nulls else None
    return (
        Link(each.group.name, f"/features/{each.group.name}"),
        str(len(each.group.features)),
        ", ".join(dict.fromkeys(feature.since.value for feature in each.group.features)),
        "not built" if each.rows is None else f"{each.rows:,}",
        _share(nulls),
        ", ".join(each.sets),
        ", ".join(each.group.reads),
        each.version,
    )


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"
