"""Texts of a stranger: cards, lists of packages, trees as text. They are shown as text; what pretends to be another text is refused."""

from __future__ import annotations

import html
import re
import unicodedata

from pitwall.workflows.hub.opening.refusal import BundleRefused

MOST_CARD = 1_000_000
KEPT = "\n\t\r"
HIDDEN = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")  # controls, direction marks, private characters, other line ends
MARKUP = re.compile(r"<[a-z/!?]|!\[", re.IGNORECASE)
RUNS = re.compile(r"(java|vb)script:|data:[a-z]+/|\bon[a-z]{3,}=", re.IGNORECASE)


def see_text(name: str, content: bytes) -> None:
    """Look at a text.

    Raises:
        BundleRefused: it is not UTF-8, or has characters that nobody sees.
    """
    decoded(name, content)


def decoded(name: str, content: bytes) -> str:
    """Return a text, after a look at it; raises as `see_text`."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BundleRefused("text", f"{name} is not UTF-8 at byte {error.start}") from None
    odd = next((each for each in text if each not in KEPT and unicodedata.category(each) in HIDDEN), None)
    if odd is not None:
        raise BundleRefused("text", f"{name} has the character U+{ord(odd):04X}")
    return text


def see_card(name: str, content: bytes) -> None:
    """Look at a card: words, lists and tables in Markdown, no markup, pictures or links that run something.

    Raises:
        BundleRefused: it is more than that, also where it is spelt so that only a browser reads it.
    """
    text = decoded(name, content)
    if len(content) > MOST_CARD:
        raise BundleRefused("card", f"{len(content):,} bytes; at most {MOST_CARD:,}")
    plain = html.unescape(html.unescape(text))
    if found := MARKUP.search(text) or MARKUP.search(plain):
        raise BundleRefused("card", f"{name}: {found.string[found.start() :][:40]}")
    if found := RUNS.search(re.sub(r"\s*([:=])", r"\1", re.sub(r"[\t\r\n]", "", plain))):
        raise BundleRefused("card", f"{name}: {found.group()}")
