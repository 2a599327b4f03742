"""Step 2: which races are learned from: seasons, circuits, conditions and the stage, with what is left of the data and what that weighs."""

from __future__ import annotations

from pitwall.report.content.blocks import Facts, Note
from pitwall.web.blocks import AnyBlock, Field, Form, Link, Links, Option, Part, Status
from pitwall.web.wizard.choices import PLACES, WEATHER, address, kept, steps, weather_of
from pitwall.workflows.orders.checking import stages_of
from pitwall.workflows.orders.preview import Preview

SHOWN = ("seasons", "circuits", "conditions", "stage")


def data_parts(found: Preview) -> tuple[Part, ...]:
    """Return the step."""
    order = found.order
    form = Form("/new/data", (*kept(order, SHOWN), *_fields(found)), "Update", get=True, live=True)
    onward = Links((Link("Next: features", address("features", order), button=True), Link("Back", "/new")))
    return (
        Part("", (steps("data", order), _left(found), onward)),
        Part("Which races are learned from?", (form,)),
        Part("What that is", (*_warnings(found), Facts(_facts(found)), onward)),
    )


def _fields(found: Preview) -> tuple[Field, ...]:
    order = found.order
    stages = tuple(Option(each, each.replace("_", " ")) for each in stages_of(order))
    seasons = tuple(Option(str(each), str(each)) for each in found.all_seasons)
    ticked = tuple(map(str, order.seasons or found.all_seasons))
    circuits = tuple(Option(each, each.replace("_", " ")) for each in found.all_circuits)
    weather = tuple(Option(name, name.title()) for name in WEATHER)
    return (
        Field("stage", "It forecasts", "select", order.stage, stages, "What is known later is hidden from it."),
        Field("seasons", "Seasons", "checkbox", ticked, seasons, "None ticked are all."),
        Field("weather", "Conditions", "select", weather_of(order), (Option("", "All"), *weather)),
        *(_place(name, label, found) for name, label in PLACES.items()),
        Field("circuits", "Circuits", "checkbox", order.circuits, circuits, "None ticked are all."),
    )


def _place(name: str, label: str, found: Preview) -> Field:
    said = {None: "", True: "yes", False: "no"}[found.order.conditions.get(name)]
    options = (Option("", "All"), Option("yes", f"Only {label}"), Option("no", f"No {label}"))
    return Field(name, label.capitalize(), "select", said, options)


def _left(found: Preview) -> Status:
    if not found.rows:
        return Status("No race is left. Choose more seasons, circuits or conditions.", "bad")
    limit = found.limit.megabytes
    of = f"of {limit:g} MB" if limit is not None else "without a limit"
    text = (
        f"{found.rows:,} {found.kind.nouns[1]} of {found.races} races in {len(found.seasons)} seasons: "
        f"{found.size_mb:.1f} MB {of} in the tier {found.limit.tier}."
    )
    return Status(text, "bad" if limit is not None and found.size_mb > limit else "good")


def _warnings(found: Preview) -> list[AnyBlock]:
    if not found.by_outcome:
        return []
    named = ", ".join(found.by_outcome)
    return [
        Note(
            f"Whether a race is {named} is only known after it. A model of such races alone answers as if it were known: train on it to "
            "study, not to forecast."
        )
    ]


def _facts(found: Preview) -> tuple[tuple[str, str], ...]:
    span = f"{found.seasons[0]} to {found.seasons[-1]}" if found.seasons else "none"
    return (
        ("a row", f"one of the {found.kind.nouns[1]}"),
        ("rows", f"{found.rows:,}"),
        ("races", str(found.races)),
        ("seasons", span),
        ("circuits", str(len(found.order.circuits) or len(found.all_circuits))),
        ("in memory", f"{found.size_mb:.1f} MB"),
    )
