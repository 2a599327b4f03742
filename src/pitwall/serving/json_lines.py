"""Log lines as JSON: one object a line, with what a request's own line says beside instant, level and logger."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import orjson


class JsonLines(logging.Formatter):
    """Formats a record; a message that is a mapping stands as its entries."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "logger": record.name}
        own = dict(record.msg) if isinstance(record.msg, dict) else {"message": record.getMessage()}
        if record.exc_info:
            own["error"] = self.formatException(record.exc_info)
        return orjson.dumps({**line, **own}).decode()
