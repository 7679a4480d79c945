"""What a rule's pattern is known by, where the pattern itself would be too long."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stacks.event_patterns import EventPattern


def digest(pattern: EventPattern, account: str | None = None) -> str:
    """Return what lambdas.domain.coverage.rules knows the rule by; with a + it takes read-only calls too.

    Ids of policies are left out: CloudFormation alone knows the deny-root policy's.
    """
    document = without_policy_ids(pattern.document(account=account))
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:12] + ("+" if pattern.read_only_calls else "")


def without_policy_ids(value: Any) -> Any:
    """Return a pattern's JSON value with no policy's id in it."""
    if isinstance(value, Mapping):
        return {name: [] if name == "policyId" else without_policy_ids(each) for name, each in value.items()}
    return [without_policy_ids(each) for each in value] if isinstance(value, list) else value
