"""What all pages share: the frame, tables as CSV, forms that only our own pages can send, and problems told as pages."""

import csv
import io
import re
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from pitwall.domain.access.serving_settings import ServingSettings
from pitwall.domain.errors import UsageError
from pitwall.report.content.blocks import Fold, Table
from pitwall.web.app import create_pages, menu_of
from pitwall.web.blocks import Field, Link, LinkTable, Part
from pitwall.web.blocks import Form as FormBlock
from pitwall.web.paging import Ask, Form, Next, View, action, page, pages
from pitwall.web.session import Sessions

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def app(served):
    router, done = pages(), []

    @page(router, "/tried")
    def tried(ask: Ask, number: int = 1) -> View:
        """Try."""
        table = Table(("a", "b"), ((HOSTILE, "-1.5"), ("=1+1", "2")), ("b",))
        links = LinkTable(("c",), ((Link(HOSTILE, "/tried"),),))
        form = FormBlock("/tried/it", (Field("name", "Name", value=HOSTILE),), "Do it")
        return View(f"Tried {number}", "", (Part("One", (table, Fold("more", (links,)), form)),))

    @action(router, "/tried/{what}")
    def do(ask: Ask, what: str, form: Form) -> Next:
        """Do."""
        if form["name"] == "wrong":
            raise UsageError(f"no such name {HOSTILE}; take another one.")
        done.append((what, form["name"]))
        return ask.to("/tried", said=f"done with {form['name']}", number="2")

    made = create_pages(served.workspace, ServingSettings())
    made.include_router(router)
    made.state.done = done
    return made


class Attributes(HTMLParser):
    """Collects the names of all attributes of a page."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, attrs):
        self.found |= {name for name, _ in attrs}


def attributes(html):
    reader = Attributes()
    reader.feed(html)
    assert "href" in reader.found
    return reader.found


def token_of(html):
    return re.search(r'name="csrf" value="([0-9a-f]{64})"', html)[1]


def test_a_page_has_the_frame_and_escapes_what_it_is_given(browser):
    answer = browser.get("/tried")
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>Tried 1</h1>" in answer.text and 'href="/models"' in answer.text
    assert "<img src=x" not in answer.text and "&lt;img src=x onerror" in answer.text
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy and "unsafe-inline" not in policy.replace(
        "style-src-attr 'unsafe-inline'", ""
    )
    assert not re.search(r"<script(?! (type=\"module\" )?src=\"/static/)", answer.text)
    assert not [name for name in attributes(answer.text) if name.startswith("on")]


def test_every_table_of_a_page_is_had_as_csv_without_formulas(browser):
    text = browser.get("/tried", params={"csv": "1"}).text
    assert list(csv.reader(io.StringIO(text))) == [["a", "b"], [HOSTILE, "-1.5"], ["'=1+1", "2"]]
    assert browser.get("/tried?csv=2").text == f"c\n{HOSTILE}\n"
    assert browser.get("/tried?csv=3").status_code == 404
    assert 'href="/tried?number=4&amp;csv=2"' in browser.get("/tried?number=4").text


def test_a_form_does_what_it_says_and_its_message_is_shown_once(browser, app):
    html = browser.get("/tried").text
    answer = browser.post("/tried/it", data={"csrf": token_of(html), "name": HOSTILE}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/tried?number=2")
    assert app.state.done[-1] == ("it", HOSTILE)
    shown = browser.get("/tried?number=2").text
    assert "done with &lt;img" in shown and 'role="status"' in shown
    assert "done with" not in browser.get("/tried").text


@pytest.mark.parametrize("planted", ["none", "wrong", "another browser's"])
def test_a_form_that_no_page_of_ours_has_shown_is_refused(browser, app, served, planted):
    browser.get("/tried")
    token = {"none": "", "wrong": "0" * 64, "another browser's": Sessions(served.project).token("f" * 32)}[planted]
    before = list(app.state.done)
    answer = browser.post("/tried/it", data={"csrf": token, "name": "x"}, follow_redirects=False)
    assert answer.status_code == 403 and "not a form of ours" in answer.text
    assert app.state.done == before


def test_a_form_without_a_browser_and_one_from_another_site_are_refused(app):
    with TestClient(app, base_url="http://localhost") as stranger:
        assert stranger.post("/tried/it", data={"name": "x"}).status_code == 403
        headers = {"Origin": "https://pit.example"}
        assert stranger.post("/tried/it", data={"name": "x"}, headers=headers).status_code == 403


def test_a_deliberate_error_is_told_as_a_page(browser):
    token = token_of(browser.get("/tried").text)
    answer = browser.post("/tried/it", data={"csrf": token, "name": "wrong"})
    assert answer.status_code == 409 and "no such name &lt;img" in answer.text
    assert browser.get("/nowhere").status_code == 404 and "<h1>" in browser.get("/nowhere").text
    assert browser.get("/tried?number=x").status_code == 422
    assert browser.get("/api/v1/nowhere").headers["content-type"] == "application/problem+json"


def test_pages_are_for_this_machine(app, served):
    open_to_all = create_pages(served.workspace, ServingSettings(hosts=("pit.example",)))
    with TestClient(open_to_all, base_url="http://pit.example", headers={"Accept": "text/html"}) as far:
        assert far.get("/forecasts").status_code == 403
    with TestClient(open_to_all, base_url="http://127.0.0.1", headers={"Accept": "text/html"}) as near:
        assert near.get("/forecasts").status_code == 200


def test_files_that_pages_share_and_no_others(browser):
    at = re.search(r"/static/[0-9a-f]{12}", browser.get("/tried").text).group()
    for name, kind in {"style.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}.items():
        answer = browser.get(f"{at}/{name}")
        assert answer.headers["content-type"].startswith(kind) and "immutable" in answer.headers["cache-control"]
    assert (
        browser.get("/static/000000000000/page.js").status_code == 404
    )  # of another version: it would be kept for long
    for path in (f"{at[8:]}/..%2fapp.py", "page.css/..", "..%2fapp.py", "%2e%2e/app.py", "../app.py"):
        assert browser.get(f"/static/{path}").status_code == 404


def test_the_navigation_is_in_order_and_says_where_we_are(browser, app):
    orders = [each["order"] for each in menu_of(app)]
    assert orders == sorted(orders) and len(orders) > 0
    assert '<a href="/" aria-current="page">' in browser.get("/").text


def test_a_route_that_does_not_say_who_may_ask_is_refused():
    with pytest.raises(TypeError, match="does not say who may ask"):
        pages().add_api_route("/open", lambda: None, methods=["GET"])
