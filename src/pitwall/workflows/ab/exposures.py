"""How often callers of the API were answered by each arm of a test, and how often the other one was asked behind them: by the log of answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pitwall.domain.project import Project
from pitwall.domain.records.ab_rows import DeclaredTest
from pitwall.workflows.serving.prediction_log import FOLDER

MARK = b'"arm":'


def exposures(project: Project, tests: Iterable[DeclaredTest]) -> dict[str, dict[str, dict[str, int]]]:
    """Return {hash of a test: {arm: {version: answers}}}; `served` was answered, `shadow` was asked behind it.

    Args:
        project: with a log of answers.
        tests: which ones.
    """
    known = list(tests)
    found: dict[str, dict[str, dict[str, int]]] = {}
    if not known:
        return found
    for path in sorted((project.state / FOLDER).glob("*.jsonl")):
        with path.open("rb") as stream:
            for text in stream:
                line = _parsed(text) if MARK in text else None
                test = line and _test_of(line, known)
                if line and test:
                    arms = found.setdefault(test.hash, {}).setdefault(line["arm"], {})
                    arms[str(line["version"])] = arms.get(str(line["version"]), 0) + 1
    return found


def _parsed(text: bytes) -> dict[str, Any] | None:
    try:
        return dict(json.loads(text))
    except ValueError:
        return None  # a line that was cut short


def _test_of(line: Mapping[str, Any], tests: list[DeclaredTest]) -> DeclaredTest | None:
    return next((test for test in tests if test.hash == line.get("test")), None)
