"""What a rule's pattern is known by, where the pattern itself would be too long."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stacks.event_patterns import EventPattern


def digest(pattern: EventPattern, account: str | None = None) -> str:
    """Return what lambdas.domain.coverage.rules knows the rule by; with a + it takes read-only calls too."""
    text = json.dumps(pattern.document(account=account), sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:12] + ("+" if pattern.read_only_calls else "")
