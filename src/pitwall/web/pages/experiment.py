"""One run: how it stands, what it reached beside the baselines, what the gates said, what it was made from, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from pitwall.domain.ports import RunRecord
from pitwall.ml.templates import answered_by
from pitwall.report.content.blocks import Facts, Picture, Table, Text
from pitwall.report.content.intervals import number
from pitwall.report.content.verdicts import reason_table, verdict_table
from pitwall.web.blocks import Again, AnyBlock, Later, Link, Links, More, Part, Plotted, Status
from pitwall.web.paging import Ask, File, View, page, pages
from pitwall.web.parts.judging import JUDGED, deploy_form, judge_form
from pitwall.workflows.experiments import curves, judged, made_from, results, taking
from pitwall.workflows.experiments.headline import named
from pitwall.workflows.experiments.kept import draft_of, job_of
from pitwall.workflows.experiments.listed import GONE, OPEN, Listed, lasted, listed, moment
from pitwall.workflows.runs import find

T = TypeVar("T")
ROUTER = pages()
LONG_S = 600.0  # what is said of a run that is over stays true
LIVE_S, SOON_S = 3.0, 2.0
UNNAMED = "what is shared is a version under a name: deploy it first"
SAID = {
    "finished": "Finished.",
    "failed": "Failed: it ended with an error; its log says which.",
    "stopped": "Stopped before its end: cancelled, or killed.",
    GONE: "Cut short: its process is gone, and it did not end itself.",
    "under way": "Under way.",
}
BEFORE = "The leak audit, and what else can be asked of a draft before it has a name; a deployment asks every gate."
UNASKED = "Nobody has audited it yet; a deployment asks every gate, the leak audit among them."
FAST = ("inference.p50_ms", "milliseconds, median, for one answer")


@page(ROUTER, "/experiments/{run}")
def experiment(ask: Ask, run: str) -> View:
    """Show a run: status, results beside the baselines, gates, importance, curves, parameters and manifest."""
    found = _found(ask, run)
    live = found.record.status == OPEN and found.state != GONE
    top = (_status(found), _facts(found), *(_trials(ask, found.record) if live else ()))
    parts = (
        Part("", ((Again("progress", LIVE_S, top),) if live else top) + _buttons(ask, found)),
        *(() if live else _over(ask, found)),
        Part(
            "Parameters", (More("All of them", (made_from.parameters(found.record),), f"{len(found.record.params)}"),)
        ),
        Part("Made from", _kept(ask, found, "manifest", lambda: made_from.manifest(ask.workspace, found.record))),
    )
    return View(found.record.name or found.record.run_id, _summary(ask, found.record), parts)


@page(ROUTER, "/experiments/{run}/curves")
def courses(ask: Ask, run: str) -> View:
    """Show the courses of a run, season by season and step by step, and whether its chances come true."""
    found = _found(ask, run)
    drawn = _kept(ask, found, "curves", lambda: curves.curves(ask.workspace, found.record))
    true = _kept(ask, found, "calibration", lambda: curves.calibration(ask.workspace, found.record))
    parts = [Part(each.title, (Plotted(each.picture, each.table),)) for each in drawn]
    parts += [Part(f"Calibration: {each.title}", (Plotted(each.picture, each.table),)) for each in true]
    return View(f"Curves of {found.record.name}", "", tuple(parts) or (Part("", (Text("It kept no course."),)),))


@page(ROUTER, "/experiments/{run}/importance")
def importance(ask: Ask, run: str) -> View:
    """Show how much each group of features adds to the answers of a run's model."""
    found = _found(ask, run)
    blocks = _kept(ask, found, "importance", lambda: judged.importance(ask.workspace, found.record))
    return View(f"What {found.record.name} reads", "", (Part("", plotted(blocks)),))


@page(ROUTER, "/experiments/{run}/download")
def download(ask: Ask, run: str) -> File:
    """Give a run as one file: its model, card, manifest, metrics and order."""
    found = _found(ask, run)
    return File(
        f"{found.record.name}-{found.record.run_id[:8]}.zip",
        taking.download(ask.workspace, found.record),
        "application/zip",
    )


def plotted(blocks: tuple[AnyBlock, ...]) -> tuple[AnyBlock, ...]:
    """Return blocks with each table that a picture follows folded below the picture."""
    made: list[AnyBlock] = []
    for block in blocks:
        if isinstance(block, Picture) and made and isinstance(made[-1], Table):
            made[-1] = Plotted(block, made[-1])
        else:
            made.append(block)
    return tuple(made)


def _found(ask: Ask, run: str) -> Listed:
    return ask.kept(("run", run), lambda: listed(ask.workspace, [find(ask.workspace, run)])[0], SOON_S)


def _kept(ask: Ask, found: Listed, what: str, make: Callable[[], T]) -> T:
    """Return what was found out about a run: for long where it is over, anew where it is under way."""
    if found.record.status == OPEN:
        return make()
    return ask.kept((what, found.record.run_id, found.version), make, LONG_S)


