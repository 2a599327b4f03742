"""Who takes the titles: chances of drivers and constructors as they were exported, and as they stood after each round."""

from __future__ import annotations

from pitwall.domain.clock import wall
from pitwall.domain.records.track_record import read_rows
from pitwall.ml.championship.forecast import Chance
from pitwall.ml.championship.render import lines_of
from pitwall.report.content.blocks import Answers, Facts, Note, Share, Table, Text
from pitwall.web.blocks import AnyBlock, Code, Field, Form, Link, Links, Option, Part, Plotted, Status
from pitwall.web.paging import Ask, View, page, pages
from pitwall.web.parts.pictures import title_rounds
from pitwall.web.parts.told import ago, instant
from pitwall.workflows.serving.shown.titles import Title, Titles, seasons, titles

ROUTER = pages()
NAMES = {"drivers_title": "Drivers", "constructors_title": "Constructors"}
SHOWN = 12  # competitors of a title; all of them are in the JSON


@page(ROUTER, "/championship", menu="Championship", order=3)
def championship(ask: Ask, season: int | None = None) -> View:
    """Show the chances of both titles of a season, with what they are made of."""
    there = seasons(ask.project)
    if not there:
        return _nothing()
    found = titles(ask.project, read_rows(ask.project), season)
    made = found.facts["championship"]
    options = tuple(Option(str(each), str(each)) for each in there)
    choose = Form(
        "/championship",
        (Field("season", "Season", "select", str(made["season"]), options),),
        "Show",
        get=True,
        live=True,
        inline=True,
    )
    notes = tuple(Note(each) for each in made["labels"])
    parts = [Part("", (choose, *notes)), *(_title(each, final=not made["draws"]) for each in found.titles)]
    return View(f"Championship {made['season']}", _summary(found), (*parts, *_rounds(found), _origin(found)))


def _nothing() -> View:
    lines = (
        Status("No title chances were exported yet."),
        Code(f"pitwall championship --season {wall().year}", "To draw the rest of the season"),
    )
    more = Text("`pitwall run race-weekend` does it too, once the pre-weekend model has a champion.")
    return View("Championship", "", (Part("", (*lines, more)),))


def _summary(found: Titles) -> str:
    made = found.facts["championship"]
    if not made["draws"]:
        return f"All {made['rounds']} rounds are driven: the table is final."
    return (
        f"After round {made['after']} of {made['rounds']}, as known at {instant(made['cutoff'])}: the rest of the season was drawn "
        f"{made['draws']:,} times."
    )


def _title(title: Title, *, final: bool) -> Part:
    who = NAMES[title.name].removesuffix("s")
    columns = (who, "Points") if final else (who, "P(title)", "Points", "Mean at the end", "80 % interval", "State")
    lines = title.lines[:SHOWN]
    names = tuple((each.name, f"place {each.place}" if each.place else "") for each in lines)
    rows = Answers(columns, names, tuple(_cells(each, title, final=final) for each in lines))
    said: tuple[AnyBlock, ...] = (Text("In small: the share of the points so far, which needs no model."),)
    return Part(NAMES[title.name], (*(said if title.baseline and not final else ()), rows))


def _cells(each: Chance, title: Title, *, final: bool) -> tuple[str | Share, ...]:
    points = f"{each.points:g}"
    if final:
        return (points,)
    known = each.certain or each.out
    text = f"{100 * each.title:.0f} %" if known else f"{100 * each.title:.1f} % ± {100 * each.error:.1f}"
    beside = f"{100 * title.baseline[each.who]:.1f} %" if each.who in title.baseline else ""
    state = "champion" if each.certain else "out" if each.out else ""
    return Share(each.title, text, beside), points, f"{each.expected:.0f}", f"{each.low:.0f} to {each.high:.0f}", state


def _rounds(found: Titles) -> list[Part]:
    """Return the chances after each round that the record has, once there are two."""
    after = found.titles[0].after
    if len(after) < 2:
        return []
    made = found.facts["championship"]
    drawn = {NAMES[each.name]: _drawn(each) for each in found.titles}
    panels = tuple(
        (name, tuple((who, tuple(values)) for who, values in lines.items())) for name, lines in drawn.items()
    )
    picture = title_rounds(after, panels, f"Chances of the {made['season']} titles", made["rounds"])
    rows = [
        (name, who, *(f"{100 * value:.1f}" for value in values))
        for name, lines in drawn.items()
        for who, values in lines.items()
    ]
    columns = tuple(f"after {each}" for each in after)
    return [Part("Over the rounds", (Plotted(picture, Table(("title", "who", *columns), tuple(rows), columns)),))]


def _drawn(title: Title) -> dict[str, list[float]]:
    points = [{who: values[at] for who, values in title.over_rounds.items()} for at in range(len(title.after))]
    return lines_of(points)


def _origin(found: Titles) -> Part:
    made = found.facts["championship"]
    known = {
        "exported": ago(found.facts["written"]),
        "newest data": ago(found.facts["vintage"]) if found.facts["vintage"] else "unknown",
    }
    if made["model"]:
        known["answers"] = f"{made['model']} version {made['version']}, {made['estimator']}"
    links = Links((Link("as JSON", f"/api/v1/championship?season={made['season']}"), Link("the record", "/record")))
    again = Code(f"pitwall championship --season {made['season']}", "To draw it anew")
    return Part("Where this comes from", (Facts(tuple(known.items())), links, again), "Origin")
