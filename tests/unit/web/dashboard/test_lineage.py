"""Lineage: the graph that the command shows, as a picture to walk along and as tables."""

import re

import pytest

from pitwall.testing.trained import NAME
from pitwall.tracking.lineage import Graph
from pitwall.tracking.lineage.graph import Node
from pitwall.workflows.browse.origins import places

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def graph(monkeypatch):
    """A graph with a run, its version, and a commit with a hostile label."""
    made = Graph()
    commit = made.add(Node("commit", "abc1234", EVIL))
    run = made.add(Node("run", "run0000", "run run0000"))
    version = made.add(Node("version", f"{NAME}/1", f"{NAME} version 1"))
    forecast = made.add(Node("forecast", "2024-01", "forecast of 2024-01"))
    for used, how, there in ((commit, "code of", run), (run, "registered", version), (version, "answered", forecast)):
        made.link(used, there, how)
    monkeypatch.setattr("pitwall.web.pages.lineage.lineage", lambda _: made)
    return made


def test_the_graph_and_its_tables_show_both_directions_as_text(browser, plain, graph):
    html, text = browser.get("/lineage/run:run0000").text, plain("/lineage/run:run0000")
    assert EVIL not in html and "&lt;img src=x" in html
    came, became = text.partition("What came of it")[::2]
    assert "code of" in came and "registered" in became and "answered" in became
    assert html.count("<rect") == 4 and html.count('class="arrow"') == 3 and html.count('class="marked"') == 1
    assert 'href="/experiments/run0000"' in html and f'href="/models/{NAME}/1"' in html
    assert browser.get("/lineage/run:run0000?csv=1").text.splitlines()[1].endswith(",commit,")


def test_things_stand_below_what_they_came_from(graph):
    place = places(graph)
    assert all(place[edge.used][0] < place[edge.made][0] for edge in graph.edges)
    wide = [graph.add(Node("forecast", str(number), str(number))) for number in range(4)]
    for name in wide:
        graph.link(f"version:{NAME}/1", name, "answered")
    place = places(graph)
    assert len({place[name] for name in wide}) == 4 and place["run:run0000"][1] == 2.0  # in the middle of five


def test_references_and_slashes_are_understood_and_what_is_unknown_is_not_found(browser, graph):
    for thing in (f"{NAME}@champion", f"version:{NAME}/1", f"version%3A{NAME}%2F1"):
        assert f"Lineage of {NAME} version 1" in browser.get(f"/lineage/{thing}").text
    for thing in ("nothing-like-it", "..%2f..%2fetc%2fpasswd", "../../etc/passwd"):
        assert browser.get(f"/lineage/{thing}").status_code == 404


def test_the_form_leads_to_the_thing(browser, plain, graph):
    answer = browser.get("/lineage", params={"thing": f" version:{NAME}/1 "}, follow_redirects=False)
    assert answer.status_code == 303 and re.search(r"/lineage/version%3A.*%2F1$", answer.headers["location"])
    assert f"champion of {NAME}" in re.sub(" is ", " ", plain("/lineage")) or NAME in plain("/lineage")


def test_a_large_graph_is_cut_in_the_picture_and_not_in_the_tables(browser, graph):
    for number in range(100):
        graph.link(f"version:{NAME}/1", graph.add(Node("forecast", f"f{number}", f"forecast {number}")), "answered")
    html = browser.get(f"/lineage/version:{NAME}/1").text
    assert html.count("<rect") == 80 and "The 80 nearest of 104 things" in html
