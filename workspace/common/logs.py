"""One line of JSON for each event: a constant message and its fields.

What an exception says is left out, since its words may be somebody's; its type and its place are enough to find it.
"""

import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

# The request that this code works for; every line of the log carries it.
request_id: ContextVar[str] = ContextVar("request_id", default="")


class RequestNamed(logging.Filter):
    """Adds the request that a line belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class Lines(JsonFormatter):
    """Time, level, logger, message, request and the fields of `extra`."""

    def __init__(self) -> None:
        fields = "{asctime}{levelname}{name}{message}{request_id}"
        super().__init__(fields, style="{", rename_fields=RENAMED, reserved_attrs=[*RESERVED_ATTRS, "color_message"])

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """RFC 3339 in UTC."""
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def formatException(self, ei: Any) -> str:
        """Type and frames, from the outermost in."""
        kind, _, trace = ei
        frames = [f"{at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(trace)]
        return " < ".join([kind.__qualname__ if kind else "", *reversed(frames)])


RENAMED = {"asctime": "time", "levelname": "level", "name": "logger"}


def configuration(level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, which whoever runs the process keeps."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request": {"()": RequestNamed}},
        "formatters": {"lines": {"()": Lines}},
        "handlers": {
            "lines": {"class": "logging.StreamHandler", "formatter": "lines", "filters": ["request"]},
            "nothing": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["lines"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # Their lines quote the address of the request. The middleware writes its own, without anybody's words.
            "django.request": {"handlers": ["nothing"], "propagate": False},
            "django.security": {"handlers": ["nothing"], "propagate": False},
        },
    }
