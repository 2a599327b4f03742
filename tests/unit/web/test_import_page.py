"""The page on which a notebook is imported: from the card to the wizard's next step, refusals told, and nothing where there are no walls."""

import re
from html import unescape

import pytest

from pitwall.web.pages import import_notebook as page

FROM_HERE = {"Origin": "http://localhost"}
MODEL = '# %% tags=["pitwall:model"]\norder = {"question": "dnf", "groups": ["driver_form"], "name": "<b>"}\n'


def sent(browser, text):
    """Send a notebook from the page, and return what is shown then."""
    shown = browser.get("/new/import")
    token = re.search(r'name="csrf" value="([^"]+)"', shown.text)[1]
    return browser.post("/new/import/look", data={"notebook": text, "csrf": token}, headers=FROM_HERE)


@pytest.mark.usefixtures("walls")
def test_a_notebook_goes_on_as_an_order_in_the_wizard(browser):
    shown = sent(browser, '# %%\nprint("left")\n' + MODEL.replace("<b>", "my_dnf"))
    assert re.fullmatch(r"/new/import/[0-9a-f]{32}", shown.url.path)
    assert "without a tag" in shown.text and "It declares a model of dnf" in shown.text
    onward = unescape(re.search(r'href="(/new/data\?[^"]+)"', shown.text)[1])
    assert "name=my_dnf" in onward and "groups=driver_form" in onward
    assert "cars of 15 races" in browser.get(onward).text
    assert browser.get(shown.url.path).text.count("It declares") == 1  # it can be loaded again


@pytest.mark.usefixtures("walls")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('# %% tags=["pitwall:model"]\nimport socket\nsocket.socket()\n', "the network"),
        (MODEL, "Nothing is taken"),
        (
            '# %% tags=["pitwall:model"]\nprint("<script>alert(1)</script>")\nraise ValueError("<script>alert(2)</script>")\n',
            "ValueError",
        ),
    ],
)
def test_what_is_refused_is_told_as_text_and_leads_nowhere(browser, text, why):
    shown = sent(browser, text)
    assert "Nothing is taken" in shown.text and why in shown.text
    assert "/new/data?" not in shown.text
    assert "<script>alert" not in shown.text


@pytest.mark.usefixtures("walls")
def test_what_is_no_notebook_and_what_is_not_kept_are_told(browser):
    assert sent(browser, "print(1)").status_code == 409
    assert browser.get(f"/new/import/{'0' * 32}").status_code == 404
    assert browser.get("/new/import/..%2f..%2fparams").status_code == 404
    assert browser.post("/new/import/look", data={"notebook": MODEL}, headers=FROM_HERE).status_code == 403


def test_where_there_are_no_walls_the_page_and_the_card_say_so_before_anybody_tries(browser, monkeypatch):
    monkeypatch.setattr(page, "why_not", lambda: "this machine builds no walls")
    monkeypatch.setattr("pitwall.web.pages.new_model.why_not", lambda: "this machine builds no walls")
    assert "builds no walls" in browser.get("/new/import").text
    assert "/new/import/look" not in browser.get("/new/import").text
    cards = browser.get("/new").text
    assert "builds no walls" in cards and 'href="/new/import"' not in cards
