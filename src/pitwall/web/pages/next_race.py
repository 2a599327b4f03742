"""The next race, or any one that was exported: chances beside the baseline, reasons, what if, and what was said before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pitwall.domain.records.track_record import read_rows
from pitwall.ml.templates import Template
from pitwall.report.content.blocks import Text
from pitwall.web.blocks import AnyBlock, Code, Field, Form, Later, Link, Links, More, Option, Part, Status
from pitwall.web.paging import Ask, Next, View, page, pages
from pitwall.web.parts.asked import answer
from pitwall.web.parts.forecast import CHANCES, PLACES, WHY, forecast_parts, origin
from pitwall.web.parts.records import record_table
from pitwall.web.parts.told import instant
from pitwall.web.parts.what_if import changed_part, what_if_form
from pitwall.workflows.serving.answer import Asked
from pitwall.workflows.serving.asked import Question
from pitwall.workflows.serving.shown import what_if
from pitwall.workflows.serving.shown.choices import FIRST, StageChoice, asked_of, questions, races, stages
from pitwall.workflows.serving.shown.forecasts import forecast_of
from pitwall.workflows.serving.shown.stored import stored

ROUTER = pages()
COMING = {WHY: "Reasons are gathered.", PLACES: "The chances of all places are put into a table."}
PREVIOUS = 8  # lines below a forecast
FIRST_RUN = "pitwall run race-weekend\npitwall up"


@page(ROUTER, "/", menu="Next race", order=1)
def next_race(  # noqa: PLR0917  (all that may be asked)
    ask: Ask,
    race: str | None = None,
    template: str | None = None,
    stage: str | None = None,
    as_of: str | None = None,
    model: str | None = None,
) -> View | Next:
    """Show the forecast of the next race, or of any one that was exported, with its reasons and what-ifs."""
    answers = ask.server.answers
    known = questions(answers)
    if not known:
        return _nobody()
    if len(order := ask.query.many("grid")) > 1:
        return Next(ask.here(grid=",".join(order)))
    own, its_stage = asked_of(answers, model) if model else (next(iter(known)), "")
    name, wanted = template or own, as_of or stage or its_stage
    asked = answers.ask(name, Question(race or None))
    choices = stages(answers, asked.template, _label(asked))
    missing = next((each for each in choices if each.stage == wanted and each.why_not), None)
    if wanted and missing is None:
        asked = answers.ask(name, Question(race or None, wanted))
    return _forecast(ask, known, asked, choices, missing)


@page(ROUTER, "/why")
def why(ask: Ask, race: str | None = None, template: str = FIRST, as_of: str | None = None) -> View:
    """Show what adds to the answer about each car, of a forecast or of a what-if."""
    title, estimator, parts = _parts(ask, race, template, as_of, why=True)
    told = parts.get(WHY, (Text(f"The {estimator} model cannot tell what each feature adds."),))
    return View(f"Why: {title}", "", (Part("", (*parts.get("", ()), *told)),))


@page(ROUTER, "/places")
def places(ask: Ask, race: str | None = None, template: str = FIRST, as_of: str | None = None) -> View:
    """Show the chance of every car for every place, of a forecast or of a what-if."""
    title, estimator, parts = _parts(ask, race, template, as_of)
    told = parts.get(PLACES, (Text(f"The {estimator} model says nothing of single places."),))
    return View(f"Places: {title}", "", (Part("", told),))


def _parts(
    ask: Ask, race: str | None, template: str, as_of: str | None, *, why: bool = False
) -> tuple[str, str, dict[str, tuple[AnyBlock, ...]]]:
    """Return what a forecast is about, its estimator, and its parts by name."""
    asked = ask.server.answers.ask(template, Question(race or None, as_of or None))
    said = answer(ask, asked.name, _question(asked, _order(ask)), why=why)
    parts = {part.name: part.blocks for part in forecast_parts(forecast_of(said), CHANCES)}
    return f"{said['race_name']} {said['race']}", said["estimator"], parts


def _forecast(
    ask: Ask, known: Mapping[str, Template], asked: Asked, choices: list[StageChoice], missing: StageChoice | None
) -> View:
    said, order = answer(ask, asked.name, asked.question), _order(ask)
    made = forecast_of(said)
    if order and what_if.can_be_asked(asked):
        changed = answer(ask, asked.name, _question(asked, order))
        made = forecast_of(changed)
        labels, _, *rest = _labelled(forecast_parts(made, ""))
        first = [labels, changed_part(made, what_if.changes(said, changed), ask.here(grid=None))]
    else:
        labels, chances, *rest = _labelled(forecast_parts(made, asked.template.question))
        first = [labels, chances]
    rest = [_later("/places", part.name, asked, said, order) if part.name == PLACES else part for part in rest]
    because = _later("/why", WHY, asked, said, order)
    parts = [_choose(ask, known, asked, choices, missing), *first, *_what_if(asked, order), *rest, because]
    at = Links((Link("This forecast at its instant", _address("/", asked, as_of=said["cutoff"])),))
    whence = origin(made, said["data_age_s"])
    parts += [Part(whence.name, (*whence.blocks, at), whence.link), _previous(ask)]
    return View(f"{said['race_name']} {said['race']}", _summary(asked), tuple(parts))


def _later(path: str, name: str, asked: Asked, said: Mapping[str, Any], order: tuple[str, ...]) -> Part:
    """Return a part that comes once the page is there: it is most of what a browser would lay out."""
    address = _address(path, asked, as_of=said["cutoff"], grid=",".join(order))
    return Part(name, (Later(address, COMING[name]), Links((Link(f"{name} alone", address),))))


def _question(asked: Asked, order: tuple[str, ...]) -> Question:
    """Return what is asked: as things are known, or with cars in another order."""
    return what_if.question_of(asked, order) if order and what_if.can_be_asked(asked) else asked.question


def _labelled(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return parts that begin with what a reader must know, where there may be nothing to say."""
    return parts if not parts[0].name else (Part("", ()), *parts)


