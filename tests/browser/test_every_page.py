"""Every page that a link leads to, in Chromium: it is well, readable, usable by everybody, and asks nobody else for anything."""

from __future__ import annotations

import re
from collections import deque
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest

from pitwall.serving.app import routes_of
from pitwall.testing.browser import NARROW, WIDE, overflow, violations, watch
from pitwall.web.app import FRAME, discover_routers

pytestmark = [pytest.mark.slow, pytest.mark.browser]

MOST = 120
# Pages to which no link leads in a project as the one of these tests, and why
UNREACHED = {
    "/experiments/{run}/download": "a file, which no page shows",
    "/record/duel/template": "a file, which no page shows",
}


def patterns():
    """Return the path of every page with what it matches; a page with parameters matches many addresses."""
    found = {}
    for router in discover_routers("ROUTER"):
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


def test_every_page_is_well_in_both_sizes_and_usable_by_everybody(chromium, origin, rules):
    known, wrongs, seen_patterns = patterns(), [], set()
    queue, queued = deque([f"{origin}/"]), {f"{origin}/"}
    page = chromium.new_page(viewport=WIDE)
    seen = watch(page, origin)
    while queue and len(queued) < MOST:
        address = queue.popleft()
        pattern = pattern_of(urlsplit(address).path, known)
        again = pattern in seen_patterns
        if again and not urlsplit(address).query:
            continue
        answer = page.goto(address)
        assert answer is not None
        if answer.status != 200:
            wrongs.append(f"{address}: status {answer.status}")
            continue
        page.wait_for_load_state("networkidle")
        links = page.eval_on_selector_all("a[href]:not([download])", "all => all.map((each) => each.href)")
        for link in (urldefrag(urljoin(address, each))[0] for each in links):
            if link.startswith(origin + "/") and "csv=" not in link and "/api/" not in link and link not in queued:
                shape = pattern_of(urlsplit(link).path, known)
                assert shape or urlsplit(link).path.startswith("/static"), (
                    f"{address} leads to {link}, which is no page"
                )
                if shape not in seen_patterns:
                    queued.add(link)
                    queue.append(link)
        if not again:
            wrongs += [f"{pattern}: {each}" for each in violations(page, rules)]
            page.set_viewport_size(NARROW)
            wrongs += [f"{pattern}, narrow: {each}" for each in violations(page, rules)]
            if wider := overflow(page):
                wrongs.append(f"{pattern}: {wider} pixels wider than a window of 400")
            page.emulate_media(color_scheme="dark")
            wrongs += [f"{pattern}, dark: {each}" for each in violations(page, rules) if "color-contrast" in each]
            page.emulate_media(color_scheme="light")
            page.set_viewport_size(WIDE)
        seen_patterns.add(pattern)
        wrongs += [f"{pattern}: {each}" for each in seen.wrongs()]
        seen.errors.clear(), seen.strangers.clear(), seen.dialogs.clear()
        assert page.title().endswith("· Pitwall"), f"{address}: a script of somebody else ran"
    page.close()
    assert not wrongs, "\n".join(wrongs)
    assert seen_patterns >= set(known), f"no link leads to {sorted(set(known) - seen_patterns)}"


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
