"""Log lines as JSON: one object a line, with what a request's own line says beside instant, level and logger."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import orjson


class JsonLines(logging.Formatter):
    """Formats a record; a message that is a JSON object itself is taken apart."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "logger": record.name}
        message = record.getMessage()
        own = (
            orjson.loads(message)
            if message.startswith("{") and record.name.startswith("pitwall.serving")
            else {"message": message}
        )
        if record.exc_info:
            own["error"] = self.formatException(record.exc_info)
        return orjson.dumps({**line, **own}).decode()
