"""JSON that somebody else wrote."""

import json

from lambdas.domain.event_fields import MalformedEvent


def read_json(text: str, what: str) -> object:
    """Return what a text holds; raises MalformedEvent naming it."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedEvent(what, "JSON", text) from error
