"""The sample events of tests/events, as AWS delivers them."""

from typing import Any

from tests.unit import sample_events


def sample(name: str, **envelope: object) -> dict[str, Any]:
    """Return a sample event, with fields of its envelope replaced."""
    return {**sample_events.sample(name), **envelope}
