"""The registered models: who is champion, what the gates said of each version, who was champion when; and the way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from getpass import getuser

from pitwall.domain.errors import UsageError
from pitwall.report.content.blocks import Facts, Text
from pitwall.web.blocks import AnyBlock, Field, Form, Later, Link, LinkTable, Option, Part, Plotted, Status
from pitwall.web.paging import Ask, Next, View, action, page, pages
from pitwall.web.paging import Form as Sent
from pitwall.workflows import registry
from pitwall.workflows.experiments.listed import moment
from pitwall.workflows.plots.versions import HOW, PAIRED, bars_shown
from pitwall.workflows.versions import listed, one
from pitwall.workflows.versions.told import decision_table

ROUTER = pages()
COLUMNS = ("model", "answers", "champion", "since", "candidate", "versions", "served")
VERSIONS = ("version", "stage", "algorithm", "registered", "ms", "run")
NOTHING = "No model yet: `pitwall run race-weekend` trains those of the project."
NEWEST = 12  # versions in a picture
MINUTE_S = 60.0
BACK = "A rollback asks no gate: it gives the place back to a version that held it before, and takes it from the present one."


@page(ROUTER, "/models", menu="Models", order=50)
def models(ask: Ask) -> View:
    """List the models: what each answers, its champion, and who waits for the gates."""
    found = ask.kept("models", lambda: listed.models(ask.workspace))
    if not found:
        return View("Models", "", (Part("", (Status(NOTHING),)),))
    served = set(ask.server.answers.models.names())
    rows = tuple(_line(each, served=each.name in served) for each in found)
    table = LinkTable(COLUMNS, rows, ("versions",))
    return View(
        "Models", "Who answers which question, and who waits for the gates. Times are UTC.", (Part("", (table,)),)
    )


@page(ROUTER, "/models/{name}")
def model(ask: Ask, name: str) -> View:
    """Show one model: its versions, what they are worth, who was champion when, and the way back."""
    whole = listed.known(ask.workspace, name)
    versions = one.standings(ask.workspace, whole)
    if not versions:
        raise UsageError(f"{whole} has no version yet; train it with `pitwall train {whole}`.")
    champion = next((each for each in versions if "champion" in each.aliases), None)
    parts = (
        Part("", (_said(whole, champion), *_about(ask, whole, champion))),
        Part("Versions", (_versions(versions),)),
        Part("What they are worth", (Later(f"/models/{whole}/worth", "The versions are being scored."),)),
        *_champions(ask, whole, there=champion is not None),
        Part("Decisions", (decision_table(reversed(registry.rows(ask.workspace, whole))),)),
    )
    return View(whole, f"Answers {', '.join(listed.questions_of(ask.workspace, whole)) or 'nothing any more'}.", parts)


@page(ROUTER, "/models/{name}/worth")
def worth(ask: Ask, name: str) -> View:
    """Show the main losses of a model's newest versions on the races that each was judged on."""
    whole = listed.known(ask.workspace, name)
    found = ask.kept(("worth", whole), lambda: bars_shown(ask.workspace, whole, NEWEST), MINUTE_S)
    if found is None:
        raise UsageError(f"{whole} has no version yet; train it with `pitwall train {whole}`.")
    picture, table, notes = found
    return View(f"Versions of {whole}", HOW, (Part("", (Text(PAIRED), *notes, Plotted(picture, table))),))


@action(ROUTER, "/models/{name}/rollback")
def roll_back(ask: Ask, name: str, form: Sent) -> Next:
    """Give the place of the champion back to an earlier one, at once."""
    to = form.get("to", "")
    if to and not to.isdecimal():
        raise UsageError(f"a version is a number; found {to!r}.")
    made = registry.roll_back(
        ask.workspace, name, to=int(to) if to else None, by=ask.named(form.get("by", "")), note=form.get("note", "")
    )
    said = f"Champion of {made.model} is version {made.version} again; version {made.previous} is archived."
    return ask.to(f"/models/{made.model}", said)


def _line(each: listed.ModelLine, *, served: bool) -> tuple[str | Link, ...]:
    champion = each.champion
    return (
        Link(each.name, f"/models/{each.name}") if each.versions else each.name,
        ", ".join(each.questions),
        Link(_named(champion.version, champion.tags), f"/models/{each.name}/{champion.version}")
        if champion
        else "none",
        moment(each.since),
        Link(f"version {each.candidate.version}", f"/models/{each.name}/{each.candidate.version}")
        if each.candidate
        else "",
        str(each.versions),
        "yes" if served else "no",
    )


def _named(number: int, tags: Mapping[str, str]) -> str:
    what = "a baseline" if tags.get("role") == "baseline" else tags.get("estimator", "")
    return f"version {number}, {what}" if what else f"version {number}"


def _said(name: str, champion: one.Standing | None) -> Status:
    if champion is None:
        return Status(f"No champion yet: `pitwall promote {name}` lets the gates judge its candidate.")
    return Status(f"Champion: {_named(champion.version.version, champion.version.tags)}.", "good")


def _about(ask: Ask, name: str, champion: one.Standing | None) -> Iterator[AnyBlock]:
    served = ask.server.answers.models.get(name)
    told = {
        "stage": name.rpartition("-")[2],
        "served here": f"version {served.version}" if served else "no",
        "run of the champion": champion.version.run_id if champion else "",
        "approval": ask.workspace.params.promotion.approval,
    }
    yield Facts(tuple((key, value) for key, value in told.items() if value))


def _versions(versions: list[one.Standing]) -> LinkTable:
    rows = tuple(
        (
            Link(f"version {each.version.version}", f"/models/{each.version.model}/{each.version.version}"),
            ", ".join(each.aliases) or each.stage,
            each.version.tags.get("estimator") or each.version.tags.get("role", ""),
            moment(each.version.created),
            each.version.tags.get("latency_ms", ""),
            Link(each.version.run_id[:8], f"/experiments/{each.version.run_id}"),
        )
        for each in versions
    )
    return LinkTable(VERSIONS, rows, ("ms",))


def _champions(ask: Ask, name: str, *, there: bool) -> Iterator[Part]:
    held = listed.tenures(ask.workspace, name)
    if not held:
        return
    blocks: list[AnyBlock] = [Plotted(*ask.kept(("tenures", name), lambda: one.tenures_shown(held, name), MINUTE_S))]
    earlier = one.earlier_champions(ask.workspace, name)
    if there and earlier:
        blocks += [Text(BACK), _back(ask, name, earlier)]
    yield Part("Champions", tuple(blocks))


def _back(ask: Ask, name: str, earlier: list[int]) -> Form:
    options = tuple(Option(str(each), f"version {each}") for each in earlier)
    fields = (
        Field("to", "Back to", "select", str(earlier[0]), options),
        Field("by", "By", value=getuser()),
        Field("note", "Why", help="kept in the history"),
    )
    sure = f"The present champion of {name} is archived; forecasts use the earlier one from now on."
    return Form(f"/models/{name}/rollback", fields, "Roll back", confirm=sure)
