"""Browsers of somebody in a test: what they send, and a login through the page as people do it."""

from __future__ import annotations

import re

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.testclient import TestClient

HERE = "http://localhost"
TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


def browser_of(app: Starlette, base: str = HERE) -> TestClient:
    """Return a browser that shows errors as pages and goes nowhere by itself.

    Args:
        app: the pages.
        base: by which name they are called.
    """
    made = TestClient(app, base_url=base, headers={"Accept": "text/html"}, raise_server_exceptions=False)
    made.follow_redirects = False
    return made


def token_of(html: str) -> str:
    """Return what the forms of a page carry.

    Raises:
        AssertionError: the page has no form.
    """
    found = TOKEN.search(html)
    assert found, html
    return found[1]


def log_in(browser: TestClient, name: str, password: str, following: str = "/account") -> Response:
    """Log in through the page, and return its answer.

    Args:
        browser: of who logs in.
        name: of the account.
        password: in clear.
        following: where to go next.
    """
    sent = {"csrf": token_of(browser.get("/login").text), "username": name, "password": password, "next": following}
    answer: Response = browser.post("/login", data=sent)  # type: ignore[assignment]
    return answer
