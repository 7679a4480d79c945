"""Reads EventBridge events from JSON files."""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from embedded_aws.events.delivery import MalformedEventError, check_event
from embedded_aws.events.shape import Event

STANDARD_INPUT = "-"


class EventFileError(ValueError):
    """When a file holds no events; the message names the file and what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class FiledEvent:
    """An event and where it stands, such as `events.json[2]`."""

    origin: str
    event: Event


def read_events(files: Iterable[str]) -> list[FiledEvent]:
    """Read every event of the files, in order; `-` is standard input."""
    return [event for file in files for event in _read(file)]


def _read(file: str) -> list[FiledEvent]:
    name = "standard input" if file == STANDARD_INPUT else file
    try:
        text = sys.stdin.read() if file == STANDARD_INPUT else Path(file).read_text(encoding="utf-8")
        document = json.loads(text)
    except OSError as error:
        raise EventFileError(f"{name} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise EventFileError(f"{name} is not JSON: {error}") from error
    except RecursionError as error:
        raise EventFileError(f"{name} is nested too deeply") from error
    if not isinstance(document, list):
        return [_filed(name, document)]
    if not document:
        raise EventFileError(f"{name} holds an empty list")
    return [_filed(f"{name}[{index}]", event) for index, event in enumerate(document)]


def _filed(origin: str, event: object) -> FiledEvent:
    try:
        return FiledEvent(origin=origin, event=check_event(event))
    except MalformedEventError as error:
        raise EventFileError(f"{origin}: {error}") from error
