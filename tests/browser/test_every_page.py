"""Every page that a link leads to, in Chromium: it is well, readable, usable by everybody, and asks nobody else for anything."""

from __future__ import annotations

import re
from collections import Counter, deque
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest

from pitwall.serving.app import discover_routers, routes_of
from pitwall.testing.browser import NARROW, WIDE, overflow, violations, watch
from pitwall.web import pages
from pitwall.web.app import FRAME

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1500)]  # the first one waits for the project

ADDRESSES = 2  # of a page with parameters: one may be special
# Pages to which no link leads in a project as the one of these tests, and why
UNREACHED = {
    "/experiments/{run}/download": "a file, which no page shows",
    "/record/duel/template": "a file, which no page shows",
    "/jobs/{number}": "nothing was started here; benchmarks/way.py and test_shared_models.py go there",
    "/login": "nobody logs in here; test_login.py goes there",
    "/new/import/{number}": "nothing was imported here; test_import_page.py goes there",
}
# Pages that a form leads to, or a link that only some projects have
BEGUN_WITH = ("/", "/account", "/record/verify", "/data/quarantine", "/data/differences")


def patterns():
    """Return the path of every page with what it matches; a page with parameters matches many addresses."""
    found = {}
    for router in discover_routers(pages, "ROUTER"):
        for route in routes_of(router):
            if "GET" in route.methods and route.path not in UNREACHED:
                found[route.path] = re.compile(
                    "^" + re.sub(r"\{[^}:]+\}", "[^/]+", re.sub(r"\{[^}]+:path\}", ".+", route.path)) + "$"
                )
    assert FRAME.routes and found
    return found


def pattern_of(path, known):
    exact = [each for each in known if each == path]
    return (exact or [each for each, shape in known.items() if shape.match(path)] or [""])[0]


def links_of(page, origin):
    """Return the addresses of ours that a page leads to, but for files and the API."""
    found = page.eval_on_selector_all("a[href]:not([download])", "all => all.map((each) => each.href)")
    later = page.eval_on_selector_all("[data-later]", "all => all.map((each) => each.dataset.later)")
    whole = (urldefrag(urljoin(page.url, each))[0] for each in [*found, *later])
    return [each for each in whole if each.startswith(f"{origin}/") and "csv=" not in each and "/api/" not in each]


def breaks(page, rules):
    """Return what is wrong with a page in both sizes, light and dark."""
    found = violations(page, rules)
    page.set_viewport_size(NARROW)
    found += [f"narrow: {each}" for each in violations(page, rules)]
    found += [f"{wider} pixels wider than a window of 400"] if (wider := overflow(page)) else []
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {each}" for each in violations(page, rules) if "color-contrast" in each]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    return found


def test_every_page_is_well_in_both_sizes_and_usable_by_everybody(chromium, origin, rules):
    known, wrongs = patterns(), []
    queue, met = (
        deque(origin + path for path in BEGUN_WITH),
        Counter(BEGUN_WITH),
    )  # met: how many addresses of a page are known
    page, looked_at = chromium.new_page(viewport=WIDE), set()
    seen = watch(page, origin)
    while queue:
        address = queue.popleft()
        answer, pattern = page.goto(address), pattern_of(urlsplit(address).path, known)
        if answer.status != 200:
            wrongs.append(f"{address}: status {answer.status}")
            continue
        page.wait_for_load_state("networkidle")
        for link in links_of(page, origin):
            shape = pattern_of(urlsplit(link).path, known)
            wrongs += [] if shape else [f"{address} leads to {link}, which is no page"]
            if met[shape] < ADDRESSES:
                met[shape] += 1
                queue.append(link)
        if pattern not in looked_at:
            wrongs += [f"{pattern}: {each}" for each in breaks(page, rules)]
        looked_at.add(pattern)
        wrongs += [f"{pattern}: {each}" for each in seen.wrongs()]
        seen.errors.clear(), seen.strangers.clear(), seen.dialogs.clear()
        assert page.title().endswith("· Pitwall"), f"{address}: a script of somebody else ran"
    page.close()
    assert not wrongs, "\n".join(wrongs)
    assert looked_at >= set(known), f"no link leads to {sorted(set(known) - looked_at)}"


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ('<img src="/static/icon.svg">', "image-alt"),
        ('<p style="color:#ccc;background:#fff">too pale to read</p>', "color-contrast"),
        ('<input type="text">', "label"),
    ],
)
def test_what_breaks_a_rule_is_found(chromium, origin, rules, planted, found):
    page = chromium.new_page(viewport=WIDE)
    page.goto(f"{origin}/models")
    assert not [each for each in violations(page, rules) if each.startswith(found)]
    page.evaluate("(html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)", planted)
    assert [each for each in violations(page, rules) if each.startswith(found)]
    page.close()


def test_what_a_page_may_not_do_is_seen(chromium, origin):
    page = chromium.new_page(viewport=NARROW)
    seen = watch(page, origin)
    page.goto(f"{origin}/models")
    assert not seen.wrongs() and not overflow(page)
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<div style=\"width:900px\">wide</div>')"
    )
    assert overflow(page) > 0
    page.evaluate("const image = new Image(); image.src = 'http://127.0.0.1:9/x.png'; setTimeout(() => alert('hello'))")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=document.title=1>')")
    page.wait_for_timeout(500)
    assert seen.dialogs == ["hello"] and [each for each in seen.errors if "Content Security Policy" in each]
    page.close()
