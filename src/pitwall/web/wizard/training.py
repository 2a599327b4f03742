"""Step 4: how it is trained, what is in the way, the same as a command and a file, and the button that starts it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

from pitwall.ml.estimators.shared.learners.device import CPU, CUDA
from pitwall.report.content.blocks import Facts, Table
from pitwall.web.blocks import AnyBlock, Code, Field, Form, Link, Links, More, Option, Part, Status
from pitwall.web.wizard.choices import address, kept, steps
from pitwall.workflows.orders.order import command, written
from pitwall.workflows.orders.preview import Preview

SHOWN = ("algorithm", "auto_tune", "folds", "seed", "device", "name", "baseline")
TRIALS = ("5", "20", "50")


def training_parts(found: Preview, usual_folds: int, usual_trials: int, left: str = "") -> tuple[Part, ...]:
    """Return the step.

    Args:
        found: what the order will meet.
        usual_folds: how many seasons the project's models are judged on.
        usual_trials: of a search of the project's models.
        left: what the tier of who orders has left of today, in words; empty without a limit.
    """
    order = found.order
    form = Form(
        "/new/training",
        (*kept(order, SHOWN), *_fields(found, usual_folds, usual_trials)),
        "Update",
        get=True,
        live=True,
    )
    return (
        Part("", (steps("training", order), *_start(found), *((Status(left),) if left else ()))),
        Part("How is it trained?", (form,)),
        Part("What it will meet", (Facts(_facts(found, usual_folds)), *_unavailable(found))),
        Part("The same without this page", _same(found)),
        Part("", (Links((Link("Back", address("features", order)),)),)),
    )


def _start(found: Preview) -> tuple[AnyBlock, ...]:
    if found.in_the_way:
        return tuple(Status(f"It cannot be trained: {each}.", "bad") for each in found.in_the_way)
    fields = (Field("order", "", "hidden", written(found.order)), Field("key", "", "hidden", uuid4().hex))
    told = f"{len(found.features)} features, {found.rows:,} rows, {found.order.algorithm}, held against {found.baselines[0]}."
    return (Status(told, "good"), Form("/jobs/start", fields, "Start training"))


def _fields(found: Preview, usual_folds: int, usual_trials: int) -> tuple[Field, ...]:
    order = found.order
    algorithms = tuple(Option(each.name, each.name, why_not=each.why_not) for each in found.algorithms)
    own = (
        (Option(order.algorithm, order.algorithm),) if order.algorithm not in {a.name for a in found.algorithms} else ()
    )
    tune = (
        Option("false", "No"),
        Option("true", f"Yes, {usual_trials} trials"),
        *(Option(n, f"{n} trials") for n in TRIALS),
    )
    tuned = str(order.auto_tune).lower()
    folds = tuple(Option(str(n), f"{n} seasons" if n else f"As usual here ({usual_folds})") for n in (0, 1, 2, 3, 5, 8))
    rules = tuple(Option(each, each) for each in found.baselines)
    rule = (Field("baseline", "Rule to beat", "select", order.baseline, rules),) if order.custom else ()
    return (
        Field(
            "algorithm",
            "Algorithm",
            "select",
            order.algorithm,
            (*own, *algorithms),
            "The first is what the project uses.",
        ),
        Field("auto_tune", "Auto-tune", "select", tuned, tune, "A search of its parameters on earlier seasons."),
        Field(
            "folds",
            "Judged on the newest",
            "select",
            str(order.folds),
            folds,
            "Each told by what was learned before it.",
        ),
        *rule,
        Field("seed", "Seed", "number", str(order.seed)),
        Field("device", "Learns on", "select", order.device, tuple(_devices(found)), "A GPU makes another model."),
        Field("name", "Name once it is deployed", value=order.name, help="May stay empty; e.g. my_winner."),
    )


def _devices(found: Preview) -> Iterator[Option]:
    chosen = next((each for each in found.algorithms if each.name == found.order.algorithm), None)
    yield Option(CPU, "the processor")
    if chosen is not None and CUDA in chosen.devices:
        yield Option(CUDA, "a GPU", why_not="" if found.limit.gpu else f"the tier {found.limit.tier} has none")


def _facts(found: Preview, usual_folds: int) -> tuple[tuple[str, str], ...]:
    order = found.order
    span = f"{found.seasons[0]} to {found.seasons[-1]}" if found.seasons else "none"
    return (
        ("question", order.question),
        ("stage", order.stage),
        ("data", f"{found.rows:,} {found.kind.nouns[1]} of {found.races} races, {span}"),
        ("features", f"{len(found.features)} of {sum(each.chosen for each in found.groups)} groups"),
        ("algorithm", order.algorithm),
        ("judged on", f"{order.folds or usual_folds} seasons, walking forward"),
        ("held against", ", ".join(found.baselines)),
        *((("forked from", order.forked_from.partition("/")[0]),) if order.forked_from else ()),
    )


def _unavailable(found: Preview) -> tuple[AnyBlock, ...]:
    if not found.left_out:
        return (Status("All that was chosen can be had."),)
    table = Table(("feature", "why it is left out"), found.left_out)
    return (More(f"{len(found.left_out)} chosen features cannot be had, and are left out", (table,), open=True),)


def _same(found: Preview) -> tuple[AnyBlock, ...]:
    return (
        Code(command(found.order), "As a command"),
        Code(written(found.order), "As a file", "order.yaml"),
        Status("pitwall order train order.yaml trains the same model, bit for bit."),
    )