def _nobody() -> View:
    lines = (
        "The first command fetches the data, makes features, trains and judges models, and forecasts the next race: two to four minutes "
        "with the embedded world.",
        "The second one opens these pages with a worker beside them, so that models can be trained here too.",
    )
    blocks: tuple[AnyBlock, ...] = (
        Status("No model answers here yet."),
        Code(FIRST_RUN, "To begin"),
        *map(Text, lines),
    )
    links = Links((Link("Train a model", "/new", button=True), Link("What answers here", "/models")))
    return View("Next race", "", (Part("", (*blocks, links)),))


def _choose(
    ask: Ask, known: Mapping[str, Template], asked: Asked, choices: list[StageChoice], missing: StageChoice | None
) -> Part:
    """Return the choice of race, question and stage, and why a stage cannot be asked."""
    label, now = _label(asked), asked.vectors.facts["stage"]
    of_races = tuple(
        Option(each.label, f"{each.label} {each.name}") for each in races(ask.server.answers, asked.template)
    )
    of_questions = tuple(Option(name, _words(name, each)) for name, each in known.items())
    of_stages = tuple(Option(each.stage, _until(each), why_not="not now" if each.why_not else "") for each in choices)
    fields = (
        Field("race", "Race", "select", label, of_races),
        Field("template", "Question", "select", asked.name, of_questions),
        Field("stage", "Known until", "select", now, of_stages),
    )
    blocks: list[AnyBlock] = [Form("/", fields, "Show", get=True, live=True, inline=True)]
    if missing:
        blocks.append(Status(f"{missing.stage} cannot be asked: {missing.why_not}. Shown is {now}.", "bad"))
    if others := [Text(each.why_not, each.stage) for each in choices if each.why_not and each is not missing]:
        blocks.append(More("Stages that cannot be asked now", tuple(others)))
    return Part("", tuple(blocks))


def _until(each: StageChoice) -> str:
    return f"{each.stage}, {instant(each.cutoff)}" if each.cutoff else each.stage


def _what_if(asked: Asked, order: tuple[str, ...]) -> list[Part]:
    if not what_if.can_be_asked(asked):
        return []
    kept = {name: value for name, value in _wishes(asked).items() if value}
    form = what_if_form(what_if.starters(asked), order, kept, grid=what_if.has_grid(asked))
    title = "Another grid, or a car less" if what_if.has_grid(asked) else "A car less"
    return [Part("What if", (More(title, form, open=bool(order)),))]


def _previous(ask: Ask) -> Part:
    found = stored(read_rows(ask.project))
    every = Links((Link("All forecasts", "/forecasts"), Link("Record and duel", "/record")))
    if not found:
        return Part("Previous forecasts", (Text("None is in the track record yet."), every))
    return Part("Previous forecasts", (record_table(found[:PREVIOUS]), every), "Previous")


def _summary(asked: Asked) -> str:
    facts = asked.vectors.facts
    when = "Driven" if facts["race"]["run"] else "Starts"
    return f"{when} {instant(facts['race']['starts_at'])}. {asked.template.question} As known at {instant(facts['cutoff'])}."


def _order(ask: Ask) -> tuple[str, ...]:
    return tuple(filter(None, ask.query.get("grid", "").split(",")))


def _wishes(asked: Asked) -> dict[str, str]:
    return {"race": _label(asked), "template": asked.name, "stage": str(asked.vectors.facts["stage"])}


def _address(path: str, asked: Asked, **more: str) -> str:
    kept = {name: value for name, value in more.items() if value}
    return f"{path}?{urlencode({'race': _label(asked), 'template': asked.name, **kept})}"


def _label(asked: Asked) -> str:
    return str(asked.vectors.facts["race"]["label"])


def _words(name: str, question: Template) -> str:
    return question.question if name == question.name else f"{question.question} ({name})"