def _summary(ask: Ask, record: RunRecord) -> str:
    job = job_of(ask.workspace, record)
    if job is None:
        return f"A run of {record.experiment}."
    return f"{' '.join(each.question for each in answered_by(job.model))} At the stage {job.stage}."


def _status(found: Listed) -> Status:
    mood = "good" if found.state == "finished" else "" if found.state == "under way" else "bad"
    now = f" Its model is the {found.marks[0]} of {found.model}." if found.version and found.marks else ""
    return Status(SAID.get(found.state, found.state) + now, mood)  # type: ignore[arg-type]  # one of the moods


def _facts(found: Listed) -> Facts:
    record, best = found.record, found.headline
    told = {
        "created": f"{moment(record.started)} UTC" if record.started else "",
        "duration": lasted(found.seconds),
        "model": found.model + (f", version {found.version}" if found.version else ""),
        "algorithm": record.params.get("model.estimator", ""),
        "reached": f"{named(best.metric)} {best.text}" if best else "",
        "baseline to beat": best.other if best else "",
        "answers in": f"{number(record.metrics[FAST[0]])} {FAST[1]}" if FAST[0] in record.metrics else "",
        "data": record.tags.get("dataset_version", ""),
        "run": record.run_id,
    }
    return Facts(tuple((name, value) for name, value in told.items() if value))


def _trials(ask: Ask, record: RunRecord) -> tuple[AnyBlock, ...]:
    """Return how far the search has come."""
    tried = ask.workspace.runs.nested(record.run_id)
    return (Text(f"{len(tried)} configurations tried so far.", "Search"),) if tried else ()


def _buttons(ask: Ask, found: Listed) -> tuple[AnyBlock, ...]:
    here = f"/experiments/{found.record.run_id}"
    outside = _kept(ask, found, "link", lambda: ask.workspace.runs.link(found.record.run_id))
    links = (
        Link("Compare", f"/compare?runs={found.record.run_id}", button=True),
        Link("Download", f"{here}/download", button=True, file=True),
        _share(found),
        Link("Lineage", f"/lineage/{found.record.run_id}"),
        *((Link("Model", f"/models/{found.model}"),) if found.version else ()),
        *((Link("In MLflow", outside, outside=True),) if outside else ()),
    )
    return (Links(links),)


def _share(found: Listed) -> Link:
    if not found.version:
        return Link("Share", "", button=True, why_not=UNNAMED)
    return Link("Share", f"/models/{found.model}/{found.version}/share", button=True)


def _over(ask: Ask, found: Listed) -> Iterator[Part]:
    """Yield what there is of a run that is no longer under way."""
    yield from _deploy(ask, found)
    told = _kept(ask, found, "results", lambda: results.results(ask.workspace, found.record))
    yield from _results(ask, found.record, told)
    yield from _gates(ask, found)
    here = f"/experiments/{found.record.run_id}"
    if told:
        yield Part("What it reads", (Later(f"{here}/importance", "The importance of its features is being counted."),))
    yield Part("Curves and calibration", (Later(f"{here}/curves", "Its curves are being drawn."),))


def _gates(ask: Ask, found: Listed) -> Iterator[Part]:
    """Yield what the gates said: of a version when it was judged, of a draft when the job that trained it asked them."""
    section = ask.kept(("gates", found.record.run_id), lambda: judged.gates_of_run(ask.workspace, found.record))
    if section is not None:
        yield Part(section.name, section.blocks)
    elif asked := judged.draft_verdicts(ask.project, found.record.run_id):
        yield Part("Gates", (Text(BEFORE), verdict_table(asked), More("Reasons", (reason_table(asked),))))
    elif found.marks[:1] == ("draft",):
        yield Part("Gates", (Text(UNASKED),))


def _deploy(ask: Ask, found: Listed) -> Iterator[Part]:
    """Yield how a model that nobody has named gets a name, and who judges one that has."""
    draft, approval = draft_of(found.record), ask.workspace.params.promotion.approval
    if draft is not None:
        told = "A deployment makes a version of it under this name; every gate judges it, and if all pass it answers."
        yield Part("Deploy", (Text(told), deploy_form(draft.name, _proposed(draft.name), approval)))
    elif found.version and "candidate" in found.marks:
        form = judge_form(found.model, found.version, approval)
        yield Part("Deploy", (Text(JUDGED), form))


def _proposed(draft: str) -> str:
    """Return a name for a draft `<target>_<hash>-<stage>`."""
    return f"my_{draft.rpartition('-')[0].rpartition('_')[0]}"


def _results(ask: Ask, record: RunRecord, told: list[results.Results]) -> Iterator[Part]:
    if told:
        yield Part("Results", (Text(results.level(ask.workspace)), *_questions(told), *results.notes(told)))
    rest = results.whole(record, [each.template for each in told])
    if rest:
        yield Part("Other numbers" if told else "Results", tuple(rest))


def _questions(told: list[results.Results]) -> Iterator[AnyBlock]:
    for each in told:
        yield Text(f"{each.question} (`{each.template}`)")
        yield each.table
