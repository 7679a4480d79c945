"""The sample events of tests/events, as the functions get them."""

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

from rootwarden.activity.watch import read_record
from rootwarden.cloudtrail import CloudTrailRecord
from rootwarden.events import Envelope

DIRECTORY = Path(__file__).parents[1] / "events"
NAMES = sorted(path.stem for path in DIRECTORY.glob("*.json"))


@cache
def _text(name: str) -> str:
    return (DIRECTORY / f"{name}.json").read_text()


def sample(name: str, **detail: object) -> dict[str, Any]:
    """Return a sample event, with some of the detail's fields replaced."""
    event: dict[str, Any] = json.loads(_text(name))
    event["detail"].update(copy.deepcopy(detail))
    return event


def envelope(event: str | dict[str, Any]) -> Envelope:
    """Return an event, or the sample of that name, as the domain reads it."""
    return Envelope.from_json(json.dumps(sample(event) if isinstance(event, str) else event))


def record(event: str | dict[str, Any]) -> CloudTrailRecord:
    """Return an event, or the sample of that name, as a CloudTrail record."""
    return read_record(envelope(event))
