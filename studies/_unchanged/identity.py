"""What names a run and nothing else, replaced by a word in every text: ids, commits, content hashes, instants since it began.

A content hash is replaced by the folder that it belongs to, so that a document that names the hash of another folder still
differs. An instant is one of the run if it is not before the first raw snapshot.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pitwall.adapters.git import git
from pitwall.domain.refs import folder_hash
from pitwall.domain.renames import phrase, renames

SHORT = (16, 12, 10)  # how documents abbreviate a hash
INSTANT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:\+00:00|Z)?)?")
STAMP = re.compile(r"\b\d{8}T\d{6}-[0-9a-f]{8}\b")
UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")  # of a flow run
HEX = re.compile(r"\b[0-9a-f]{10,64}\b")


@dataclass(frozen=True)
class Side:
    """One run of the job: its folder."""

    root: Path

    @cached_property
    def models(self) -> tuple[str, ...]:
        """The registered names that were trained."""
        return tuple(sorted(path.name for path in (self.root / "models").glob("*") if path.is_dir()))

    @cached_property
    def words(self) -> dict[str, str]:
        """Return {hash or id: word}."""
        known = {
            folder_hash(folder): f"<content of {name}/{folder.name}>"
            for name in self.models
            for folder in sorted((self.root / "models" / name).iterdir())
            if folder.is_dir()
        }
        known |= {path.parent.name: "<run>" for path in (self.root / "mlruns" / "artifacts").glob("*/*/artifacts")}
        commit = _commit(self.root)
        return known | {commit: "<commit>"} if commit else known

    @cached_property
    def began(self) -> str:
        """The instant of the first snapshot, as ISO text; before anything if there is none."""
        names = sorted(path.name for path in (self.root / "data" / "raw").glob("*/[0-9]*T*"))
        found = re.match(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)", names[0]) if names else None
        return "{}-{}-{}T{}:{}:{}".format(*found.groups()) if found else ""

    def text(self, text: str) -> str:
        """Return a text as it is worded now, with what names the run replaced by words."""
        text = UUID.sub("<flow run>", STAMP.sub("<snapshot>", phrase(text)))
        text = HEX.sub(lambda found: self._word(found.group()), text)
        return INSTANT.sub(lambda found: self._instant(found.group()), text) if self.began else text

    def _word(self, found: str) -> str:
        if found in self.words:
            return self.words[found]
        if len(found) in SHORT:
            return next((word for whole, word in self.words.items() if whole.startswith(found)), found)
        return found

    def _instant(self, found: str) -> str:
        day = len(found) == len("2026-01-01")
        own = self.began[: len(found)] if day else self.began[:16]
        return ("<day>" if day else "<instant>") if found[: len(own)].replace(" ", "T") >= own else found


def _commit(root: Path) -> str:
    """Return the commit of a project; empty outside git."""
    try:
        return git(root, "rev-parse", "HEAD").strip()
    except subprocess.CalledProcessError:
        return ""


def renamed(value: Any) -> Any:
    """Return a document with the gates and estimators of today, in keys, values and sentences of both sides alike."""
    if isinstance(value, str):
        return _WORDS.sub(lambda found: _NEW[found.group()], value)
    if isinstance(value, Mapping):
        return {renamed(key) if isinstance(key, str) else key: renamed(each) for key, each in value.items()}
    if isinstance(value, Iterable):
        return [renamed(each) for each in value]
    return value


_NEW = {**renames().gates, **renames().estimators["order"]}
# whole words; not the library (`version.xgboost`, `xgboost 3.2.0`), not a sentence about openings of seasons
_WORDS = re.compile(
    "|".join(
        [
            *(rf"^{re.escape(name)}$" for name in renames().gates),
            *(rf"(?<![\w.]){re.escape(name)}(?![\w.]| \d)" for name in renames().estimators["order"]),
        ]
    )
)
