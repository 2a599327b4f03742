"""Step 3: what is learned from: groups of features, each with what is known of it at the cut-off, and why where nothing is."""

from __future__ import annotations

from pitwall.report.content.blocks import Table, Text
from pitwall.web.blocks import Field, Form, Link, Links, More, Option, Part, Status
from pitwall.web.wizard.choices import address, kept, steps
from pitwall.workflows.orders.availability import KNOWN, GroupView
from pitwall.workflows.orders.preview import Preview

SHOWN = ("groups", "features")


def feature_parts(found: Preview) -> tuple[Part, ...]:
    """Return the step."""
    order = found.order
    own = tuple(_option(each) for each in found.groups if each.own)
    further = tuple(_option(each) for each in found.groups if not each.own)
    ticked = tuple(each.group.name for each in found.groups if each.chosen)
    fields = (
        Field(
            "groups", "What the question's own model reads", "checkbox", ticked, own, "None ticked are all of these."
        ),
        Field("groups", "Further groups", "checkbox", ticked, further),
        Field(
            "features",
            "Single columns",
            value=", ".join(order.features),
            help="Names with commas between; all when empty.",
        ),
    )
    form = Form("/new/features", (*kept(order, SHOWN), *fields), "Update", get=True, live=True)
    onward = Links(
        (Link("Next: training", address("training", order), button=True), Link("Back", address("data", order)))
    )
    return (
        Part("", (steps("features", order), _count(found), onward)),
        Part(f"What is learned from, as known at {order.stage.replace('_', ' ')}?", (form, onward)),
        Part("Every feature", (More("Each with its leak class and its data", (_table(found),)),)),
        *_absent(found),
    )


def feature_states(views: tuple[GroupView, ...]) -> Table:
    """Return one row per feature of some groups."""
    rows = tuple(
        (
            view.group.name,
            each.feature.name,
            each.feature.unit,
            each.feature.meaning,
            str(each.feature.since),
            each.state,
            f"{each.share:.0%}",
            each.why,
        )
        for view in views
        for each in view.features
    )
    columns = ("group", "feature", "unit", "meaning", "known from", "at this stage", "rows with a value", "why not")
    return Table(columns, rows, ("rows with a value",))


def _table(found: Preview) -> Table:
    return feature_states(found.groups)


def _count(found: Preview) -> Status:
    chosen = [each for each in found.groups if each.chosen]
    if not found.features:
        return Status(
            f"No chosen feature has a value at {found.order.stage}: choose other groups, or another stage.", "bad"
        )
    left = f"; {len(found.left_out)} of theirs cannot be had" if found.left_out else ""
    return Status(f"{len(found.features)} features of {len(chosen)} groups{left}.", "good")


def _option(view: GroupView) -> Option:
    name = view.group.name
    if not view.usable:
        return Option(name, name, why_not=f"{view.state}: {view.why}")
    known = sum(each.usable for each in view.features)
    part = "" if known == len(view.features) else f" ({known} of {len(view.features)} features)"
    return Option(name, name, f"{view.meaning} {KNOWN.capitalize()}{part}; a value in {view.share:.0%} of the rows.")


def _absent(found: Preview) -> tuple[Part, ...]:
    rows = tuple((each.name, each.reason, each.needs, each.instead) for each in found.absent)
    elsewhere = tuple((each.group.name, each.why) for each in found.elsewhere)
    blocks = (
        More(
            "Features that these data cannot support",
            (Table(("feature", "why not", "what it takes", "instead"), rows),),
        ),
        More(f"Groups that {found.kind.nouns[1]} do not have", (Table(("group", "why not"), elsewhere),)),
    )
    return (Part("What cannot be had", (Text("Nothing stands in for it."), *blocks)),)
