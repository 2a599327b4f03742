"""A new model in four steps: question, data, features, training. All choices lie in the address."""

from __future__ import annotations

from pitwall.domain.plugins import pick
from pitwall.web.paging import Ask, View, page, pages
from pitwall.web.wizard.choices import order_of_query, shortened
from pitwall.web.wizard.data import data_parts
from pitwall.web.wizard.features import feature_parts
from pitwall.web.wizard.question import custom_parts, question_parts
from pitwall.web.wizard.training import training_parts
from pitwall.workflows.bench.target import TASKS
from pitwall.workflows.importing.importing import why_not
from pitwall.workflows.jobs import shares
from pitwall.workflows.orders.custom import kinds
from pitwall.workflows.orders.preview import Preview, preview
from pitwall.workflows.orders.questions import questions

ROUTER = pages()
TITLE = "New model"


@page(ROUTER, "/new", menu=TITLE, order=40)
def question(ask: Ask) -> View:
    """Choose what shall be forecast."""
    return View(TITLE, "Step 1 of 4: the question.", question_parts(questions(ask.workspace), why_not()))


@page(ROUTER, "/new/custom")
def custom(ask: Ask, task: str = "regression", rows: str = "race_driver") -> View:
    """Choose a column of the data as a question of your own."""
    pick("task", task, TASKS)
    there = {each.name: each for each in kinds(task)}
    return View(
        TITLE, "Step 1 of 4: a question of your own.", custom_parts(task, rows if rows in there else next(iter(there)))
    )


@page(ROUTER, "/new/data")
def data(ask: Ask) -> View:
    """Choose the races that are learned from."""
    found = _found(ask)
    return View(f"{TITLE}: {found.order.question}", "Step 2 of 4: the data.", data_parts(found))


@page(ROUTER, "/new/features")
def features(ask: Ask) -> View:
    """Choose what is learned from."""
    found = _found(ask)
    return View(f"{TITLE}: {found.order.question}", "Step 3 of 4: the features.", feature_parts(found))


@page(ROUTER, "/new/training")
def training(ask: Ask) -> View:
    """Choose how it is trained, and start."""
    found, params = _found(ask), ask.workspace.params
    left = shares.told(ask.workspace, ask.owner.name)
    parts = training_parts(found, params.training.held_out_seasons, params.tuning.trials, left)
    return View(f"{TITLE}: {found.order.question}", "Step 4 of 4: training.", parts)


def _found(ask: Ask) -> Preview:
    """Return what the order of the address will meet."""
    limit = shares.limit_of(ask.workspace, ask.owner.name)
    found = preview(ask.workspace, order_of_query(ask.query), limit)
    short = shortened(found.order, found)
    return found if short == found.order else preview(ask.workspace, short, limit)
