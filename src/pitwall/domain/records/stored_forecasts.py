"""Stored forecasts as they were written: how they are named, and whether one was changed since.

A forecast is worth its date, so a file is named by what it says and by when: `<race>-<stage>-<what>-<all>.json`, the first hash over
the forecast, the second over its date too. Earlier versions wrote the first one only; of their files the date is not covered.
The page beside carries a hash of itself. Who can write the folder can also rename what they change: this finds edits, it does not prevent them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pitwall.domain.project import Project

DIGITS = 10  # letters of a hash in a name
NAME = re.compile(rf"(?P<about>.+?)-(?P<what>[0-9a-f]{{{DIGITS}}})(?:-(?P<all>[0-9a-f]{{{DIGITS}}}))?")
STRATEGY = "predicted_strategy"  # of a car: beside its answers; in the provenance: the model version that said it
CALLED = "called"  # detail of a row: the class that is called, where a question has a rule for that
KEYS = {"race": str, "stage": str, "model": str, "version": int, "made_at": str, "provenance": dict}
SEAL = "<!-- sha256 of this page above this line: {} -->\n"
SEALED = re.compile(r"(?P<page>.*)" + re.escape(SEAL).replace(r"\{\}", "(?P<hash>[0-9a-f]{64})"), re.DOTALL)


@dataclass(frozen=True)
class StoredForecast:
    """A file of a stored forecast.

    Attributes:
        path: where it is.
        content: what it says now; empty where it cannot be read as a forecast.
        edited: what was changed in it since it was written, in words; empty when nothing was.
        dated: whether its name covers its date.
        page: what was changed in the page beside it.
    """

    path: Path
    content: Mapping[str, Any]
    edited: str
    dated: bool
    page: str = ""

    @property
    def trouble(self) -> str:
        """Return what was changed, in the file or else in its page; empty when nothing was."""
        return self.edited or self.page

    @property
    def remark(self) -> str:
        """Return the file and its trouble in a sentence."""
        return f"{self.path.name} {self.trouble}"


def folder(project: Project) -> Path:
    """Return where forecasts are stored."""
    return project.reports / "forecasts"


def stored_forecasts(project: Project, race: str = "") -> list[StoredForecast]:
    """Return the stored forecasts, by name; with a race, those whose names or contents speak of it."""
    found = [examine(path) for path in sorted(folder(project).glob("*.json"))]
    return [each for each in found if each.path.name.startswith(race) or each.content.get("race") == race]


def first_of(project: Project, content: Mapping[str, Any]) -> Path | None:
    """Return the file in which the same forecast was stored before, as it was written; None if there is none."""
    named = map(examine, sorted(folder(project).glob(f"{about(content)}*.json")))
    return next((each.path for each in named if not each.edited), None)


def file_name(content: Mapping[str, Any]) -> str:
    """Return the name of a forecast's file; `content` has its date, `made_at`."""
    return f"{about(content)}-{_hash(content)}.json"


def about(content: Mapping[str, Any]) -> str:
    """Return what the names of one forecast begin with, whenever it is stored: race, stage and the hash of what it says."""
    undated = {key: value for key, value in content.items() if key != "made_at"}
    return f"{content['race']}-{content['stage']}-{_hash(undated)}"


def instant_of(content: Mapping[str, Any]) -> datetime:
    """Return when a forecast says that it was made; without a zone it is taken as UTC."""
    made_at = datetime.fromisoformat(content["made_at"])
    return made_at if made_at.tzinfo else made_at.replace(tzinfo=UTC)


def text_of(content: Mapping[str, Any]) -> str:
    """Return the one text of a forecast."""
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False)


def sealed_page(page: str) -> str:
    """Return a page with a last line that holds the hash of all before it."""
    return page + SEAL.format(sha256(page.encode()).hexdigest())


def examine(path: Path) -> StoredForecast:
    """Read a stored forecast and say what was changed since it was written; a damaged file is an answer too."""
    named = NAME.fullmatch(path.stem)
    dated = bool(named and named["all"])
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if lacking := _lacking(content):
            return StoredForecast(path, {}, f"is damaged: {lacking}", dated)
    except (ValueError, OSError) as error:
        return StoredForecast(path, {}, f"is damaged and cannot be read ({type(error).__name__}: {error})", dated)
    page = _page_trouble(path.with_suffix(".html"), dated)
    return StoredForecast(path, content, _edited(content, path.stem, dated), dated, page)


def _lacking(content: Any) -> str:
    """Say what a content lacks to be a forecast; empty if it lacks nothing."""
    if not isinstance(content, dict):
        return f"it holds a {type(content).__name__}, not a forecast"
    wrong = [name for name, kind in KEYS.items() if not isinstance(content.get(name), kind)]
    if wrong:
        return f"it lacks {', '.join(wrong)}"
    try:
        instant_of(content)
    except ValueError:
        return f"its date is {content['made_at']!r}"
    return ""


def _edited(content: Mapping[str, Any], stem: str, dated: bool) -> str:
    expected = file_name(content).removesuffix(".json") if dated else about(content)
    if stem == expected:
        return ""
    if stem.rpartition("-")[0] == about(content):
        return f"was edited after it was stored: its date, now {content['made_at']}, does not give the hash in its name"
    return f"was edited or renamed after it was stored: by what it says now its name would be {expected}.json"


def _page_trouble(page: Path, dated: bool) -> str:
    """Say what was changed in the page beside a forecast; pages of earlier versions carry no hash."""
    if not page.is_file():
        return ""
    sealed = SEALED.fullmatch(page.read_text(encoding="utf-8", errors="replace"))
    if sealed is None:
        return f"has a page, {page.name}, that was edited after it was stored: its last line is gone" if dated else ""
    same = sha256(sealed["page"].encode()).hexdigest() == sealed["hash"]
    return "" if same else f"has a page, {page.name}, that was edited after it was stored"


def _hash(content: Mapping[str, Any]) -> str:
    return sha256(text_of(content).encode()).hexdigest()[:DIGITS]
