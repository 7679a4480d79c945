"""The functions' log, as a test reads it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from rootwarden.aws.clients import logger


class LogLines(logging.Handler):
    """Keeps every record."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def of(self, *messages: str) -> list[logging.LogRecord]:
        """Return the records with one of these messages."""
        return [record for record in self.records if record.getMessage() in messages]

    def whys(self, message: str) -> list[str]:
        """Return the reasons given with a message."""
        return [str(getattr(record, "why", "")) for record in self.of(message)]


@contextmanager
def captured_log() -> Iterator[LogLines]:
    """Capture what the functions log."""
    lines = LogLines()
    plain = logging.getLogger(logger.name)
    plain.addHandler(lines)
    try:
        yield lines
    finally:
        plain.removeHandler(lines)
