"""Step 1: what is to be forecast. A card for each question, those of the founding page first; what cannot be trained says why."""

from __future__ import annotations

from pitwall.ml.models import model
from pitwall.report.content.blocks import Text
from pitwall.web.blocks import Card, Cards, Field, Form, Option, Part
from pitwall.web.wizard.choices import address, steps
from pitwall.workflows.bench.target import TASKS
from pitwall.workflows.orders.custom import Column, columns_of, kinds, rules_of
from pitwall.workflows.orders.order import TrainingOrder
from pitwall.workflows.orders.questions import Question

FIRST = ("race_winner", "lap_time", "pit_window", "dnf", "podium", "points", "qualifying", "safety_car")
TITLES = {"dnf": "DNF Risk", "pit_window": "Pit Window", "race_winner": "Race Winner", "lap_time": "Lap Time"}
CUSTOM = Card("Custom Model", "A column of the data of your choice, and the rule that it must beat.", "/new/custom")
NOTEBOOK = "Import Notebook"


def question_parts(there: list[Question], no_notebook: str = "") -> tuple[Part, ...]:
    """Return the step: a card for each question, then those of one's own.

    Args:
        there: the questions.
        no_notebook: why no notebook can be imported on this machine; empty where it can.
    """
    notebook = Card(
        NOTEBOOK,
        "What its tagged cells declare, as a model.",
        "" if no_notebook else "/new/import",
        why_not=no_notebook,
    )
    rank = {name: at for at, name in enumerate(FIRST)}
    ordered = sorted(there, key=lambda each: (rank.get(each.name, len(FIRST)), each.name))
    cards = [_card(each) for each in ordered]
    return (
        Part("", (steps("question"),)),
        Part("What shall be forecast?", (Cards((*cards[:4], CUSTOM, notebook, *cards[4:])),)),
    )


def custom_parts(task: str, rows: str) -> tuple[Part, ...]:
    """Return the page on which a column is chosen: first what it tells and about whom, then which one, and the rule to beat."""
    about = Field("task", "What it tells", "select", task, tuple(Option(each, each) for each in TASKS))
    kind = Field("rows", "About", "select", rows, tuple(Option(each.name, each.nouns[1]) for each in kinds(task)))
    found, rules = columns_of(task, rows), rules_of(task, rows)
    fields = (
        Field("task", "", "hidden", task),
        Field("rows", "", "hidden", rows),
        Field("question", "Column", "select", _usual(found), tuple(Option(each.name, each.label) for each in found)),
        Field(
            "baseline", "Rule to beat", "select", rules[0] if rules else "", tuple(Option(each, each) for each in rules)
        ),
    )
    told = "A number is a regression, a yes or no or one of a few words a classification. A score without a rule to beat says nothing."
    return (
        Part("", (steps("question"), Text(told))),
        Part("1. Kind", (Form("/new/custom", (about, kind), "Show its columns", get=True, live=True, inline=True),)),
        Part("2. Column", (Form("/new/data", fields, "Next: data", get=True),)),
    )


def _usual(found: tuple[Column, ...]) -> str:
    wished = [each.name for each in found if each.name == "results.points"]
    return wished[0] if wished else found[0].name if found else ""


def _card(each: Question) -> Card:
    asked = each.template
    title = TITLES.get(each.name, each.name.replace("_", " ").title())
    small = f"{model(asked.model).family}; at {', '.join(map(str, asked.stages))}; {len(each.seasons)} seasons tell the answer"
    to = "" if each.why_not else address("data", TrainingOrder(question=each.name))
    return Card(title, asked.question, to, small, each.why_not)
