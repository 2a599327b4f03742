"""Names that are scripts, forms of other sites, paths that lead out: tried in a browser on the pages of a project full of them; none works."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, urlsplit

import httpx
import pytest

from pitwall.testing.browser import WIDE, watch

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1500)]  # the first one waits for the project

HIT = "hit"  # what a script among the names would make the title
PLACES = ("/", "/models", "/experiments", "/data", "/record", "/championship", "/new", "/jobs", "/monitoring")
QUERIES = ("race", "template", "stage", "model", "as_of", "grid", "page", "said", "csv", "runs", "metric")
SCRIPTS = (
    "<script>document.title='hit'</script>",
    "\"><img src=x onerror=document.title='hit'>",
    "javascript:document.title='hit'",
)


@pytest.mark.parametrize("path", PLACES)
def test_names_of_drivers_teams_races_and_runs_are_text(chromium, origin, path):
    page = chromium.new_page(viewport=WIDE)
    seen = watch(page, origin)
    assert page.goto(origin + path).status == 200
    page.wait_for_load_state("networkidle")
    for summary in page.query_selector_all("summary"):
        summary.click()
    assert page.title() != HIT and not seen.wrongs()
    assert not page.query_selector_all("main img[src='x'], main script")
    page.close()


def test_a_hostile_name_is_there_to_be_seen(chromium, origin):
    page = chromium.new_page(viewport=WIDE)
    page.goto(f"{origin}/")
    assert "<img src=x onerror=" in page.inner_text("main")
    page.close()


@pytest.mark.parametrize("path", PLACES)
def test_what_stands_in_an_address_is_text(chromium, origin, path):
    page = chromium.new_page(viewport=WIDE)
    foreseen = ("Failed to load resource",)  # a 404 is told on the console too
    for script in SCRIPTS:
        seen = watch(page, origin, foreseen=foreseen)
        page.goto(f"{origin}{path}?" + "&".join(f"{name}={quote(script)}" for name in QUERIES if name != "csv"))
        assert page.title() != HIT and not seen.wrongs()
        assert not page.query_selector_all("a[href^='javascript:']")
    page.close()


@pytest.mark.parametrize(
    "part", ["models", "experiments", "lineage", "forecasts", "data", "features", "jobs", "static"]
)
@pytest.mark.parametrize(
    "way",
    [
        "../../params.yaml",
        "..%2f..%2fparams.yaml",
        "%2e%2e/%2e%2e/params.yaml",
        "..\\..\\params.yaml",
        "%00",
        "/etc/passwd",
    ],
)
def test_paths_lead_nowhere_but_to_pages(origin, part, way):
    host = urlsplit(origin)
    connection = http.client.HTTPConnection(host.hostname, host.port, timeout=30)  # sends the path as it is
    connection.request("GET", f"/{part}/{way}", headers={"Accept": "text/html"})
    answer = connection.getresponse()
    body = answer.read().decode()
    assert answer.status in {303, 400, 404, 405, 409, 422}, answer.status
    assert "seed: 7" not in body and "root:" not in body
    connection.close()


@pytest.fixture(scope="module")
def stranger(origin) -> Iterator[str]:
    """A page of another site of this machine, whose form posts to ours as soon as it is opened."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            target = self.path.removeprefix("/?to=")
            form = f"<form method=post action='{origin}{target}'><input name=name value=x><input name=csrf value={'0' * 64}></form>"
            self.wfile.write(f"{form}<script>document.forms[0].submit()</script>".encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def actions(origin):
    """Return the address of every action, with a value for each parameter that it takes for a name or a number."""
    from pitwall.serving.app import discover_routers, routes_of
    from pitwall.web import pages

    found = [
        route.path
        for router in discover_routers(pages, "ROUTER")
        for route in routes_of(router)
        if "POST" in route.methods
    ]
    assert found
    return ["/".join("1" if part.startswith("{") else part for part in path.split("/")) for path in found]


def test_a_form_of_another_site_does_nothing(chromium, origin, stranger):
    for target in actions(origin):
        page = chromium.new_page()
        page.goto(f"{origin}/")  # this browser has our cookie
        with page.expect_navigation(url=f"{origin}{target}") as sent:
            page.goto(f"{stranger}/?to={target}")
        assert sent.value.status == 403, target
        page.close()


def test_no_page_can_be_put_into_a_frame_or_read_by_another_site(chromium, origin, stranger):
    page = chromium.new_page()
    page.goto(f"{stranger}/?to=/nowhere", wait_until="commit")
    for name, value in {"x-frame-options": "DENY", "cross-origin-resource-policy": "same-origin"}.items():
        assert httpx.get(f"{origin}/", headers={"Accept": "text/html"}).headers[name] == value
    page.goto(f"{origin}/models")
    read = "async (address) => { try { await fetch(address); return 'read'; } catch { return 'refused'; } }"
    assert page.evaluate(read, f"{stranger}/") == "refused"
    page.close()
