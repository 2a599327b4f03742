"""A race that is played in the browser: the script says what the server says, stands still when it is told to, and names are text."""

from __future__ import annotations

import re

import pytest

from pitwall.testing.browser import WIDE, watch

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1500)]  # the first one waits for the project

RACE = "/live/2023-12"
ROWS = "all => all.map((row) => [...row.cells].map((cell) => cell.textContent.trim()))"
ORDER, LAPS = "section:has(#running-order) tbody tr", "section:has(#laps) tbody tr"


def at(page, lap):
    """Wait until a lap is shown."""
    page.locator("[data-at]", has_text=re.compile(f"^{lap} of")).wait_for()


def cells(page, rows):
    return page.eval_on_selector_all(rows, ROWS)


@pytest.mark.parametrize("lap", [2, 7])
def test_the_script_says_of_a_lap_what_the_server_says(chromium, origin, lap):
    plain = chromium.new_context(java_script_enabled=False).new_page()
    plain.goto(f"{origin}{RACE}?lap={lap}")
    page = chromium.new_page(viewport=WIDE)
    seen = watch(page, origin)
    page.goto(f"{origin}{RACE}?lap={lap}")
    at(page, lap)
    page.click("summary:has-text('as a table')")
    page.wait_for_selector("[data-ribbons] polygon >> nth=1", state="attached")
    assert len(cells(page, ORDER)) == 6 and cells(page, ORDER) == cells(plain, ORDER)
    assert cells(page, LAPS) == cells(plain, LAPS)
    assert page.inner_text("[data-now]") == plain.inner_text("[data-now]")
    assert plain.is_visible("[data-hand]") and not plain.is_visible("[data-player]")
    assert page.title() != "hit" and not seen.wrongs() and not page.query_selector_all("main img[src='x']")
    page.close()
    plain.context.close()


def test_it_plays_stands_still_and_goes_where_it_is_told(chromium, origin):
    page = chromium.new_page(viewport=WIDE)
    page.goto(f"{origin}{RACE}?lap=0")
    at(page, 0)
    page.select_option("[data-pace]", "1")
    page.click("[data-play]")
    at(page, r"[1-9]\d*")
    page.click("[data-play]")
    assert page.inner_text("[data-play]") == "Play"
    page.evaluate("document.querySelector('[data-seek]').value = 5")
    page.dispatch_event("[data-seek]", "input")
    at(page, 5)
    page.click("[data-step='-1']")
    at(page, 4)
    page.click("[data-newest]")
    page.locator("[data-at]", has_text=re.compile(r"^(\d+) of \1$")).wait_for()
    page.close()
