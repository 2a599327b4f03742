"""The `console` sink: a warning in the log, which a command shows and Prefect keeps."""

from __future__ import annotations

import logging

from pitwall.adapters.alerts.machinery.sink import NoSettings, Sink
from pitwall.domain.records.alerts import Alert

log = logging.getLogger(__name__)


def send(alert: Alert, settings: NoSettings, allowed: tuple[str, ...]) -> None:
    """Log the alert as one line."""
    log.warning("%s", alert.line)


SINK = Sink("console", "a warning in the log", send)
