"""A version is shared from its page: what will be in the bundle is said before, a key is made with consent, and what others may not share is not."""

import re
import shutil

import pytest

from pitwall.domain.access.permissions import Owner
from pitwall.testing.trained import NAME
from pitwall.web.paging import Ask
from pitwall.workflows.hub import receiving
from pitwall.workflows.hub.opening.refusal import BundleRefused
from pitwall.workflows.hub.shelf import taken
from pitwall.workflows.hub.trust import held_key

HERE = {"Origin": "http://localhost"}
PAGE = f"/models/{NAME}/1/share"


@pytest.fixture
def clean(world, monkeypatch):
    monkeypatch.setattr(receiving, "see_loadable", lambda *_: None)  # a process of its own, with tests of its own
    yield world
    for name in ("hub", "keys", "quarantine"):
        shutil.rmtree(world.project.state / name, ignore_errors=True)


def send(browser, **fields):
    token = re.search(r'name="csrf" value="([0-9a-f]{64})"', browser.get("/models/" + NAME).text)[1]
    return browser.post(PAGE, data={**fields, "csrf": token}, headers=HERE)


def test_a_version_is_shared_with_a_key_that_is_made_with_consent(browser, plain, clean):
    assert f'href="{PAGE}"' in browser.get(f"/models/{NAME}/1").text
    assert f'href="{PAGE}"' in browser.get(f"/experiments/{clean.run}").text
    assert "You have no key yet" in plain(PAGE)
    files = plain(f"{PAGE}/files")
    assert "model/recipe.json" in files and "manifest/params.yaml" in files and "sample.json" in files
    refused = send(browser, name="fast")
    assert refused.status_code == 409 and "no key to sign with" in refused.text
    assert not held_key(clean.project, "local") and not taken(clean.project)
    for name in ("", "Fast", "../x", "<b>"):
        assert "is no name of a shared model" in send(browser, name=name, key="yes").text
    answer = send(browser, name="fast", key="yes")
    assert answer.url.path == "/hub/fast" and "It is shared, signed by" in answer.text
    text = plain("/hub/fast")
    assert "the key is that of local" in text and "race_winner" in text and "Can it be trusted?" in text
    assert "race" in text.partition("What it says of a few rows")[2][:400]
    assert send(browser, name="fast").url.params["bundle"] == answer.url.params["bundle"]
    assert len(taken(clean.project)) == 1 and held_key(clean.project, "local") in plain(PAGE)


def test_another_ones_version_is_not_shared_and_what_no_bundle_may_hold_is_told_before(
    browser, plain, clean, monkeypatch
):
    def refuse(_):
        raise BundleRefused("code", "model/recipe.json needs plug-ins")

    monkeypatch.setattr("pitwall.web.pages.share.publishing.see_fit", refuse)
    assert "It cannot be shared" in plain(f"{PAGE}/files")
    monkeypatch.setattr(Ask, "owner", Owner("ben"))
    assert "Only its owner and an admin" in plain(PAGE) and 'name="name"' not in browser.get(PAGE).text
    assert send(browser, name="fast", key="yes").status_code == 403
    assert not held_key(clean.project, "ben") and not taken(clean.project)
