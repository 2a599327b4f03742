"""Every alert in `.pitwall/alerts.jsonl`, one a line, with its outcome at each sink.

An alert is written down before it is sent, so that one whose process dies in between is known and can be sent again. The file is
written anew at each change, in one step: alerts are few.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from filelock import FileLock

from pitwall.domain.errors import AlertError
from pitwall.domain.files import write_atomically
from pitwall.domain.project import Project
from pitwall.domain.records.alerts import Alert, KeptAlert


class AlertJournal:
    """The alerts of a project."""

    def __init__(self, project: Project) -> None:
        self._path = project.alerts

    def add(self, alert: Alert) -> bool:
        """Write an alert down; False where the same one is there already."""
        with self._locked():
            kept = self.alerts()
            if any(each.alert.key == alert.key for each in kept):
                return False
            self._write([*kept, KeptAlert(alert)])
            return True

    def settle(self, alert: Alert, outcomes: Mapping[str, str]) -> None:
        """Write down what became of an alert at some sinks."""
        with self._locked():
            kept = self.alerts()
            self._write([replace(k, sinks={**k.sinks, **outcomes}) if k.alert.key == alert.key else k for k in kept])

    def alerts(self) -> list[KeptAlert]:
        """Return all alerts, oldest first.

        Raises:
            AlertError: the file was edited or damaged.
        """
        text = self._path.read_text(encoding="utf-8") if self._path.is_file() else ""
        try:
            return [KeptAlert.from_row(json.loads(line)) for line in text.splitlines() if line.strip()]
        except (ValueError, KeyError, TypeError):
            raise AlertError(
                f"{self._path} is not as it was written; mend it, or move it away to begin anew."
            ) from None

    def _locked(self) -> FileLock:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(self._path.with_suffix(".lock"))

    def _write(self, kept: list[KeptAlert]) -> None:
        write_atomically(self._path, "".join(json.dumps(each.row(), ensure_ascii=False) + "\n" for each in kept))
