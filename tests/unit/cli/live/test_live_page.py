"""docs/live.md names what is there: options, keys, parameters and events, no more and no fewer."""

from __future__ import annotations

import re
from pathlib import Path

import typer
from fastapi import FastAPI

from pitwall.cli._app import app
from pitwall.cli.machinery.live.keys import parsed
from pitwall.serving.routes import live
from pitwall.serving.streams import events, follow, read
from pitwall.serving.streams.events import Event

PAGE = Path("docs/live.md").read_text(encoding="utf-8")


def section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]


def firsts(text):
    """The first cells of tables."""
    return re.findall(r"^\| ([^|]+?) \|", text, re.MULTILINE)


def test_the_options_are_those_of_the_command():
    command = typer.main.get_command(app).commands["live"]
    known = {name for param in command.params for name in param.opts} - {"--help", "--source", "--race"}
    told = {cell.strip("`").split()[0] for cell in firsts(section("In the terminal")) if cell.startswith("`--")}
    assert told == known
    assert set(re.findall(r"^\$ pitwall live (\w+)", PAGE, re.MULTILINE)) == set(command.commands)


def test_the_parameters_and_events_are_those_of_the_route():
    served = FastAPI()
    served.include_router(live.ROUTER)
    asked = {each["name"] for each in served.openapi()["paths"][read.PATH]["get"]["parameters"]}
    told = firsts(section("Over HTTP"))
    assert {re.sub(r".*`(.+)`", r"\1", cell).lower() for cell in told[1 : 1 + len(asked) + 1] if "`" in cell} == asked
    names = {events.ANSWER, events.END, events.SILENCE, events.SKIPPED, events.STREAM}
    assert {cell.strip("`") for cell in told[-len(names) :]} == names
    for number in (follow.MOST, int(follow.SILENT_S), int(follow.SLOW_S), int(follow.HEARTBEAT_S)):
        assert re.search(rf"\b{number}\b", section("Over HTTP")), number


def test_an_event_is_read_as_it_was_written():
    told = [Event("answer", {"text": "a\nb: c"}, "x-1"), Event("end", {"why": "finished"})]
    content = b"".join([told[0].text(), events.comment("still here"), told[1].text()]).decode()
    assert list(events.events(content.split("\n"))) == told
    assert list(events.events(content.split("\n")[:-4])) == told[:1], "what was cut off is none"


def test_keys_of_both_kinds_of_terminals_are_read():
    assert list(parsed(b"\x1b[C\x1bOD \x1bq")) == ["right", "left", " ", "escape", "q"]
