"""A real Chromium on pages of ours: started, watched for what no page may do, and asked whether everybody can use the page.

Playwright drives it; the rules of accessibility are those of axe-core, from the npm registry (`make browser-rules`).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# Chromium as root in a container, and silent: it looks for nothing of its maker's
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
RULES = "node_modules/axe-core/axe.min.js"
WIDE, NARROW = {"width": 1500, "height": 1000}, {"width": 400, "height": 800}
# Runs in the page: what is out of sight is laid out, as it is for who scrolls there
LAID_OUT = "document.querySelectorAll('main > section').forEach((each) => (each.style.contentVisibility = 'visible'))"
# Likewise: what breaks a rule, and on which elements
FIND = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]});
  return found.violations.map((each) => `${each.id} (${each.impact}): ${each.help}: ` + each.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | "));
}"""


def program() -> str | None:
    """Return where Chromium lies; None where it is not installed."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


def missing(folder: Path) -> str:
    """Return what this machine lacks for browser tests, in words; empty if nothing.

    Args:
        folder: with `package.json` of the tests.

    Raises:
        AssertionError: something is missing in CI, which must have all of it.
    """
    lacks = []
    if program() is None:
        lacks.append("Chromium is not installed (Debian: chromium)")
    if not (folder / RULES).is_file():
        lacks.append("the rules of accessibility are not there (make browser-rules; needs npm)")
    assert not (lacks and os.environ.get("CI")), f"CI must have all that browser tests need: {'; '.join(lacks)}"
    return "; ".join(lacks)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a browser without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Seen:
    """What a page did that no page may: errors on its console, requests to other servers, dialogs that a script opened."""

    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def wrongs(self) -> list[str]:
        """Return all of it."""
        return [
            *self.errors,
            *(f"asked {each}" for each in self.strangers),
            *(f"dialog {each}" for each in self.dialogs),
        ]


def watch(page: Page, origin: str, *, foreseen: tuple[str, ...] = ()) -> Seen:
    """Note from now on what a page does that it may not.

    Args:
        page: of the browser.
        origin: of our server, as `http://127.0.0.1:8000`.
        foreseen: parts of console messages that a test means to cause.
    """
    seen = Seen()

    def told(kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not any(part in text for part in foreseen):
            seen.errors.append(text)

    def asked(address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in {"data", "blob"} and f"{parts.scheme}://{parts.netloc}" != origin:
            seen.strangers.append(address)

    def spoken_to(dialog: Dialog) -> None:
        seen.dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("console", lambda message: told(message.type, message.text))
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("request", lambda request: asked(request.url))
    page.on("dialog", spoken_to)
    return seen


def violations(page: Page, folder: Path) -> list[str]:
    """Return which rules of accessibility a page breaks, and where; what is out of sight is laid out first, as it is for who scrolls there.

    Args:
        page: of the browser, at the page.
        folder: with the rules.
    """
    page.evaluate(LAID_OUT)
    page.evaluate((folder / RULES).read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(FIND)
    return found


def overflow(page: Page) -> int:
    """Return by how many pixels a page is wider than its window; tables scroll in boxes of their own."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return max(wider, 0)
