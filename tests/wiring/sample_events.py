"""The sample events of tests/events, by name."""

import json
from pathlib import Path
from typing import Any

_EVENTS = Path(__file__).parent.parent / "events"

MANAGEMENT, HUB, MEMBER = "111122223333", "222233334444", "444455556666"
EXEMPT, SUSPENDED = "555566667777", "666677778888"


def sample(name: str, **envelope: object) -> dict[str, Any]:
    """Return a sample event, with fields of its envelope replaced."""
    event: dict[str, Any] = json.loads((_EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return {**event, **envelope}
