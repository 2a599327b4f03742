"""Who sends a form: a page of ours, in the browser that asked for it. A cookie names the browser, each form carries what belongs to it.

The token is an HMAC of the cookie with a key of the project, so it outlives the server, and another site or another port of this machine
cannot know it. The message of an action travels in a cookie of its own to the page that is shown next.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

from pitwall.domain.project import Project

BROWSER, SAID, SESSION = "pitwall_browser", "pitwall_said", "pitwall_session"
TOKEN = "csrf"  # noqa: S105  (the name of a field)
KEY_BYTES, NAME_BYTES, LONGEST = 32, 16, 1000


class Sessions:
    """The browsers of a project.

    Args:
        project: in whose state folder the key lies; it is made when it is missing.
    """

    def __init__(self, project: Project) -> None:
        self._key = _key(project.state / "web" / "key")

    def browser(self, request: Request) -> str:
        """Return the name of the browser that asks; a new one where it has none."""
        name = request.cookies.get(BROWSER, "")
        return name if len(name) == 2 * NAME_BYTES else secrets.token_hex(NAME_BYTES)

    def token(self, browser: str, session: str = "") -> str:
        """Return what a form of this browser carries; within a session (its id) it holds in that one alone."""
        return hmac.new(self._key, f"{browser} {session}".rstrip().encode(), hashlib.sha256).hexdigest()

    def sent(self, request: Request, token: str, session: str = "") -> bool:
        """Whether a form comes from a page that was shown to this browser, in this session."""
        name = request.cookies.get(BROWSER, "")
        return bool(name) and hmac.compare_digest(self.token(name, session).encode(), token.encode())

    def remember(self, request: Request, response: Response, browser: str) -> None:
        """Let the browser keep its name; no script and no other site gets at it."""
        _keep(request, response, BROWSER, browser)

    def change(self, request: Request, response: Response, text: str) -> None:
        """Let a browser send a session's text from now on, or none; it gets another name as well, so that no form of before holds."""
        self.remember(request, response, secrets.token_hex(NAME_BYTES))
        if text:
            _keep(request, response, SESSION, text)
        else:
            response.delete_cookie(SESSION, path="/", httponly=True, samesite="strict")


def say(response: Response, text: str) -> None:
    """Let the next page say something."""
    if text:
        response.set_cookie(SAID, quote(text[:LONGEST]), path="/", httponly=True, samesite="strict", max_age=60)


def said(request: Request) -> str:
    """Return what is to be said now."""
    return unquote(request.cookies.get(SAID, ""))


def say_no_more(response: Response) -> None:
    """Forget what has been said."""
    response.delete_cookie(SAID, path="/", httponly=True, samesite="strict")


def _keep(request: Request, response: Response, name: str, value: str) -> None:
    behind_tls = request.url.scheme == "https"
    response.set_cookie(name, value, path="/", httponly=True, samesite="strict", secure=behind_tls)


def _key(path: Path) -> bytes:
    """Return the key of the project; who makes it first wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if len(key := path.read_bytes()) == KEY_BYTES:
            return key
        path.unlink()  # cut off while it was written
        return _key(path)
    with os.fdopen(number, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
    return path.read_bytes()
