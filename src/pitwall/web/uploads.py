"""A file that is sent to us as it is: its bytes are the body, its name and the browser's token are headers, and it goes to disk as it comes.

    @upload(ROUTER, "/hub/bring", most=100 * MB, by=MEMBER)
    def bring(ask: Ask, sent: Path) -> Next: ...

Nothing of it is in memory, and nothing of it is parsed here. It is gone when the function has returned.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from fastapi import APIRouter, Request
from starlette.responses import Response

from pitwall.domain.access.permissions import ADMIN, Role
from pitwall.web.entry import Needs
from pitwall.web.paging import OPEN, Ask, acted, add_route, see_ours

LONGEST = "x-longest"
TOKEN, NAME = "x-pitwall-form", "x-pitwall-file"
MOST_NAME = 100


def upload(
    on: APIRouter, path: str, *, most: int, by: Role = ADMIN
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Do what a function does with a file that is posted to an address, and go where it says.

    Args:
        on: the router of the file.
        path: the address, without parameters.
        most: bytes of the longest file.
        by: the role that it takes, where people log in.
    """

    def add(handler: Callable[..., Any]) -> Callable[..., Any]:
        async def done(request: Request) -> Response:
            ask = Ask(request)
            see_ours(ask, request.headers.get(TOKEN, ""))
            folder = _folder(ask.project.state / "quarantine")
            try:
                file = await _written(request, folder / plain_name(request.headers.get(NAME, "")))
                return await acted(ask, lambda: handler(ask, sent=file))
            finally:
                shutil.rmtree(folder, ignore_errors=True)

        add_route(on, "POST", path, done, handler, {**OPEN.declared(), **Needs(by=by).declared(), LONGEST: most})
        return handler

    return add


def plain_name(sent: str) -> str:
    """Return the name of a file as one of letters, digits and `._-`, whatever was sent.

    Example:
        >>> plain_name("..%2F..%2Fetc%2Fpasswd"), plain_name("fast-1.pitwall.zip"), plain_name("")
        ('etc-passwd', 'fast-1.pitwall.zip', 'file')
    """
    return re.sub(r"[^A-Za-z0-9._-]+", "-", unquote(sent)).strip("-._")[-MOST_NAME:] or "file"


async def _written(request: Request, file: Path) -> Path:
    with file.open("wb") as stream:
        async for chunk in request.stream():
            stream.write(chunk)
    return file


def _folder(quarantine: Path) -> Path:
    quarantine.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="incoming-", dir=quarantine))
