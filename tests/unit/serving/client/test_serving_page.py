"""docs/serving.md line by line: each curl line gives its answer, each program what stands below it, and every table is the code's."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import httpx
import typer
import yaml

from pitwall.cli._app import app
from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.serving.routing import WORDS
from pitwall.workflows.serving.cars import MOST
from pitwall.workflows.serving.export import KEPT
from pitwall.workflows.serving.exporting.races import SEASONS
from pitwall.workflows.serving.live_models import LEAD, LOOK

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "serving.md").read_text(encoding="utf-8")
MORE = "…"  # something that is left out, or that is another text each time


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def commands():
    """Return each command line of the page with what stands below it."""
    shown = "\n".join(blocks("console"))
    return [
        (shlex.split(said[0]), said[1])
        for said in re.findall(r"^\$ (.*?)\n((?:\{.*?)?)(?=\$ |\Z)", shown, re.DOTALL | re.MULTILINE)
    ]


def same(shown, found):
    """Return whether an answer is what the page shows of it."""
    if isinstance(shown, dict) and isinstance(found, dict):
        own = set(shown) - {MORE}
        return (own == set(found) or (MORE in shown and own < set(found))) and all(
            same(shown[k], found[k]) for k in own
        )
    if isinstance(shown, list) and isinstance(found, list):
        cut = shown[-1:] == [MORE]
        shown = shown[: len(shown) - cut]
        return (len(shown) == len(found) or (cut and len(shown) <= len(found))) and all(map(same, shown, found))
    if isinstance(shown, str) and shown.endswith(MORE):
        return shown == MORE or str(found).startswith(shown[:-1])
    return type(shown) is type(found) and shown == found


def curl(words, transport):
    """Do what a curl line does."""
    method, url, headers, body, left = "GET", "", {}, None, words[1:]
    while left:
        match left.pop(0):
            case "-X":
                method = left.pop(0)
            case "-H":
                name, _, value = left.pop(0).partition(": ")
                headers[name] = value
            case "-d":
                body = left.pop(0)
            case word:
                assert word.startswith("http://127.0.0.1:8000/"), word
                url = word
    with httpx.Client(transport=transport) as client:
        return client.request(method, url, headers=headers, content=body)


def test_every_curl_line_of_the_page_gives_its_answer(served):
    asked = [(words, said) for words, said in commands() if words[0] == "curl"]
    for words, said in asked:
        response = curl(words, served.transport)
        assert same(json.loads(said), response.json()), (words[-1], response.text[:2000])
    answered = {re.sub(r"\?.*", "", word) for words, _ in asked for word in words if word.startswith("http")}
    assert len(asked) > 12 and len(answered) > 10


def test_what_is_left_out_on_the_page_is_all_that_may_differ():
    assert same({"a": 1, MORE: MORE}, {"a": 1, "b": 2}) and same(["x…", MORE], ["xyz", 1])
    for shown, found in (
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1, MORE: MORE}, {"b": 1}),
        ([1], [1, 2]),
        ("x…", "y"),
        (1, 1.5),
    ):
        assert not same(shown, found)


def test_every_program_of_the_page_says_what_the_page_says(served, monkeypatch, capsys):
    monkeypatch.setattr(
        httpx.HTTPTransport, "handle_request", lambda _, request: served.transport.handle_request(request)
    )
    monkeypatch.delenv("PITWALL_TOKEN", raising=False)
    monkeypatch.setenv("PITWALL_HOME", str(served.workspace.project.root))
    client, log = blocks("python")
    exec(client, {})
    assert capsys.readouterr().out == blocks("text")[0]
    exec(log, {})
    assert "race_winner 2024-06 order-pre_race 2 (3, " in capsys.readouterr().out


def test_every_pitwall_line_of_the_page_is_a_command_with_those_options():
    told = [words for words, _ in commands() if words[0] == "pitwall"]
    told += [line.split() for line in re.findall(r"`(pitwall [^`]+)`", PAGE)]
    for words in told:
        given, command = [*words[1:]], typer.main.get_command(app)
        given = given[: given.index("#")] if "#" in given else given
        while hasattr(command, "commands"):
            command = command.commands[given.pop(0)]
        known = {name for param in command.params for name in param.opts}
        assert {word for word in given if word.startswith("--")} <= known, words
    assert len(told) > 5


def test_the_tables_are_the_codes(served):
    statuses = dict(re.findall(r"^\| (\d{3}) \| (.*) \|$", PAGE, re.MULTILINE))
    assert statuses == {str(status): text for status, text in WORDS.items()}
    with httpx.Client(transport=served.transport) as client:
        text = client.get("http://127.0.0.1/metrics").text
    families = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    section = PAGE[PAGE.index("## Metrics") : PAGE.index("## Who may ask")]
    assert set(re.findall(r"`(\w+_\w+)`", section)) == families
    told = yaml.safe_load(blocks("yaml")[0])["serving"]
    assert told == json.loads(ServingSettings().model_dump_json()) and ServingSettings.model_validate(told)
    serving = served.workspace.project.serving / "order-pre_race"
    assert {"live", "history.json", "vectors", "2"} == {path.name for path in serving.iterdir()}


def test_the_numbers_of_the_text_are_the_codes():
    assert (LEAD, LOOK, KEPT, SEASONS, MOST) == (0.5, 0.1, 3, 6, 40)
    for words in (
        "half a second after it was named",
        "ten times a second",
        "the live version and two others",
        "the last six seasons",
        "40 cars at most",
    ):
        assert words in PAGE
