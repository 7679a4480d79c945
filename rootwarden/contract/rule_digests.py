"""Short digests of event patterns: whole patterns do not fit into a function's environment."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rootwarden.contract.pattern import EventPattern

# After a rule's digest: it takes read-only calls as well.
READ_ONLY_TOO = "+"


def rule_digest(pattern: EventPattern, account: str | None = None) -> str:
    """Return what the rule of a pattern is known by, pinned to `account` where one is given."""
    document = pattern.document(account=account)
    return pattern_digest(document) + (READ_ONLY_TOO if pattern.read_only_calls else "")


def pattern_digest(document: Any) -> str:
    """Return what a pattern's JSON is known by, whatever policies' ids it names.

    CloudFormation alone knows the deny-root policy's id.
    """
    text = json.dumps(_without_policy_ids(document), sort_keys=True, separators=(",", ":"))
    # Short, as all of them have to fit into a function's environment: eight characters for six bytes.
    return urlsafe_b64encode(sha256(text.encode()).digest()[:6]).decode()


def _without_policy_ids(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: [] if name == "policyId" else _without_policy_ids(each) for name, each in value.items()}
    return [_without_policy_ids(each) for each in value] if isinstance(value, list) else value
