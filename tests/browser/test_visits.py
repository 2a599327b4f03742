"""Going from page to page without a new document: what is shown, where one is, and where one comes from are as if there were one."""

from __future__ import annotations

import pytest

from pitwall.testing.browser import WIDE, watch

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(1500)]  # the first one waits for the project

MARK, MARKED = "window.sameDocument = true", "window.sameDocument === true"
HEADING = "main h1"


@pytest.fixture
def page(chromium, origin, request):
    opened = chromium.new_page(viewport=WIDE)
    seen = watch(opened, origin, foreseen=getattr(request, "param", ()))
    opened.goto(f"{origin}/")
    opened.evaluate(MARK)
    yield opened
    assert not seen.wrongs()
    opened.close()


def go(page, name):
    page.get_by_role("navigation", name="Pages").get_by_role("link", name=name, exact=True).click()
    page.wait_for_function("name => document.querySelector('main h1').textContent === name", arg=name)


def test_a_link_shows_the_page_where_the_old_one_was_and_back_leads_back(page, origin):
    first = page.inner_text(HEADING)
    go(page, "Models")
    assert page.evaluate(MARKED) and page.url == f"{origin}/models" and page.title() == "Models · Pitwall"
    assert page.inner_text("header [aria-current=page]") == "Models"
    assert page.evaluate("document.activeElement.id") == "main" and page.evaluate("scrollY") == 0
    page.go_back()
    page.wait_for_function("name => document.querySelector('main h1').textContent === name", arg=first)
    assert (
        page.evaluate(MARKED)
        and page.url == f"{origin}/"
        and page.inner_text("header [aria-current=page]") == "Next race"
    )
    page.go_forward()
    page.wait_for_function("() => document.querySelector('main h1').textContent === 'Models'")


def test_a_choice_is_answered_in_place_and_keeps_the_focus(page):
    choice = page.get_by_label("Known until")
    others = [each.get_attribute("value") for each in choice.locator("option").all()]
    other = next(each for each in others if each != choice.input_value())
    choice.focus()
    choice.select_option(other)
    page.wait_for_url(f"**stage={other}**")
    assert page.evaluate(MARKED) and page.evaluate("document.activeElement.name") == "stage"
    assert page.get_by_label("Known until").input_value() == other
    page.wait_for_selector(
        "[data-later][data-there]", state="attached"
    )  # the reasons of the new answer are fetched, too


def test_a_page_with_a_script_of_its_own_and_a_file_are_left_to_the_browser(page, origin):
    go(page, "Live")
    assert page.evaluate(MARKED)
    page.locator("main a[href='/live/2023-12']").first.click()
    page.wait_for_selector("div[data-live]")
    assert not page.evaluate(MARKED)
    page.goto(f"{origin}/models")
    page.evaluate(MARK)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").first.click()
    assert download.value.suggested_filename.endswith(".csv") and page.evaluate(MARKED)


@pytest.mark.parametrize("page", [("404",)], indirect=True, ids=["404"])
def test_what_went_wrong_is_shown_as_it_is_without_the_script(page, origin):
    page.evaluate(
        "() => { const link = document.createElement('a'); link.href = '/models/nobody'; link.textContent = 'gone'; document.getElementById('main').append(link); }"
    )
    page.get_by_role("link", name="gone", exact=True).click()
    page.wait_for_selector(".problem")
    assert page.url == f"{origin}/models/nobody" and page.evaluate(MARKED)


def test_a_part_that_is_fetched_again_is_left_alone_once_one_has_gone_elsewhere(page):
    asked = []

    def with_part(route):
        asked.append(route.request.url)
        answer = route.fetch()
        body = answer.text().replace("</main>", '<p id="again" data-again="0.1">now</p></main>')
        route.fulfill(response=answer, body=body)

    page.route("**/models", with_part)
    go(page, "Models")
    page.wait_for_timeout(1000)
    assert len(asked) > 2  # the page, and the part again and again
    go(page, "Jobs")
    page.wait_for_timeout(300)
    before = len(asked)
    page.wait_for_timeout(700)
    assert len(asked) == before and page.inner_text(HEADING) == "Jobs"
